import { mailbox } from './email.ts';

/** The name that a contact signs in with: its username, else its e-mail address; null if it has neither. */
export function usernameOf({ username, email }: { username: string | null; email: string | null }): string | null {
  return username ?? email;
}

/** A username as text to compare: folded, so that what looks alike is equal; an e-mail address as its mailbox. */
export function usernameKey(username: string): string {
  return mailbox(username.normalize('NFKC'));
}

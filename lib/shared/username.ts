import { mailbox } from './email.ts';

/** What a contact signs in with: the username that it was given, else its e-mail address; null where it has neither. */
export function usernameOf({ username, email }: { username: string | null; email: string | null }): string | null {
  return username ?? email;
}

/** A username as text to compare: case folded, look-alike forms as one; an e-mail address as the mailbox that it reaches. */
export function usernameKey(username: string): string {
  return mailbox(username.normalize('NFKC'));
}

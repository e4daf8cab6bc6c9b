import { mailbox, REACHABLE } from '../../shared/email.ts';
import type { InputFault } from '../../shared/errors.ts';
import { fullName } from '../../shared/full-name.ts';
import type { ClientId, ContactId } from '../../shared/ids.ts';
import { usernameKey, usernameOf } from '../../shared/username.ts';
import { toE164 } from '../phones.ts';
import type { ContactInput, StoredClient, StoredContact } from '../schema.ts';

interface NewContactContext {
  id: ContactId;
  clientId: ClientId;
  isPrimary: boolean;
  /** ISO 3166-1 alpha-2: the country of a phone number that has no country code. */
  country: string | null;
  at: string;
}

/** The stored form of a new contact. */
export async function newContact(
  { account: _account, ...input }: ContactInput,
  { id, clientId, isPrimary, country, at }: NewContactContext,
): Promise<StoredContact> {
  return {
    ...input,
    emailStatus: REACHABLE,
    phoneE164: input.phone === null ? null : await toE164(input.phone, country),
    id,
    clientId,
    isPrimary,
    portal: { status: 'none', username: usernameOf(input), invitedAt: null, lastSignInAt: null, lockedUntil: null },
    credentialGeneration: 0,
    createdAt: at,
    updatedAt: at,
    version: 1,
  };
}

/** The copy of the primary contact that is stored in the client, for lists. */
export function primaryOf(contacts: readonly StoredContact[]): StoredClient['primaryContact'] {
  const primary = contacts.find(({ isPrimary }) => isPrimary);
  return primary ? { id: primary.id, name: fullName(primary), email: primary.email } : null;
}

/** JSON pointers of these fields of all contacts in the body of a client; at least of a first one, which may be missing. */
export function pointersInContacts(contacts: readonly unknown[], fields: readonly string[]): string[] {
  const places = Array.from({ length: Math.max(1, contacts.length) }, (_, index) => index);
  return places.flatMap((index) => fields.map((field) => `/contacts/${index}/${field}`));
}

/** A fault for each e-mail address and username that an earlier contact of the same body uses too. */
export function duplicateFaults(contacts: readonly ContactInput[]): InputFault[] {
  const emails = new Set<string>();
  const usernames = new Set<string>();
  return contacts.flatMap((contact, index) => {
    const { email, username } = contact;
    const fault = (field: string): InputFault => ({
      pointer: `/contacts/${index}/${field}`,
      code: 'duplicate',
      detail: 'An earlier contact in this request has the same value.',
    });
    const box = email === null ? undefined : mailbox(email);
    if (box !== undefined && emails.has(box)) return [fault('email')];
    if (box !== undefined) emails.add(box);
    const name = usernameOf(contact);
    const key = name === null ? undefined : usernameKey(name);
    if (key !== undefined && usernames.has(key)) return [fault(username === null ? 'email' : 'username')];
    if (key !== undefined) usernames.add(key);
    return [];
  });
}

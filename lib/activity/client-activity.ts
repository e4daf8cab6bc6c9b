import { ClientChange, ContactChange, type StoredClient, type StoredContact } from '../clients/schema.ts';
import { fullName } from '../shared/full-name.ts';
import { changesBetween, type FieldChange } from './diff.ts';
import type { ActivityAction, ActivitySubject, Author, Happened } from './schema.ts';

/** Fields of which only the name is kept: they are not for everybody who may read the activity for ever. */
export const PRIVATE_FIELDS = ['privateNotes'];

const CLIENT_FIELDS = [...Object.keys(ClientChange.shape), 'archivedAt'];
const CONTACT_FIELDS = Object.keys(ContactChange.shape);

const picked = (record: object, fields: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name)));

/** What callers know of a client: without copies, and without what follows from other fields. */
function told(client: StoredClient): Record<string, unknown> {
  return { ...picked(client, CLIENT_FIELDS), phones: client.phones.map(({ e164: _read, ...phone }) => phone) };
}

/** The same of a contact: of its account the state alone. */
function toldOfContact(contact: StoredContact): Record<string, unknown> {
  return {
    ...picked(contact, CONTACT_FIELDS),
    emailStatus: contact.emailStatus.status,
    portal: { status: contact.portal.status },
  };
}

const ofClient = ({ id, displayName }: StoredClient): ActivitySubject => ({ type: 'client', id, label: displayName });

const ofContact = (contact: StoredContact): ActivitySubject => ({
  type: 'contact',
  id: contact.id,
  label: fullName(contact) ?? contact.email ?? '',
});

/** What is done to a client itself: what changed by it is seen from the client. */
export interface ClientAct {
  by: Author;
  action: Extract<ActivityAction, `client.${string}`>;
}

export function clientCreated(by: Author, client: StoredClient, contacts: readonly StoredContact[]): Happened {
  const whole = { ...told(client), contacts: contacts.map(toldOfContact) };
  const changes = changesBetween(undefined, whole, PRIVATE_FIELDS);
  return { by, action: 'client.created', subject: ofClient(client), changes };
}

export function clientChanged({ by, action }: ClientAct, before: StoredClient, after: StoredClient): Happened {
  const changes = changesBetween(told(before), told(after), PRIVATE_FIELDS);
  return { by, action, subject: ofClient(after), changes };
}

/** A contact that comes, changes or goes, of all contacts of its client before and after. */
export function contactChanged(
  by: Author,
  action: ActivityAction,
  id: StoredContact['id'],
  [before, after]: readonly [readonly StoredContact[], readonly StoredContact[]],
): Happened {
  const [was, is] = [before, after].map((contacts) => contacts.find((contact) => contact.id === id));
  const subject = is ?? was;
  if (!subject) throw new Error('the contact is neither among those before nor among those after');
  const own = changesBetween(was && toldOfContact(was), is && toldOfContact(is), PRIVATE_FIELDS);
  return { by, action, subject: ofContact(subject), changes: [...own, ...primaryMoved(before, after)] };
}

/** That another contact of the client is the primary one from now on. */
function primaryMoved(before: readonly StoredContact[], after: readonly StoredContact[]): FieldChange[] {
  const [was, is] = [before, after].map((contacts) => contacts.find(({ isPrimary }) => isPrimary)?.id ?? null);
  if (!was || !is || was === is) return [];
  return [{ field: 'client.primaryContact', from: was, to: is }];
}

export function userLinked(
  by: Author,
  action: 'user.linked' | 'user.unlinked',
  user: { id: string; name: string },
): Happened {
  return { by, action, subject: { type: 'user', id: user.id, label: user.name }, changes: [] };
}

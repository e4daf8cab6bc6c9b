import { ClientChange, ContactChange, type StoredClient, type StoredContact } from '../clients/schema.ts';
import { fullName } from '../shared/full-name.ts';
import { changesBetween, type FieldChange, redactedChange } from './diff.ts';
import type { ActivityAction, ActivityEvent, ActivitySubject, Author } from './schema.ts';

/** Fields whose values are not recorded, because the activity has more readers and is kept longer than the record. */
export const PRIVATE_FIELDS = ['privateNotes'];

const CLIENT_FIELDS = [...Object.keys(ClientChange.shape), 'archivedAt'];
const CONTACT_FIELDS = Object.keys(ContactChange.shape);

const pickFields = (record: object, fields: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name)));

/** The fields of a client that the activity records: those that callers write, without derived values. */
function auditedFields(client: StoredClient): Record<string, unknown> {
  return { ...pickFields(client, CLIENT_FIELDS), phones: client.phones.map(({ e164: _derived, ...phone }) => phone) };
}

/** The fields of a contact that the activity records. Of its portal account, only the status. */
function auditedContactFields(contact: StoredContact): Record<string, unknown> {
  return {
    ...pickFields(contact, CONTACT_FIELDS),
    emailStatus: contact.emailStatus.status,
    portal: { status: contact.portal.status },
  };
}

const clientSubject = ({ id, displayName }: StoredClient): ActivitySubject => ({
  type: 'client',
  id,
  label: displayName,
});

const contactSubject = (contact: StoredContact): ActivitySubject => ({
  type: 'contact',
  id: contact.id,
  label: fullName(contact) ?? contact.email ?? '',
});

/** A change of a client itself. The changed fields follow from the client before and after. */
export interface ClientAct {
  by: Author;
  action: Extract<ActivityAction, `client.${string}`>;
}

export function clientCreated(by: Author, client: StoredClient, contacts: readonly StoredContact[]): ActivityEvent {
  const fields = { ...auditedFields(client), contacts: contacts.map(auditedContactFields) };
  const changes = changesBetween(undefined, fields, PRIVATE_FIELDS);
  return { by, action: 'client.created', subject: clientSubject(client), changes };
}

export function clientChanged({ by, action }: ClientAct, before: StoredClient, after: StoredClient): ActivityEvent {
  const changes = changesBetween(auditedFields(before), auditedFields(after), PRIVATE_FIELDS);
  return { by, action, subject: clientSubject(after), changes };
}

/** A contact that was created, changed or deleted. `before` and `after` are all contacts of its client. */
export function contactChanged(
  by: Author,
  action: ActivityAction,
  id: StoredContact['id'],
  [before, after]: readonly [readonly StoredContact[], readonly StoredContact[]],
): ActivityEvent {
  const [contactBefore, contactAfter] = [before, after].map((contacts) =>
    contacts.find((contact) => contact.id === id),
  );
  const contact = contactAfter ?? contactBefore;
  if (!contact) throw new Error('the contact exists neither before nor after');
  const fieldChanges = changesBetween(
    contactBefore && auditedContactFields(contactBefore),
    contactAfter && auditedContactFields(contactAfter),
    PRIVATE_FIELDS,
  );
  return {
    by,
    action,
    subject: contactSubject(contact),
    changes: [...fieldChanges, ...passwordChange(contactBefore, contactAfter), ...primaryContactChange(before, after)],
  };
}

/** A new password of the contact, without its value. Each counts the generation of the credentials up. */
function passwordChange(before: StoredContact | undefined, after: StoredContact | undefined): FieldChange[] {
  const [from, to] = [before?.credentialGeneration ?? 0, after?.credentialGeneration ?? 0];
  return to > from ? [redactedChange('portal.password')] : [];
}

/** The change of the client's primary contact, if another contact has become the primary one. */
function primaryContactChange(before: readonly StoredContact[], after: readonly StoredContact[]): FieldChange[] {
  const [from, to] = [before, after].map((contacts) => contacts.find(({ isPrimary }) => isPrimary)?.id ?? null);
  if (!from || !to || from === to) return [];
  return [{ field: 'client.primaryContact', from, to }];
}

export function userLinked(
  by: Author,
  action: 'user.linked' | 'user.unlinked',
  user: { id: string; name: string },
): ActivityEvent {
  return { by, action, subject: { type: 'user', id: user.id, label: user.name }, changes: [] };
}

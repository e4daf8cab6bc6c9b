import { isDeepStrictEqual } from 'node:util';
import { contactChanged } from '../../activity/client-activity.ts';
import { type ActivityAction, authorOf } from '../../activity/schema.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, ContactId } from '../../shared/ids.ts';
import type { Caller } from '../../shared/principal.ts';
import { retryWhile } from '../../shared/retry.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit, Write } from '../../table/transaction.ts';
import { displayName } from '../display-name.ts';
import type { ClientRepository, ClientWithContacts } from '../repository.ts';
import type { StoredClient, StoredContact } from '../schema.ts';
import { primaryOf } from './new-contact.ts';

/** Who makes a change: a caller, or the system itself. */
export interface Changer extends Pick<Caller, 'companyId' | 'name' | 'activityDays'> {
  kind: Caller['kind'] | 'system';
  id: string;
}

export interface ContactChangeDeps {
  clients: Pick<ClientRepository, 'profile' | 'writesToReplace'>;
  /** The writes that replace the contacts `before` of a client by `after`. */
  writesToReplaceContacts: (
    company: Caller['companyId'],
    before: readonly StoredContact[],
    after: readonly StoredContact[],
  ) => readonly Write[];
  source: Source;
}

/**
 * Changes the contacts of a client: reads the client with its contacts, lets `apply` return the new contacts, and
 * writes contacts and client in one transaction. Retries when another change was faster. That is safe with If-Match
 * too, because it names the version of the contact, which `apply` checks in each attempt. Two calls.
 */
export function contactChanges({ clients, writesToReplaceContacts, source }: ContactChangeDeps) {
  return async (
    caller: Changer,
    clientId: ClientId,
    what: { action: ActivityAction; id: ContactId },
    apply: (present: ClientWithContacts, at: string) => Promise<StoredContact[]>,
    commit: Commit<readonly StoredContact[]>,
  ): Promise<StoredContact[]> => {
    const { companyId } = caller;
    return retryWhile(
      (error) => error === conflict,
      async () => {
        const present = await clients.profile(companyId, clientId);
        if (!present) throw new Problem('not-found');
        const at = source.now().toISOString();
        const changed = await apply(present, at);
        if (isDeepStrictEqual(changed, present.contacts)) return changed;
        const after = sortById(withNewVersions(present.contacts, changed, at));
        const happened = contactChanged(authorOf(caller), what.action, what.id, [present.contacts, after]);
        const client = clients.writesToReplace(
          companyId,
          present.client,
          withCopiesOfContacts(present.client, after, at),
          happened,
        );
        await commit([...client, ...writesToReplaceContacts(companyId, present.contacts, after)], after).catch(
          (error: unknown) => {
            throw isConflict(error) ? conflict : error;
          },
        );
        return after;
      },
    );
  };
}

export type ContactChanges = ReturnType<typeof contactChanges>;

const conflict = new Error('another change was faster');

/** Whether the client or a contact was changed or deleted after it was read. */
function isConflict(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
}

/** The table returns contacts in the order of their ids, so an answer has the same order. */
function sortById(contacts: readonly StoredContact[]): StoredContact[] {
  return contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Gives each contact that changed a new version. */
function withNewVersions(
  before: readonly StoredContact[],
  after: readonly StoredContact[],
  at: string,
): StoredContact[] {
  return after.map((contact) => {
    const previous = before.find(({ id }) => id === contact.id);
    if (!previous || isDeepStrictEqual(previous, contact)) return contact;
    return { ...contact, updatedAt: at, version: previous.version + 1 };
  });
}

/** The client with what it copies from its contacts. */
function withCopiesOfContacts(client: StoredClient, contacts: readonly StoredContact[], at: string): StoredClient {
  return {
    ...client,
    displayName: displayName(client.name, contacts),
    primaryContact: primaryOf(contacts),
    updatedAt: at,
    version: client.version + 1,
  };
}

/** The contact with the id. @throws Problem `not-found`, or `stale-version` if If-Match does not name its version */
export function getContactOrThrow(
  contacts: readonly StoredContact[],
  id: ContactId,
  ifMatch?: readonly number[],
): StoredContact {
  const contact = contacts.find((other) => other.id === id);
  if (!contact) throw new Problem('not-found');
  if (ifMatch && !ifMatch.includes(contact.version)) throw new Problem('stale-version');
  return contact;
}

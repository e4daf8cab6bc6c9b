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

/** Who makes a change. */
export interface Changer extends Pick<Caller, 'companyId' | 'name' | 'activityDays'> {
  kind: Caller['kind'] | 'system';
  id: string;
}

export interface ContactChangeDeps {
  clients: Pick<ClientRepository, 'profile' | 'writesToReplace'>;
  /** The writes that make the first contacts of a client into the second. */
  moved: (
    company: Caller['companyId'],
    before: readonly StoredContact[],
    after: readonly StoredContact[],
  ) => readonly Write[];
  source: Source;
}

/**
 * How contacts change: it reads the client with its contacts, has `apply` make others of them, and writes both. Again where
 * another change came between: what a caller's If-Match names is the contact's version, which `apply` looks at. Two calls.
 */
export function contactChanges({ clients, moved, source }: ContactChangeDeps) {
  return async (
    caller: Changer,
    clientId: ClientId,
    what: { action: ActivityAction; id: ContactId },
    apply: (present: ClientWithContacts, at: string) => Promise<StoredContact[]>,
    commit: Commit<readonly StoredContact[]>,
  ): Promise<StoredContact[]> => {
    const { companyId } = caller;
    return retryWhile(
      (error) => error === overtaken,
      async () => {
        const present = await clients.profile(companyId, clientId);
        if (!present) throw new Problem('not-found');
        const at = source.now().toISOString();
        const wanted = await apply(present, at);
        if (isDeepStrictEqual(wanted, present.contacts)) return wanted;
        const after = inOrder(stamped(present.contacts, wanted, at));
        const happened = contactChanged(authorOf(caller), what.action, what.id, [present.contacts, after]);
        const client = clients.writesToReplace(
          companyId,
          present.client,
          clientWith(present.client, after, at),
          happened,
        );
        await commit([...client, ...moved(companyId, present.contacts, after)], after).catch((error: unknown) => {
          throw isConflict(error) ? overtaken : error;
        });
        return after;
      },
    );
  };
}

export type ContactChanges = ReturnType<typeof contactChanges>;

const overtaken = new Error('another change came between');

/** Whether a write met a client or contact that changed, or went, after it was read. */
function isConflict(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
}

/** Contacts in the order of their ids, which is the order in which the table keeps them. */
function inOrder(contacts: readonly StoredContact[]): StoredContact[] {
  return contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What differs from before has a new version. */
function stamped(before: readonly StoredContact[], after: readonly StoredContact[], at: string): StoredContact[] {
  return after.map((contact) => {
    const was = before.find(({ id }) => id === contact.id);
    return !was || isDeepStrictEqual(was, contact) ? contact : { ...contact, updatedAt: at, version: was.version + 1 };
  });
}

function clientWith(client: StoredClient, contacts: readonly StoredContact[], at: string): StoredClient {
  return {
    ...client,
    displayName: displayName(client.name, contacts),
    primaryContact: primaryOf(contacts),
    updatedAt: at,
    version: client.version + 1,
  };
}

/** The contact with the id. @throws Problem `not-found`, or `stale-version` where If-Match names another version */
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

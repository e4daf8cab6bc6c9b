import { isDeepStrictEqual } from 'node:util';
import { contactChanged } from '../../activity/client-activity.ts';
import { type ActivityAction, authorOf } from '../../activity/schema.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, ContactId } from '../../shared/ids.ts';
import type { Caller } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Write } from '../../table/table.ts';
import { displayName } from '../display-name.ts';
import type { ClientRepository, ClientWithContacts } from '../repository.ts';
import type { StoredClient, StoredContact } from '../schema.ts';
import { primaryOf } from './new-contact.ts';

/** Rounds of a change that finds its client changed by another one. */
const MAX_ROUNDS = 8;

/** Who makes a change. */
export interface Changer extends Pick<Caller, 'companyId' | 'name' | 'activityDays'> {
  kind: Caller['kind'] | 'system';
  id: string;
}

export interface ContactChangeDeps {
  clients: Pick<ClientRepository, 'profile' | 'replace'>;
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
    alongside: (after: readonly StoredContact[]) => readonly Write[],
  ): Promise<StoredContact[]> => {
    const { companyId } = caller;
    for (let round = 1; ; round++) {
      const present = await clients.profile(companyId, clientId);
      if (!present) throw new Problem('not-found');
      const at = source.now().toISOString();
      const wanted = await apply(present, at);
      if (isDeepStrictEqual(wanted, present.contacts)) return wanted;
      const after = inOrder(stamped(present.contacts, wanted, at));
      try {
        const happened = contactChanged(authorOf(caller), what.action, what.id, [present.contacts, after]);
        await clients.replace(companyId, present.client, clientWith(present.client, after, at), happened, [
          ...moved(companyId, present.contacts, after),
          ...alongside(after),
        ]);
        return after;
      } catch (error) {
        const overtaken = error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
        if (!overtaken) throw error;
        if (round === MAX_ROUNDS) throw new Problem('write-conflict', { retryAfter: 1 });
      }
    }
  };
}

export type ContactChanges = ReturnType<typeof contactChanges>;

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

/** The contact with the id, of contacts that were just written. */
export function one(contacts: readonly StoredContact[], id: ContactId): StoredContact {
  const contact = contacts.find((other) => other.id === id);
  if (!contact) throw new Error('the contact is not among those that were written');
  return contact;
}

/** @throws Problem `not-found`, or `stale-version` where If-Match names another version */
export function found(
  contacts: readonly StoredContact[],
  id: ContactId,
  ifMatch: readonly number[] | undefined,
): StoredContact {
  const contact = contacts.find((other) => other.id === id);
  if (!contact) throw new Problem('not-found');
  if (ifMatch && !ifMatch.includes(contact.version)) throw new Problem('stale-version');
  return contact;
}

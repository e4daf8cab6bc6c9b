import { type ClientAct, clientChanged, clientCreated } from '../activity/client-activity.ts';
import type { ActivityEvent, Author } from '../activity/schema.ts';
import { activityWrites } from '../activity/writes.ts';
import { type OpenInvoice, openInvoiceEntity } from '../billing/invoices/schema.ts';
import { type RecordCounts, recordCountsEntity } from '../billing/records/counts-schema.ts';
import { documentCountEntity } from '../documents/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { type InputFault, Problem, problems } from '../shared/errors.ts';
import {
  ActivityId,
  type ClientId,
  type CompanyId,
  type GroupId,
  generalGroupId,
  idOfChange,
  type PricingId,
} from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, type Entity, entityOf, type ItemSchema, readItem } from '../table/entity.ts';
import { clientIndexKeys, type Key, keys, ranges } from '../table/keys.ts';
import { getItem, getItems, queryAll, queryPage } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import type { Refusal } from '../table/write.ts';
import { contactWrites, guardsOfContacts } from './contacts/repository.ts';
import { type Guard, takenFaults } from './guards.ts';
import { membership, NO_SUCH_GROUP, NO_SUCH_PRICING } from './membership.ts';
import { clientEntity, contactEntity, guardEntity, type StoredClient, type StoredContact } from './schema.ts';
import { plainVatNumber, VatNumberHeld } from './vat-guard.ts';

export interface ClientWithContacts {
  client: StoredClient;
  contacts: StoredContact[];
}

export interface ClientWithAmounts {
  client: StoredClient;
  /** The invoices that wait for money, the oldest due date first. */
  open: OpenInvoice[];
  documents: number;
  counts: RecordCounts;
}

/** The attributes of a client that only operations on its money write. */
const ACCOUNT_ATTRIBUTES = ['balances', 'ledger', 'accountVersion', 'hasBalance', 'balanceOrder'];

/** A guard to create: its refusal can read the guard that is there. */
interface GuardWrite {
  key: Key;
  refusal: Refusal;
}

/**
 * Clients with their contacts, and the guards of their unique fields. Every write includes an activity entry, so
 * callers pass who acts and what is done.
 */
export function clientRepository(table: Table) {
  const on = writes(table.name);
  const contactItems = contactWrites(table.name);
  const memberships = membership(table);
  const activity = activityWrites(table.name);

  function clientItem(company: CompanyId, client: StoredClient): Item {
    return { ...asItem(clientEntity, client), ...clientIndexKeys(company, client) };
  }

  /** A new client has no account until its first transaction: the defaults stand for it, and take no space. */
  function newClientItem(company: CompanyId, client: StoredClient): Item {
    const { ledger: _ledger, accountVersion: _version, ...item } = clientItem(company, client);
    return item;
  }

  /** The guards of what is unique in a company: number and idNumber. */
  function uniqueGuards(company: CompanyId, { number, idNumber }: StoredClient): Guard[] {
    return [
      // A client that is being created has no number yet.
      ...(number === ''
        ? []
        : [{ key: keys.clientNumber(company, number), refusal: () => takenProblem('number-taken', '/number') }]),
      ...(idNumber === null
        ? []
        : [
            {
              key: keys.clientIdNumber(company, idNumber),
              refusal: () => takenProblem('id-number-taken', '/idNumber'),
            },
          ]),
    ];
  }

  /** All guards of a client: those of what is unique, and that of a VAT number that no client had before. */
  function guardsOf(company: CompanyId, client: StoredClient): GuardWrite[] {
    const { vatNumber, holdsVatNumber } = client;
    const guards = uniqueGuards(company, client);
    if (vatNumber === null || !holdsVatNumber) return guards;
    return [...guards, { key: keys.clientVatNumber(company, plainVatNumber(vatNumber)), refusal: vatNumberHeld }];
  }

  const createGuard = ({ key, refusal }: GuardWrite, clientId: ClientId) =>
    on.create(key, asItem(guardEntity, { clientId }), refusal);

  /** The writes that replace guards. Values that differ in their spelling only have the same guard, which stays. */
  function changedGuards(before: readonly GuardWrite[], after: readonly GuardWrite[], id: ClientId): Write[] {
    const isIn = (guards: readonly GuardWrite[], { key }: GuardWrite) =>
      guards.some((other) => other.key.PK === key.PK);
    return [
      ...before.filter((guard) => !isIn(after, guard)).map(({ key }) => on.remove(key)),
      ...after.filter((guard) => !isIn(before, guard)).map((guard) => createGuard(guard, id)),
    ];
  }

  // The id derives from the client's version: each version has one entry, and entries sort in the order of versions.
  function activityEntry(
    company: CompanyId,
    { id, version, updatedAt: at }: StoredClient,
    happened: ActivityEvent,
  ): Write[] {
    return activity(company, id, { id: idOfChange(ActivityId, 'act', new Date(at), version, id), at }, happened);
  }

  return {
    /**
     * The writes that create a client with its contacts, guards and first activity entry. They are refused with
     * `number-taken`, `id-number-taken`, `email-taken` or `username-taken`, with pointers.
     */
    writesToCreate(company: CompanyId, { client, contacts }: ClientWithContacts, by: Author): Write[] {
      return [
        on.create(keys.client(company, client.id), newClientItem(company, client)),
        ...guardsOf(company, client).map((guard) => createGuard(guard, client.id)),
        ...contacts.flatMap((contact, index) => contactItems.writesToCreate(company, contact, `/contacts/${index}`)),
        ...memberships(company, undefined, client),
        ...activityEntry(company, client, clientCreated(by, client, contacts)),
      ];
    },

    /** The client with its contacts, if it exists. One call. */
    async profile(company: CompanyId, id: ClientId): Promise<ClientWithContacts | undefined> {
      const items = await queryAll(table, ranges.clientWithContacts(company, id));
      const client = items.find((item) => entityOf(item) === clientEntity.name);
      if (!client) return undefined;
      return {
        client: readItem(clientEntity, client),
        contacts: items
          .filter((item) => entityOf(item) === contactEntity.name)
          .map((item) => readItem(contactEntity, item)),
      };
    },

    /** The client without its contacts, strongly consistent. One call. */
    async client(company: CompanyId, id: ClientId): Promise<StoredClient | undefined> {
      const item = await getItem(table, keys.client(company, id), true);
      return item && readItem(clientEntity, item);
    },

    /**
     * The client with its open invoices and the numbers of its records, if it exists. One call, strongly consistent; one more
     * for each MB, which is some 5 000 open invoices.
     */
    async withAmounts(company: CompanyId, id: ClientId): Promise<ClientWithAmounts | undefined> {
      const items = await queryAll(table, ranges.clientWithAmounts(company, id));
      const read = <S extends ItemSchema>(entity: Entity<S>) =>
        items.filter((item) => entityOf(item) === entity.name).map((item) => readItem(entity, item));
      const [client] = read(clientEntity);
      const [counts] = read(recordCountsEntity);
      return (
        client && {
          client,
          open: read(openInvoiceEntity),
          documents: read(documentCountEntity).reduce((sum, { documents }) => sum + documents, 0),
          counts: counts ?? { invoices: 0, payments: 0, credits: 0 },
        }
      );
    },

    /**
     * The writes that replace `before` by `after` with its guards and counters, and add the activity entry. They are
     * refused with `stale-version` if another change was faster, and with `number-taken` and `id-number-taken`.
     */
    writesToReplace(
      company: CompanyId,
      before: StoredClient,
      after: StoredClient,
      act: ClientAct | ActivityEvent,
    ): Write[] {
      const related = memberships(company, before, after);
      const guards = changedGuards(guardsOf(company, before), guardsOf(company, after), after.id);
      // Operations on the client's money write the account at the same time, without a new version.
      const replacement = on.replaceExcept(
        ACCOUNT_ATTRIBUTES,
        keys.client(company, after.id),
        clientItem(company, after),
        before.version,
        (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
      );
      const happened = 'subject' in act ? act : clientChanged(act, before, after);
      return [replacement, ...related, ...guards, ...activityEntry(company, after, happened)];
    },

    /**
     * The faults of values that other clients and contacts have. One call. A client without a number has none to compare.
     */
    takenFaults(company: CompanyId, { client, contacts }: ClientWithContacts): Promise<InputFault[]> {
      const guards = [...uniqueGuards(company, client), ...guardsOfContacts(company, contacts)];
      return takenFaults(table, guards, ({ clientId }) => clientId === client.id);
    },

    /**
     * The faults of a group and a pricing that do not exist, found before the transaction is tried, so that a refusal names
     * every fault. The transaction has conditions of its own, because either can be deleted in between. One call; none for
     * the group General without a pricing.
     */
    async referenceFaults(
      company: CompanyId,
      {
        groupId,
        pricingId,
        pricingRequired,
      }: { groupId: GroupId; pricingId: PricingId | null; pricingRequired: boolean },
    ): Promise<InputFault[]> {
      const missing = pricingRequired && pricingId === null ? [await missingPricing(company)] : [];
      if (groupId === generalGroupId(company) && pricingId === null) return missing;
      const [group, pricing] = await getItems(table, [
        keys.group(company, groupId),
        ...(pricingId === null ? [] : [keys.pricing(company, pricingId)]),
      ]);
      const isActive = group && readItem(groupEntity, group).status === 'active';
      return [
        ...missing,
        ...(isActive ? [] : [NO_SUCH_GROUP]),
        ...(pricingId === null || pricing ? [] : [NO_SUCH_PRICING]),
      ];
    },

    async groupName(company: CompanyId, id: GroupId): Promise<string> {
      const [item] = await getItems(table, [keys.group(company, id)]);
      return item ? readItem(groupEntity, item).name : '';
    },
  };

  async function missingPricing(company: CompanyId): Promise<InputFault> {
    const { items } = await queryPage(table, { range: ranges.pricings(company), limit: 1 });
    return items.length === 0
      ? { pointer: '/pricingId', code: 'pricing-missing', detail: problems['pricing-missing'].detail }
      : { pointer: '/pricingId', code: 'required', detail: 'The company requires this field for every client.' };
  }
}

export type ClientRepository = ReturnType<typeof clientRepository>;

function vatNumberHeld(existing: Item | undefined): Error {
  // Without an item, the condition cannot have failed.
  return existing ? new VatNumberHeld(readItem(guardEntity, existing).clientId) : new Problem('write-conflict');
}

function takenProblem(code: 'number-taken' | 'id-number-taken', pointer: string): Problem {
  return new Problem(code, { errors: [{ pointer, code: 'taken', detail: 'Another client has this value.' }] });
}

import { clientEntity, contactEntity, type StoredClient } from '../clients/schema.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, entityOf, readItem } from '../table/entity.ts';
import { type Key, keys, ranges } from '../table/keys.ts';
import { queryAll } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import type { Counted } from './facets.ts';
import { type IndexState, indexItems } from './index-items.ts';
import { type ClientIndexItem, clientCountEntity, clientIndexEntity } from './schema.ts';
import { wordOfPosting } from './words.ts';

/** Seconds for which the empty index item of a deleted client prevents late runs from restoring its rows. */
const TOMBSTONE_SECONDS = 24 * 60 * 60;

/** Another run has the lease of the client, or has just changed its index item. */
export const BUSY = new Error('another run is indexing this client');

export interface ClientRef {
  company: CompanyId;
  client: ClientId;
}

/** What brings the rows and postings of a client up to date. */
export interface Plan extends ClientRef {
  /** The index item as it was read; of version 0 if there was none. */
  before: ClientIndexItem;
  after: IndexState;
  /** The spellings of what is counted after the run. */
  counted: readonly Counted[];
  puts: readonly Item[];
  deletes: readonly Key[];
}

/**
 * A transaction that counts picks one of these shards, so that concurrent transactions of a company rarely write the same
 * item, whatever they count.
 */
export const COUNT_SHARDS = 8;

/** Changes of counts that fit into a transaction with the index item. */
const MAX_COUNT_CHANGES = 90;

/** When and where a transaction counts. */
export interface CountTarget {
  shard: number;
  at: string;
}

const NOTHING: IndexState = { clientVersion: 0, accountVersion: 0, facets: [], counted: [], words: [] };

/** The index items of clients. Each is also the lease of the run that may write the rows and postings that it names. */
export function clientIndexLeases(table: Table) {
  const on = writes(table.name);

  /** The write of an index item that still has version `seen`. */
  function save({ company, client }: ClientRef, seen: number, item: Omit<ClientIndexItem, 'version'>): Write {
    const key = keys.clientIndex(company, client);
    const next = asItem(clientIndexEntity, { ...item, version: seen + 1 });
    return seen === 0 ? on.create(key, next, () => BUSY) : on.replace(key, next, seen, () => BUSY);
  }

  function countWrites(plans: readonly Plan[], { shard, at }: CountTarget): Write[] {
    return countChanges(plans).map(({ company, name, label, by }) =>
      on.update(keys.clientCount(company, name, shard), {
        UpdateExpression: `SET #entity = :entity, #schemaVersion = :schemaVersion${label === undefined ? '' : KEEP_LABEL} ADD #clients :by`,
        ExpressionAttributeNames: {
          ...{ '#entity': 'entity', '#schemaVersion': 'schemaVersion', '#clients': 'clients' },
          ...(label !== undefined && { '#label': 'label', '#labelledAt': 'labelledAt' }),
        },
        ExpressionAttributeValues: {
          ...{ ':entity': clientCountEntity.name, ':schemaVersion': clientCountEntity.version, ':by': by },
          ...(label !== undefined && { ':label': label, ':at': at }),
        },
      }),
    );
  }

  return {
    /**
     * What to write so that rows and postings are those of the client as it is now; undefined if they are. One call.
     * @throws BUSY if another run has the lease at time `now`
     */
    async plan({ company, client: id }: ClientRef, now: Date, force: boolean): Promise<Plan | undefined> {
      const { before, current } = await readClient(table, company, id);
      if (current ? !force && isUpToDate(before, current.client) : before.ttl !== undefined) return;
      if (before.leasedUntil !== undefined && before.leasedUntil > now.getTime()) throw BUSY;
      const {
        items: puts,
        state: after,
        counted,
      } = current
        ? indexItems(company, current.client, current.contacts)
        : {
            items: [],
            state: { ...NOTHING, ttl: Math.floor(now.getTime() / 1000) + TOMBSTONE_SECONDS },
            counted: [],
          };
      const deletes = [
        ...difference(before.facets, after.facets).map((facet) => keys.clientRow(company, id, facet)),
        ...difference(before.words, after.words)
          .map(wordOfPosting)
          .map(({ word, rank }) => keys.posting(company, word, rank, id)),
      ];
      return { company, client: id, before, after, counted, puts, deletes };
    },

    /**
     * Takes the lease of a client. The index item then names every row and posting that may exist from now on. One call.
     * @throws BUSY if another run has changed the index item
     */
    async take(plan: Plan, leasedUntil: number): Promise<void> {
      await transact(table, [save(plan, plan.before.version, named(plan, leasedUntil))]);
    },

    /**
     * Stops counting a leased client where it is no longer counted, if all its changes of counts do not fit into one
     * transaction. Returns the plan of what is left. One call, none for nearly all clients.
     */
    async uncount(plan: Plan, target: CountTarget, leasedUntil: number): Promise<Plan> {
      const { before, after } = plan;
      if (countsChanged(plan) <= MAX_COUNT_CHANGES) return plan;
      const kept = before.counted.filter((name) => after.counted.includes(name));
      const part = { ...plan, after: { ...after, counted: kept } };
      const item = { ...named(plan, leasedUntil), counted: kept };
      await transact(table, [save(plan, before.version + 1, item), ...countWrites([part], target)]);
      return { ...plan, before: { ...before, version: before.version + 1, counted: kept } };
    },

    /**
     * Ends the leases of clients whose rows and postings are written, and counts the clients. With `leasedUntil` the leases
     * go on until then, although the clients are up to date. One call: a transaction unless it is one write.
     * @throws BUSY if another run has taken a lease since
     */
    async end(plans: readonly Plan[], target: CountTarget, leasedUntil: number | undefined): Promise<void> {
      const saves = plans.map((plan) => save(plan, plan.before.version + 1, { ...plan.after, leasedUntil }));
      await transact(table, [...saves, ...countWrites(plans, target)]);
    },
  };
}

/** The first spelling of a tag stays. */
const KEEP_LABEL = ', #label = if_not_exists(#label, :label), #labelledAt = if_not_exists(#labelledAt, :at)';

/** What an index item says while a run writes: every row and posting that may exist. */
function named({ before, after }: Plan, leasedUntil: number): Omit<ClientIndexItem, 'version'> {
  return {
    clientVersion: 0,
    accountVersion: before.accountVersion,
    facets: [...new Set([...before.facets, ...after.facets])],
    words: [...new Set([...before.words, ...after.words])],
    counted: before.counted,
    leasedUntil,
  };
}

function isUpToDate({ clientVersion, accountVersion }: IndexState, client: StoredClient): boolean {
  return clientVersion === client.version && accountVersion === client.accountVersion;
}

/** The index item, the contacts and the client, strongly consistent. One Query, which reads them in this order. */
async function readClient(table: Table, company: CompanyId, id: ClientId) {
  const items = await queryAll(table, ranges.profileAndIndexItem(company, id), { fromEnd: true });
  const index = items.find((item) => entityOf(item) === clientIndexEntity.name);
  const client = items.find((item) => entityOf(item) === clientEntity.name);
  const contacts = items.filter((item) => entityOf(item) === contactEntity.name);
  return {
    before: index ? readItem(clientIndexEntity, index) : { ...NOTHING, version: 0 },
    current: client && {
      client: readItem(clientEntity, client),
      contacts: contacts.map((item) => readItem(contactEntity, item)).reverse(),
    },
  };
}

/** How many counts a plan changes. */
export function countsChanged({ before, after }: Plan): number {
  return difference(before.counted, after.counted).length + difference(after.counted, before.counted).length;
}

/**
 * Plans in groups of which each fits into one transaction.
 */
export function togetherCounted(plans: readonly Plan[]): Plan[][] {
  const groups: Plan[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const plan of plans) {
    const writes = 1 + countsChanged(plan);
    if (size + writes > MAX_COUNT_CHANGES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(plan);
    size += writes;
  }
  return groups;
}

interface CountChange extends Counted {
  company: CompanyId;
  by: number;
}

/** How the counts change by the plans together. */
function countChanges(plans: readonly Plan[]): CountChange[] {
  const changes = new Map<string, CountChange>();
  const add = (company: CompanyId, counted: Counted, by: number) => {
    const key = `${company} ${counted.name}`;
    const known = changes.get(key);
    changes.set(key, { company, ...counted, ...known, by: (known?.by ?? 0) + by });
  };
  for (const { company, before, after, counted } of plans) {
    const labels = new Map(counted.map(({ name, label }) => [name, label]));
    for (const name of difference(after.counted, before.counted)) {
      const label = labels.get(name);
      add(company, { name, ...(label !== undefined && { label }) }, 1);
    }
    for (const name of difference(before.counted, after.counted)) add(company, { name }, -1);
  }
  return [...changes.values()].filter(({ by }) => by !== 0);
}

/** The names that are not among the others. */
function difference(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

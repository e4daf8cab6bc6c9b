import { clientEntity, contactEntity } from '../clients/schema.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, entityOf, readItem } from '../table/entity.ts';
import { type Key, keys, ranges } from '../table/keys.ts';
import { queryAll } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
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
  puts: readonly Item[];
  deletes: readonly Key[];
}

const NOTHING: IndexState = { clientVersion: 0, facets: [], counted: [], words: [] };

/** The index items of clients. Each is also the lease of the run that may write the rows and postings that it names. */
export function clientIndexLeases(table: Table) {
  const on = writes(table.name);

  /** The write of an index item that still has version `seen`. */
  function save({ company, client }: ClientRef, seen: number, item: Omit<ClientIndexItem, 'version'>): Write {
    const key = keys.clientIndex(company, client);
    const next = asItem(clientIndexEntity, { ...item, version: seen + 1 });
    return seen === 0 ? on.create(key, next, () => BUSY) : on.replace(key, next, seen, () => BUSY);
  }

  return {
    /**
     * What to write so that rows and postings are those of the client as it is now; undefined if they are. One call.
     * @throws BUSY if another run has the lease at time `now`
     */
    async plan({ company, client: id }: ClientRef, now: Date, force: boolean): Promise<Plan | undefined> {
      const { before, current } = await readClient(table, company, id);
      if (current ? !force && before.clientVersion === current.client.version : before.ttl !== undefined) return;
      if (before.leasedUntil !== undefined && before.leasedUntil > now.getTime()) throw BUSY;
      const { items: puts, state: after } = current
        ? indexItems(company, current.client, current.contacts)
        : { items: [], state: { ...NOTHING, ttl: Math.floor(now.getTime() / 1000) + TOMBSTONE_SECONDS } };
      const deletes = [
        ...difference(before.facets, after.facets).map((facet) => keys.clientRow(company, id, facet)),
        ...difference(before.words, after.words)
          .map(wordOfPosting)
          .map(({ word, rank }) => keys.posting(company, word, rank, id)),
      ];
      return { company, client: id, before, after, puts, deletes };
    },

    /**
     * Takes the lease of a client. The index item then names every row and posting that may exist from now on. One call.
     * @throws BUSY if another run has changed the index item
     */
    async take(plan: Plan, leasedUntil: number): Promise<void> {
      const { before, after } = plan;
      const named = {
        clientVersion: 0,
        facets: [...new Set([...before.facets, ...after.facets])],
        words: [...new Set([...before.words, ...after.words])],
        counted: before.counted,
        leasedUntil,
      };
      await transact(table, [save(plan, before.version, named)]);
    },

    /**
     * Ends the leases of clients whose rows and postings are written, and counts the clients. With `leasedUntil` the leases
     * go on until then, although the clients are up to date. One call: a transaction unless it is one write.
     * @throws BUSY if another run has taken a lease since
     */
    async end(plans: readonly Plan[], leasedUntil: number | undefined): Promise<void> {
      const saves = plans.map((plan) => save(plan, plan.before.version + 1, { ...plan.after, leasedUntil }));
      const counts = countChanges(plans).map(({ key, by }) =>
        on.update(key, {
          UpdateExpression: 'SET #entity = :entity, #schemaVersion = :schemaVersion ADD #clients :by',
          ExpressionAttributeNames: { '#entity': 'entity', '#schemaVersion': 'schemaVersion', '#clients': 'clients' },
          ExpressionAttributeValues: {
            ':entity': clientCountEntity.name,
            ':schemaVersion': clientCountEntity.version,
            ':by': by,
          },
        }),
      );
      await transact(table, [...saves, ...counts]);
    },
  };
}

/** The index item, the client and its contacts, strongly consistent. One Query, which reads them in this order. */
async function readClient(table: Table, company: CompanyId, id: ClientId) {
  const items = await queryAll(table, ranges.indexItemAndProfile(company, id));
  const index = items.find((item) => entityOf(item) === clientIndexEntity.name);
  const client = items.find((item) => entityOf(item) === clientEntity.name);
  const contacts = items.filter((item) => entityOf(item) === contactEntity.name);
  return {
    before: index ? readItem(clientIndexEntity, index) : { ...NOTHING, version: 0 },
    current: client && {
      client: readItem(clientEntity, client),
      contacts: contacts.map((item) => readItem(contactEntity, item)),
    },
  };
}

/** Whether a plan changes the number of clients of a facet. */
export function changesCounts({ before, after }: Plan): boolean {
  return difference(before.counted, after.counted).length + difference(after.counted, before.counted).length > 0;
}

/** How the counts of facets change by the plans together. */
function countChanges(plans: readonly Plan[]): { key: Key; by: number }[] {
  const changes = new Map<string, { key: Key; by: number }>();
  const add = (company: CompanyId, facet: string, by: number) => {
    const key = keys.clientCount(company, facet);
    const name = `${key.PK} ${key.SK}`;
    changes.set(name, { key, by: (changes.get(name)?.by ?? 0) + by });
  };
  for (const { company, before, after } of plans) {
    for (const facet of difference(after.counted, before.counted)) add(company, facet, 1);
    for (const facet of difference(before.counted, after.counted)) add(company, facet, -1);
  }
  return [...changes.values()].filter(({ by }) => by !== 0);
}

/** The names that are not among the others. */
function difference(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

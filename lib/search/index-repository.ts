import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../clients/schema.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, entityOf, readItem } from '../table/entity.ts';
import { clientIndexKeys, keys, ranges } from '../table/keys.ts';
import { getItem, queryAll } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { countedFacetsOf, rowOf } from './facets.ts';
import {
  type ClientIndexItem,
  clientCountEntity,
  clientIndexEntity,
  clientRowEntity,
  postingEntity,
} from './schema.ts';
import { sharedPrefixLength, type Word, wordsOf } from './words.ts';

/** Limits of a transaction; DynamoDB's own is 4 MB, but the sizes here are estimates. */
const MAX_WRITES = 100;
const MAX_BYTES = 3_000_000;
/** Attempts of an update that conflicts with concurrent runs for the same client. */
const MAX_ATTEMPTS = 10;
/** Seconds for which the empty index item of a deleted client prevents late runs from restoring its rows. */
const TOMBSTONE_SECONDS = 24 * 60 * 60;

const stale = new Error('a concurrent run has indexed this client');

const EMPTY: ClientIndexItem = { clientVersion: 0, facets: [], counted: [], words: [], version: 0 };

/** The items of a client, rows under its facets and postings under its words, and the index item that names them. */
export function indexItems(company: CompanyId, client: StoredClient, contacts: readonly StoredContact[]) {
  const row = rowOf(company, client);
  const words = wordsOf(client, contacts);
  const text = words.map(({ word }) => ` ${word}`).join('');
  const rowItem = asItem(clientRowEntity, row);
  const rows: Item[] = row.facets.map((facet) => ({
    ...rowItem,
    ...clientIndexKeys(company, client, facet),
    ...keys.clientRow(company, client.id, facet),
  }));
  // Validated once: the postings of a client differ by their word only.
  const posting = asItem(postingEntity, { ...row, words: text, sharedPrefixLength: 0 });
  const postings: Item[] = words.map(({ word, rank }, index) => ({
    ...posting,
    sharedPrefixLength: sharedPrefixLength(word, words[index - 1]?.word ?? ''),
    ...keys.posting(company, word, rank, client.id),
  }));
  const state = { clientVersion: client.version, facets: row.facets, counted: countedFacetsOf(client), words };
  return { items: [...rows, ...postings], state };
}

/**
 * Keeps the rows and postings of clients in step with the clients. Every run reads the client as it is now, so runs may be
 * repeated, late and out of order. The index item of a client names all rows that it may have, and its version is the
 * optimistic lock of concurrent runs.
 */
export function clientIndexer(table: Table, source: Source) {
  const on = writes(table.name);

  function save(company: CompanyId, id: ClientId, seen: number, item: Omit<ClientIndexItem, 'version'>): Write {
    const key = keys.clientIndex(company, id);
    const next = asItem(clientIndexEntity, { ...item, version: seen + 1 });
    return seen === 0 ? on.create(key, next, () => stale) : on.replace(key, next, seen, () => stale);
  }

  function count(company: CompanyId, facet: string, change: 1 | -1): Write {
    return on.update(keys.clientCount(company, facet), {
      UpdateExpression: 'SET #entity = :entity, #schemaVersion = :schemaVersion ADD #clients :change',
      ExpressionAttributeNames: { '#entity': 'entity', '#schemaVersion': 'schemaVersion', '#clients': 'clients' },
      ExpressionAttributeValues: {
        ':entity': clientCountEntity.name,
        ':schemaVersion': clientCountEntity.version,
        ':change': change,
      },
    });
  }

  /** Must be read before the client, so that a run never replaces rows of a newer client by rows of an older one. */
  async function readIndexItem(company: CompanyId, id: ClientId): Promise<ClientIndexItem> {
    const item = await getItem(table, keys.clientIndex(company, id), true);
    return item ? readItem(clientIndexEntity, item) : EMPTY;
  }

  async function updateOnce(company: CompanyId, id: ClientId, force: boolean): Promise<void> {
    const before = await readIndexItem(company, id);
    const current = await readClient(table, company, id);
    if (current ? !force && before.clientVersion === current.client.version : before.ttl !== undefined) return;
    const ttl = Math.floor(source.now().getTime() / 1000) + TOMBSTONE_SECONDS;
    const { items, state } = current
      ? indexItems(company, current.client, current.contacts)
      : { items: [], state: { ...EMPTY, ttl } };
    const changes = [
      ...items.map(({ PK, SK, ...item }) => on.put({ PK: String(PK), SK: String(SK) }, item)),
      ...before.facets
        .filter((facet) => !state.facets.includes(facet))
        .map((facet) => on.remove(keys.clientRow(company, id, facet))),
      ...before.words
        .filter(({ word, rank }) => !state.words.some((other) => other.word === word && other.rank === rank))
        .map(({ word, rank }) => on.remove(keys.posting(company, word, rank, id))),
    ];
    const counts = [
      ...difference(state.counted, before.counted).map((facet) => count(company, facet, 1)),
      ...difference(before.counted, state.counted).map((facet) => count(company, facet, -1)),
    ];
    const chunks = chunksOf(changes, MAX_WRITES - 1 - counts.length, items);
    const [last = [], ...earlier] = chunks.toReversed();
    let { version } = before;
    if (earlier.length > 0) {
      // Too many for one transaction: the index item names the new rows first, so that after a crash it still names every row.
      const named = {
        clientVersion: 0,
        facets: [...before.facets, ...difference(state.facets, before.facets)],
        words: union(before.words, state.words),
        counted: before.counted,
      };
      await transact(table, [save(company, id, version, named)]);
      version++;
      const fence = on.unchanged(keys.clientIndex(company, id), version, () => stale);
      for (const chunk of earlier) await transact(table, [fence, ...chunk]);
    }
    await transact(table, [save(company, id, version, state), ...counts, ...last]);
  }

  return {
    /**
     * Brings rows, postings and counts of a client up to date, or removes them if the client is gone. Two reads, and a
     * transaction if anything is out of date (several for more than about ninety rows). With `force` all are written.
     */
    async update(company: CompanyId, id: ClientId, force = false): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        try {
          return await updateOnce(company, id, force);
        } catch (error) {
          if (error !== stale || attempt === MAX_ATTEMPTS) throw error;
        }
      }
    },
  };
}

export type ClientIndexer = ReturnType<typeof clientIndexer>;

/** The client and its contacts, strongly consistent. One call. */
async function readClient(table: Table, company: CompanyId, id: ClientId) {
  const items = await queryAll(table, ranges.profile(company, id));
  const client = items.find((item) => entityOf(item) === clientEntity.name);
  const contacts = items.filter((item) => entityOf(item) === contactEntity.name);
  return (
    client && {
      client: readItem(clientEntity, client),
      contacts: contacts.map((item) => readItem(contactEntity, item)),
    }
  );
}

function difference(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

function union(one: readonly Word[], other: readonly Word[]): Word[] {
  const all = new Map([...one, ...other].map((entry) => [`${entry.word} ${entry.rank}`, entry]));
  return [...all.values()];
}

/** Splits writes into chunks that fit a transaction, by their number and by the size of the largest item. */
function chunksOf(changes: readonly Write[], most: number, items: readonly Item[]): Write[][] {
  const largest = Math.max(1, ...items.map((item) => Buffer.byteLength(JSON.stringify(item))));
  const size = Math.max(1, Math.min(most, Math.floor(MAX_BYTES / largest)));
  return Array.from({ length: Math.ceil(changes.length / size) }, (_, index) =>
    changes.slice(index * size, (index + 1) * size),
  );
}

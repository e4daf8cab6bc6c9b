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
import { sharedLength, type Word, wordsOf } from './words.ts';

/** DynamoDB's limits of a transaction, with room for what is estimated. */
const MAX_WRITES = 100;
const MAX_BYTES = 3_000_000;
/** Rounds of an update that other runs for the same client keep overtaking. */
const MAX_ROUNDS = 10;
/** How long what is left of a client that is gone keeps late runs from bringing it back. Seconds. */
const MEMORY = 24 * 60 * 60;

const overtaken = new Error('another run has written the rows of this client meanwhile');

const NOTHING: ClientIndexItem = { clientVersion: 0, facets: [], counted: [], words: [], version: 0 };

/** The rows of a client under its facets and its postings under its words, as the table holds them. */
export function indexItems(company: CompanyId, client: StoredClient, contacts: readonly StoredContact[]) {
  const row = rowOf(client);
  const words = wordsOf(client, contacts);
  const text = words.map(({ word }) => ` ${word}`).join('');
  const rowItem = asItem(clientRowEntity, row);
  const rows: Item[] = row.facets.map((facet) => ({
    ...rowItem,
    ...clientIndexKeys(company, client, facet),
    ...keys.clientRow(company, client.id, facet),
  }));
  // Checked once: the postings of a client differ by nothing but the word.
  const posting = asItem(postingEntity, { ...row, words: text, shared: 0 });
  const postings: Item[] = words.map(({ word, rank }, index) => ({
    ...posting,
    shared: sharedLength(word, words[index - 1]?.word ?? ''),
    ...keys.posting(company, word, rank, client.id),
  }));
  const state = { clientVersion: client.version, facets: row.facets, counted: countedFacetsOf(client), words };
  return { items: [...rows, ...postings], state };
}

/**
 * Keeps the rows and postings of clients as the clients themselves are. Every run reads the client as it is now, so runs
 * may be repeated, late and out of order. One item a client names all rows that may be there, and its version fences off
 * a run that another one has overtaken.
 */
export function clientIndexer(table: Table, source: Source) {
  const on = writes(table.name);

  function save(company: CompanyId, id: ClientId, seen: number, item: Omit<ClientIndexItem, 'version'>): Write {
    const key = keys.clientIndex(company, id);
    const next = asItem(clientIndexEntity, { ...item, version: seen + 1 });
    return seen === 0 ? on.create(key, next, () => overtaken) : on.replace(key, next, seen, () => overtaken);
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

  /** Read before the client: who sees this version here sees a client that is no older than what it shows. */
  async function standing(company: CompanyId, id: ClientId): Promise<ClientIndexItem> {
    const item = await getItem(table, keys.clientIndex(company, id), true);
    return item ? readItem(clientIndexEntity, item) : NOTHING;
  }

  async function updateOnce(company: CompanyId, id: ClientId, again: boolean): Promise<void> {
    const before = await standing(company, id);
    const found = await read(table, company, id);
    if (found ? !again && before.clientVersion === found.client.version : before.ttl !== undefined) return;
    const ttl = Math.floor(source.now().getTime() / 1000) + MEMORY;
    const { items, state } = found
      ? indexItems(company, found.client, found.contacts)
      : { items: [], state: { ...NOTHING, ttl } };
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
      ...without(state.counted, before.counted).map((facet) => count(company, facet, 1)),
      ...without(before.counted, state.counted).map((facet) => count(company, facet, -1)),
    ];
    const chunks = chunked(changes, MAX_WRITES - 1 - counts.length, items);
    const [last = [], ...earlier] = chunks.toReversed();
    let { version } = before;
    if (earlier.length > 0) {
      // More than one transaction takes: name what may come to be there before it is, so that no crash leaves it unnamed.
      const named = {
        clientVersion: 0,
        facets: [...before.facets, ...without(state.facets, before.facets)],
        words: unionOf(before.words, state.words),
        counted: before.counted,
      };
      await transact(table, [save(company, id, version, named)]);
      version++;
      const fence = on.unchanged(keys.clientIndex(company, id), version, () => overtaken);
      for (const chunk of earlier) await transact(table, [fence, ...chunk]);
    }
    await transact(table, [save(company, id, version, state), ...counts, ...last]);
  }

  return {
    /**
     * Makes rows, postings and counts of a client agree with it, or removes them where it is gone. Two reads, and a
     * transaction where there is something to do (several for more than about ninety rows). `again` writes all of them
     * even where none is out of date.
     */
    async update(company: CompanyId, id: ClientId, again = false): Promise<void> {
      for (let round = 1; ; round++) {
        try {
          return await updateOnce(company, id, again);
        } catch (error) {
          if (error !== overtaken || round === MAX_ROUNDS) throw error;
        }
      }
    },
  };
}

export type ClientIndexer = ReturnType<typeof clientIndexer>;

/** The client and its contacts, strongly consistent. One call. */
async function read(table: Table, company: CompanyId, id: ClientId) {
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

function without(these: readonly string[], those: readonly string[]): string[] {
  return these.filter((one) => !those.includes(one));
}

function unionOf(one: readonly Word[], other: readonly Word[]): Word[] {
  const all = new Map([...one, ...other].map((entry) => [`${entry.word} ${entry.rank}`, entry]));
  return [...all.values()];
}

/** Writes in parts that a transaction takes, by number and by the size of the largest item. */
function chunked(changes: readonly Write[], most: number, items: readonly Item[]): Write[][] {
  const largest = Math.max(1, ...items.map((item) => Buffer.byteLength(JSON.stringify(item))));
  const size = Math.max(1, Math.min(most, Math.floor(MAX_BYTES / largest)));
  return Array.from({ length: Math.ceil(changes.length / size) }, (_, index) =>
    changes.slice(index * size, (index + 1) * size),
  );
}

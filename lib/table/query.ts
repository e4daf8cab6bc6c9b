import { BatchGetCommand, GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { Problem } from '../shared/errors.ts';
import type { Item, Table } from './client.ts';
import type { Key, Range } from './keys.ts';
import { primaryKey, tableIndexes } from './layout.ts';
import { callTable, MAX_ATTEMPTS } from './retry.ts';

/** Reads one item; undefined if there is none. One call; 0.5 RCU per 4 KB, 1 if `consistent`. */
export async function getItem(table: Table, key: Key, consistent = false): Promise<Item | undefined> {
  const { Item } = await callTable(() =>
    table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent })),
  );
  return Item;
}

/**
 * Reads up to 100 items in one call, in the order of the keys; undefined for a key that has no item. 0.5 RCU per 4 KB of
 * each, 1 if `consistent`.
 */
export async function getItems(table: Table, keys: readonly Key[], consistent = false): Promise<(Item | undefined)[]> {
  const items = new Map<string, Item>();
  const name = (key: Item) => `${key.PK} ${key.SK}`;
  let pending: Item[] = keys.map((key) => ({ ...key }));
  for (let attempt = 1; pending.length > 0; attempt++) {
    const answer = await callTable(() =>
      table.client.send(
        new BatchGetCommand({ RequestItems: { [table.name]: { Keys: pending, ConsistentRead: consistent } } }),
      ),
    );
    for (const item of answer.Responses?.[table.name] ?? []) items.set(name(item), item);
    pending = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    if (pending.length > 0) {
      if (attempt === MAX_ATTEMPTS) throw new Problem('unavailable', { retryAfter: 1 });
      await table.backOff(attempt);
    }
  }
  return keys.map((key) => items.get(name({ ...key })));
}

/** The key attributes of the item after which a page starts. */
export type Position = Record<string, string>;

export type Filter = Pick<QueryCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> & {
  expression: string;
  /** Items that the first Query reads for each one that the page still needs. @default 4 */
  readsPerMatch?: number;
};

interface PageRequest {
  range: Range;
  limit: number;
  descending?: boolean;
  /** The position that the last page ended at. */
  after?: Position | undefined;
  consistent?: boolean;
  /** Keeps only items that match. */
  filter?: Filter;
  /** The attributes to return besides the keys. It costs as many units as all of them, but less time. @default all */
  attributes?: readonly string[];
  /** Ends a filtered page after this number of Queries, even if it is short. @default MAX_FILTERED_QUERIES */
  maxQueries?: number;
}

export interface Page {
  items: Item[];
  /** Where the next page starts; undefined on the last page. */
  next: Position | undefined;
}

/** The maximum number of Queries for one filtered page. They read at most 9 000 items and 5 MB. */
export const MAX_FILTERED_QUERIES = 5;
/** The maximum number of items that one filtered Query reads: about 1 MB, which is DynamoDB's own limit of a Query. */
const MAX_ITEMS_PER_QUERY = 2000;

/** Items that Query number `round` reads. With a filter each Query reads more, because few items have matched so far. */
function readLimit(missing: number, filter: Filter | undefined, round: number): number {
  if (!filter) return missing;
  return Math.min(MAX_ITEMS_PER_QUERY, Math.ceil(missing * (filter.readsPerMatch ?? 4) * 4 ** (round - 1)));
}

/**
 * A page of a range. Without a filter it is full unless it is the last: one Query, which reads one item more than the page
 * to know whether another follows (several if the page has more than a megabyte). With a filter it takes as many Queries as
 * fill it, up to `maxQueries`. Then the page is short, even empty, and `next` continues after the last item that was read.
 */
export async function queryPage(table: Table, request: PageRequest): Promise<Page> {
  const { range, limit, filter } = request;
  // Without a filter every Query adds items to the page, so the limit of the page bounds their number.
  const maxQueries = filter ? (request.maxQueries ?? MAX_FILTERED_QUERIES) : Number.POSITIVE_INFINITY;
  const items: Item[] = [];
  let start: Item | undefined = request.after;
  for (let round = 1; round === 1 || (start && items.length <= limit && round <= maxQueries); round++) {
    const input = queryInput(table, request, readLimit(limit + 1 - items.length, filter, round), start);
    const answer = await callTable(() => table.client.send(new QueryCommand(input)));
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  }
  const page = items.slice(0, limit);
  const last = page.at(-1);
  if (items.length > limit && last) return { items: page, next: positionOf(last, range) };
  return { items: page, next: start && positionOf(start, range) };
}

function queryInput(table: Table, request: PageRequest, readLimit: number, start: Item | undefined): QueryCommandInput {
  const { range, filter, attributes } = request;
  const condition = sortKeyCondition(range);
  const { partition, sort } = range.index ? tableIndexes[range.index] : primaryKey;
  const returned = attributes && [...keyAttributes(range), ...attributes];
  return {
    TableName: table.name,
    IndexName: range.index,
    KeyConditionExpression: condition ? `#pk = :pk AND ${condition.expression}` : '#pk = :pk',
    FilterExpression: filter?.expression,
    ExpressionAttributeNames: {
      '#pk': partition,
      ...(condition && { '#sk': sort }),
      ...filter?.ExpressionAttributeNames,
      ...(returned && Object.fromEntries(returned.map((name) => [`#${name}`, name]))),
    },
    ProjectionExpression: returned?.map((name) => `#${name}`).join(', '),
    ExpressionAttributeValues: {
      ':pk': range.partition,
      ...condition?.values,
      ...filter?.ExpressionAttributeValues,
    },
    ScanIndexForward: !request.descending,
    ConsistentRead: request.consistent ?? false,
    Limit: readLimit,
    ExclusiveStartKey: start,
  };
}

function sortKeyCondition({ prefix, between }: Range) {
  if (prefix !== undefined) return { expression: 'begins_with(#sk, :prefix)', values: { ':prefix': prefix } };
  if (between) return { expression: '#sk BETWEEN :from AND :to', values: { ':from': between.from, ':to': between.to } };
  return undefined;
}

/** The position of an item in a range. */
export function positionOf(item: Item, range: Range): Position {
  return Object.fromEntries(keyAttributes(range).map((name) => [name, String(item[name])]));
}

function keyAttributes({ index }: Range): string[] {
  return [...Object.values(primaryKey), ...(index ? Object.values(tableIndexes[index]) : [])];
}

/** Items that one Query of a searched page reads, and the most Queries of such a page. */
const SEARCHED_AT_ONCE = 1000;
const MAX_SEARCH_QUERIES = 5;

/**
 * A page of the items of a small range that match a test which DynamoDB cannot make. One Query for each thousand items, five
 * at most. Then the page is short, and `next` continues after the last item that was read.
 */
export async function queryMatching(
  table: Table,
  request: Pick<PageRequest, 'range' | 'limit' | 'after' | 'filter'>,
  matches: (item: Item) => boolean,
): Promise<Page> {
  const found: Item[] = [];
  let position = request.after;
  for (let query = 1; query <= MAX_SEARCH_QUERIES; query++) {
    const read = await queryPage(table, { ...request, limit: SEARCHED_AT_ONCE, after: position, maxQueries: 1 });
    found.push(...read.items.filter(matches));
    position = read.next;
    const last = found[request.limit - 1];
    if (last && found.length > request.limit)
      return { items: found.slice(0, request.limit), next: positionOf(last, request.range) };
    if (position === undefined) break;
  }
  return { items: found, next: position };
}

/** More items than any collection that is read as a whole can have. */
const COLLECTION_LIMIT = 1_000_000;

/** All items of a small range, strongly consistent: one Query per MB. */
export async function queryAll(table: Table, range: Range, { fromEnd = false } = {}): Promise<Item[]> {
  const { items } = await queryPage(table, { range, limit: COLLECTION_LIMIT, consistent: true, descending: fromEnd });
  return items;
}

import { isDeepStrictEqual } from 'node:util';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { Problem } from '../shared/errors.ts';
import { guarded, isConflict } from './failures.ts';
import type { Key, Range } from './keys.ts';

export type Item = Record<string, unknown>;

/** The one table, and how long to wait between tries that met another transaction. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  /** Waits before try `attempt` (1, 2, …). */
  readonly backOff: (attempt: number) => Promise<void>;
}

/** Tries of one write that keeps meeting other transactions; with the back-off below about four seconds. */
const MAX_ATTEMPTS = 9;

/** Full jitter: a random wait below a bound that doubles, at most a second. */
async function jitter(attempt: number): Promise<void> {
  const bound = Math.min(1000, 25 * 2 ** (attempt - 1));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * bound));
}

/** Opens the table by name with the environment's credentials and region. */
export function openTable(name: string, options: { client?: DynamoDBClient; backOff?: Table['backOff'] } = {}): Table {
  const base =
    options.client ??
    new DynamoDBClient({ maxAttempts: 4, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
  const client = DynamoDBDocumentClient.from(base, { marshallOptions: { removeUndefinedValues: true } });
  return { client, name, backOff: options.backOff ?? jitter };
}

/** One write of a transaction, and what it means when its condition does not hold. */
export interface Write {
  readonly write: NonNullable<TransactWriteCommandInput['TransactItems']>[number];
  /** From the item that stood in the way (undefined: none). Without it a failed condition is a fault of ours. */
  readonly refusal?: (standing: Item | undefined) => Error;
}

type Expression = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** Writes of a transaction on this table. Conditions are DynamoDB's expressions. */
export const writes = (TableName: string) => ({
  /** Puts an item that must not exist yet. */
  create: (key: Key, item: Item, refusal?: Write['refusal']): Write => ({
    write: {
      Put: { TableName, Item: { ...item, ...key }, ConditionExpression: 'attribute_not_exists(PK)', ...ALL_OLD },
    },
    ...(refusal && { refusal }),
  }),
  /** Puts an item over the one that still has version `seen`. */
  replace: (key: Key, item: Item, seen: number, refusal: Write['refusal']): Write => ({
    write: {
      Put: {
        TableName,
        Item: { ...item, ...key },
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...ALL_OLD,
      },
    },
    ...(refusal && { refusal }),
  }),
  update: (key: Key, expression: Expression & { UpdateExpression: string }, refusal?: Write['refusal']): Write => ({
    write: { Update: { TableName, Key: key, ...expression, ...ALL_OLD } },
    ...(refusal && { refusal }),
  }),
  /** Puts an item whatever stands there. */
  put: (key: Key, item: Item): Write => ({ write: { Put: { TableName, Item: { ...item, ...key } } } }),
  remove: (key: Key): Write => ({ write: { Delete: { TableName, Key: key } } }),
  /** Removes an item that must be there. */
  removeExisting: (key: Key, refusal: Write['refusal']): Write => ({
    write: { Delete: { TableName, Key: key, ConditionExpression: 'attribute_exists(PK)', ...ALL_OLD } },
    ...(refusal && { refusal }),
  }),
  /** Removes the item that still has version `seen`. */
  removeVersion: (key: Key, seen: number, refusal: Write['refusal']): Write => ({
    write: {
      Delete: {
        TableName,
        Key: key,
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...ALL_OLD,
      },
    },
    ...(refusal && { refusal }),
  }),
  /** Writes nothing: the item must have version `seen`. */
  unchanged: (key: Key, seen: number, refusal: Write['refusal']): Write => ({
    write: {
      ConditionCheck: {
        TableName,
        Key: key,
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...ALL_OLD,
      },
    },
    ...(refusal && { refusal }),
  }),
  /** Writes nothing: the item must be there. */
  exists: (key: Key, refusal: Write['refusal']): Write => ({
    write: { ConditionCheck: { TableName, Key: key, ConditionExpression: 'attribute_exists(PK)', ...ALL_OLD } },
    ...(refusal && { refusal }),
  }),
});

/** Reads one item; undefined where there is none. One call; 0.5 RCU per 4 KB, 1 where `consistent`. */
export async function getItem(table: Table, key: Key, consistent = false): Promise<Item | undefined> {
  const { Item } = await guarded(() =>
    table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent })),
  );
  return Item;
}

/**
 * Reads up to 100 items in one call; the answer has the order of the keys, undefined where there is no item. 0.5 RCU per
 * 4 KB of each, 1 where `consistent`.
 */
export async function getItems(
  table: Table,
  wanted: readonly Key[],
  consistent = false,
): Promise<(Item | undefined)[]> {
  const found = new Map<string, Item>();
  const name = (key: Item) => `${key.PK} ${key.SK}`;
  let pending: Item[] = wanted.map((key) => ({ ...key }));
  for (let attempt = 1; pending.length > 0; attempt++) {
    const answer = await guarded(() =>
      table.client.send(
        new BatchGetCommand({ RequestItems: { [table.name]: { Keys: pending, ConsistentRead: consistent } } }),
      ),
    );
    for (const item of answer.Responses?.[table.name] ?? []) found.set(name(item), item);
    pending = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    if (pending.length > 0) {
      if (attempt === MAX_ATTEMPTS) throw new Problem('unavailable', { retryAfter: 1 });
      await table.backOff(attempt);
    }
  }
  return wanted.map((key) => found.get(name({ ...key })));
}

export type Position = Record<string, string>;

interface PageRequest {
  range: Range;
  limit: number;
  descending?: boolean;
  /** The position that the last page ended at. */
  after?: Position | undefined;
  consistent?: boolean;
  /** Keeps only items that match; pages stay full, see `queryPage`. */
  filter?: Filter;
  /** Gives up after so many Queries that the filter left too little of. @default never */
  rounds?: number;
}

export type Filter = Pick<UpdateCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> & {
  expression: string;
  /** Items that the first Query looks at for each that is wanted. @default 4 */
  readAhead?: number;
};

export interface Page {
  items: Item[];
  /** Where the next page starts after; undefined on the last one. */
  next: Position | undefined;
  /** The rounds were over before the page was full: this is neither a whole page nor the last. */
  cut: boolean;
}

/** Items that one Query looks at: without a filter one more than is missing, with one ever more while few match. */
function readLimit(missing: number, filter: Filter | undefined, round: number): number {
  return filter ? Math.min(2000, Math.ceil(missing * (filter.readAhead ?? 4) * 4 ** (round - 1))) : missing;
}

/**
 * A page of a range, full unless it is the last: one Query without a filter (one item more than the page is read, so
 * that the last page knows that it is), with a filter as many as it takes.
 */
export async function queryPage(table: Table, request: PageRequest): Promise<Page> {
  const { range, limit, filter, rounds = Number.POSITIVE_INFINITY } = request;
  const condition = sortKeyCondition(range);
  const pk = range.index ? `${range.index}PK` : 'PK';
  const sk = range.index ? `${range.index}SK` : 'SK';
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined = request.after;
  for (let round = 1; round === 1 || (start && items.length <= limit && round <= rounds); round++) {
    const answer = await guarded(() =>
      table.client.send(
        new QueryCommand({
          TableName: table.name,
          IndexName: range.index,
          KeyConditionExpression: condition ? `#pk = :pk AND ${condition.expression}` : '#pk = :pk',
          FilterExpression: filter?.expression,
          ExpressionAttributeNames: {
            '#pk': pk,
            ...(condition && { '#sk': sk }),
            ...filter?.ExpressionAttributeNames,
          },
          ExpressionAttributeValues: {
            ':pk': range.partition,
            ...condition?.values,
            ...filter?.ExpressionAttributeValues,
          },
          ScanIndexForward: !request.descending,
          ConsistentRead: request.consistent ?? false,
          Limit: readLimit(limit + 1 - items.length, filter, round),
          ExclusiveStartKey: start,
        }),
      ),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  }
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    next: items.length > limit && last ? positionOf(last, range) : undefined,
    cut: start !== undefined && items.length <= limit,
  };
}

function sortKeyCondition({ prefix, between }: Range) {
  if (prefix !== undefined) return { expression: 'begins_with(#sk, :prefix)', values: { ':prefix': prefix } };
  if (between) return { expression: '#sk BETWEEN :from AND :to', values: { ':from': between.from, ':to': between.to } };
  return undefined;
}

/** Where in a range an item stands: what a page can start after. */
export function positionOf(item: Item, { index }: Range): Position {
  const names = ['PK', 'SK', ...(index ? [`${index}PK`, `${index}SK`] : [])];
  return Object.fromEntries(names.map((name) => [name, String(item[name])]));
}

/** More items than any collection that is read whole may hold. */
const COLLECTION_LIMIT = 1_000_000;

/** All items of a small range, strongly consistent: one Query per MB. */
export async function queryAll(table: Table, range: Range): Promise<Item[]> {
  const { items } = await queryPage(table, { range, limit: COLLECTION_LIMIT, consistent: true });
  return items;
}

/**
 * Runs an update and answers the item as it is afterwards. One call.
 * @throws whatever `refusal` makes of the standing item when the condition does not hold
 */
export async function updateItem(
  table: Table,
  key: Key,
  expression: Expression,
  refusal?: (standing: Item | undefined) => Error,
): Promise<Item> {
  const command = new UpdateCommand({
    TableName: table.name,
    Key: key,
    ...expression,
    ReturnValues: 'ALL_NEW',
    ...ALL_OLD,
  });
  const { Attributes } = await overConflicts(table, async () => {
    try {
      return await table.client.send(command);
    } catch (error) {
      if (refusal && error instanceof ConditionalCheckFailedException)
        throw refusal(error.Item && unmarshall(error.Item));
      throw error;
    }
  });
  return Attributes ?? {};
}

type Condition = Omit<Expression, 'UpdateExpression'> & { ConditionExpression: string };

/** Puts an item where the condition holds; else answers what stands there. One call. */
export async function putItem(
  table: Table,
  key: Key,
  item: Item,
  condition: Condition,
): Promise<'put' | { standing: Item | undefined }> {
  const command = new PutCommand({ TableName: table.name, Item: { ...item, ...key }, ...condition, ...ALL_OLD });
  return overConflicts(table, async () => {
    try {
      await table.client.send(command);
      return 'put';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { standing: error.Item && unmarshall(error.Item) };
      throw error;
    }
  });
}

/** Deletes an item where the condition holds; answers whether it did. One call. */
export async function deleteItem(table: Table, key: Key, condition?: Condition): Promise<boolean> {
  const command = new DeleteCommand({ TableName: table.name, Key: key, ...condition });
  return overConflicts(table, async () => {
    try {
      await table.client.send(command);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  });
}

/**
 * Runs all writes or none. One call, tried again while other transactions are in the way. A write on its own is no
 * transaction: it costs half.
 * @throws the refusals of the writes whose condition does not hold, as one error
 */
export async function transact(table: Table, items: readonly Write[]): Promise<void> {
  await overConflicts(table, async () => {
    try {
      await sendWrites(table, items);
    } catch (error) {
      throw refusalOf(error, items) ?? error;
    }
  });
}

/** Runs the writes of an operation as one transaction; `result` is what the operation will answer once it is done. */
export type Commit<T> = (writes: readonly Write[], result: T) => Promise<void>;

/** A commit for operations that nobody waits for an answer of: workers and tests. */
export function committing(table: Table): Commit<unknown> {
  return (writes) => transact(table, writes);
}

async function sendWrites({ client }: Table, items: readonly Write[]): Promise<void> {
  const [only, ...others] = items;
  if (only?.write.Put && others.length === 0) await putOnce(client, only.write.Put);
  else if (only?.write.Update && others.length === 0) await client.send(new UpdateCommand(only.write.Update));
  else await client.send(new TransactWriteCommand({ TransactItems: items.map(({ write }) => write) }));
}

/** A put whose answer was lost and that the SDK sent again meets its own item: that is no refusal. */
async function putOnce(client: Table['client'], put: NonNullable<Write['write']['Put']>): Promise<void> {
  try {
    await client.send(new PutCommand(put));
  } catch (error) {
    const standing = error instanceof ConditionalCheckFailedException ? error.Item : undefined;
    if (!isDeepStrictEqual(standing, marshall(put.Item, { removeUndefinedValues: true }))) throw error;
  }
}

function refusalOf(error: unknown, items: readonly Write[]): Error | undefined {
  if (error instanceof ConditionalCheckFailedException)
    return items[0]?.refusal?.(error.Item && unmarshall(error.Item));
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const refusals = (error.CancellationReasons ?? []).flatMap((reason, index) => {
    if (reason.Code !== 'ConditionalCheckFailed') return [];
    const refusal = items[index]?.refusal?.(reason.Item && unmarshall(reason.Item));
    return refusal ? [refusal] : [];
  });
  const [first] = refusals;
  if (!(first instanceof Problem)) return first;
  const errors = refusals.flatMap((one) =>
    one instanceof Problem && one.code === first.code ? (one.errors ?? []) : [],
  );
  return errors.length > 0 ? new Problem(first.code, { detail: first.message, errors }) : first;
}

/** The SDK retries throttles and network faults by itself, but leaves a transaction that met another one to us. */
async function overConflicts<T>(table: Table, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await guarded(run);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw new Problem('write-conflict', { retryAfter: 1 });
      await table.backOff(attempt);
    }
  }
}

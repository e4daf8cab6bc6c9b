import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { mergeProblems, Problem } from '../shared/errors.ts';
import type { Item, Table } from './client.ts';
import type { Key } from './keys.ts';
import { retryOnConflict } from './retry.ts';
import {
  type Condition,
  type Expression,
  existingItem,
  newWriteToken,
  RETURN_EXISTING,
  type Refusal,
  sendPut,
  sendUpdate,
} from './write.ts';

/** One write of a transaction, with the error to throw if its condition fails. */
export interface Write {
  readonly write: NonNullable<TransactWriteCommandInput['TransactItems']>[number];
  /** Without a refusal, a failed condition is an internal error. */
  readonly refusal?: Refusal;
}

/** Makes the writes of a transaction on this table. Conditions are DynamoDB expressions. */
export const writes = (TableName: string) => ({
  /** Puts an item that must not exist yet. */
  create: (key: Key, item: Item, refusal?: Refusal): Write => ({
    write: {
      Put: {
        TableName,
        Item: { ...item, ...key },
        ConditionExpression: 'attribute_not_exists(PK)',
        ...RETURN_EXISTING,
      },
    },
    ...(refusal && { refusal }),
  }),
  /** Replaces the item if it still has version `seen`. */
  replace: (key: Key, item: Item, seen: number, refusal: Refusal): Write => ({
    write: {
      Put: {
        TableName,
        Item: { ...item, ...key },
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...RETURN_EXISTING,
      },
    },
    refusal,
  }),
  /**
   * Replaces all attributes of an item but some, which keep their values, if it still has version `seen`. An attribute that
   * the new item lacks stays too, so it is for items whose attributes all have values.
   */
  replaceExcept: (kept: readonly string[], key: Key, item: Item, seen: number, refusal: Refusal): Write => {
    const attributes = Object.entries(item).filter(([name, value]) => !kept.includes(name) && value !== undefined);
    return {
      write: {
        Update: {
          TableName,
          Key: key,
          UpdateExpression: `SET ${attributes.map((_, index) => `#a${index} = :a${index}`).join(', ')}`,
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: {
            '#version': 'version',
            ...Object.fromEntries(attributes.map(([name], index) => [`#a${index}`, name])),
          },
          ExpressionAttributeValues: {
            ':seen': seen,
            ...Object.fromEntries(attributes.map(([, value], index) => [`:a${index}`, value])),
          },
          ...RETURN_EXISTING,
        },
      },
      refusal,
    };
  },
  update: (key: Key, expression: Expression & { UpdateExpression: string }, refusal?: Refusal): Write => ({
    write: { Update: { TableName, Key: key, ...expression, ...RETURN_EXISTING } },
    ...(refusal && { refusal }),
  }),
  /** Puts an item; it replaces an existing one. */
  put: (key: Key, item: Item): Write => ({ write: { Put: { TableName, Item: { ...item, ...key } } } }),
  remove: (key: Key): Write => ({ write: { Delete: { TableName, Key: key } } }),
  /** Removes an item that must exist. */
  removeExisting: (key: Key, refusal: Refusal): Write => ({
    write: { Delete: { TableName, Key: key, ConditionExpression: 'attribute_exists(PK)', ...RETURN_EXISTING } },
    refusal,
  }),
  /** Removes an item if the condition holds. */
  removeIf: (key: Key, condition: Condition, refusal: Refusal): Write => ({
    write: { Delete: { TableName, Key: key, ...condition, ...RETURN_EXISTING } },
    refusal,
  }),
  /** Removes the item if it still has version `seen`. */
  removeVersion: (key: Key, seen: number, refusal: Refusal): Write => ({
    write: {
      Delete: {
        TableName,
        Key: key,
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...RETURN_EXISTING,
      },
    },
    refusal,
  }),
  /** Writes nothing: the item must have version `seen`. */
  unchanged: (key: Key, seen: number, refusal: Refusal): Write => ({
    write: {
      ConditionCheck: {
        TableName,
        Key: key,
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
        ...RETURN_EXISTING,
      },
    },
    refusal,
  }),
  /** Writes nothing: the condition must hold. */
  require: (key: Key, condition: Condition, refusal: Refusal): Write => ({
    write: { ConditionCheck: { TableName, Key: key, ...condition, ...RETURN_EXISTING } },
    refusal,
  }),
  /** Writes nothing: the item must exist. */
  exists: (key: Key, refusal: Refusal): Write => ({
    write: { ConditionCheck: { TableName, Key: key, ConditionExpression: 'attribute_exists(PK)', ...RETURN_EXISTING } },
    refusal,
  }),
});

/**
 * Commits all writes or none. One call, sent again while it conflicts with other transactions. A single put or update is
 * sent without a transaction, which costs half. Both carry a token, so that a retry after a lost answer is recognised.
 * @throws the refusals of the writes whose conditions fail, merged into one error
 */
export async function transact(table: Table, items: readonly Write[]): Promise<void> {
  const [first, ...others] = items;
  const single = others.length === 0 ? first?.write : undefined;
  const writeToken = newWriteToken();
  const transaction = new TransactWriteCommand({
    TransactItems: items.map(({ write }) => write),
    ClientRequestToken: randomUUID(),
  });
  await retryOnConflict(table, async () => {
    try {
      if (single?.Put) await sendPut(table, single.Put, writeToken);
      else if (single?.Update) await sendUpdate(table, single.Update, writeToken);
      else await table.client.send(transaction);
    } catch (error) {
      throw refusalOf(error, items) ?? error;
    }
  });
}

/** Runs the writes of an operation as one transaction. `result` is the result of the operation once it is committed. */
export type Commit<T> = (writes: readonly Write[], result: T) => Promise<void>;

/** A commit for operations without an Idempotency-Key. */
export function committing(table: Table): Commit<unknown> {
  return (writes) => transact(table, writes);
}

function refusalOf(error: unknown, items: readonly Write[]): Error | undefined {
  if (error instanceof ConditionalCheckFailedException) return items[0]?.refusal?.(existingItem(error));
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const refusals = (error.CancellationReasons ?? []).flatMap((reason, index) => {
    if (reason.Code !== 'ConditionalCheckFailed') return [];
    const refusal = items[index]?.refusal?.(reason.Item && unmarshall(reason.Item));
    return refusal ? [refusal] : [];
  });
  const [first, ...others] = refusals;
  return first instanceof Problem ? mergeProblems(first, ...others.filter((other) => other instanceof Problem)) : first;
}

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  PutCommand,
  type PutCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { systemSource } from '../shared/source.ts';
import type { Item, Table } from './client.ts';
import type { Key } from './keys.ts';
import { retryOnConflict } from './retry.ts';

/** The expressions of a DynamoDB update. */
export type Expression = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

export type Condition = Omit<Expression, 'UpdateExpression'> & { ConditionExpression: string };

/** Makes the error for a failed condition. `existing` is the item against which it failed; undefined if there is none. */
export type Refusal = (existing: Item | undefined) => Error;

/** Has DynamoDB return the item against which a condition failed. */
export const RETURN_EXISTING = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/**
 * Identifies one call. A conditional write stores the token in its item. If the SDK retries after a lost answer, the condition
 * fails against the item that the first attempt wrote, and the token in that item shows that the write has succeeded.
 */
export function newWriteToken(): string {
  return Buffer.from(systemSource.random(12)).toString('base64url');
}

/** The item against which a condition failed; undefined if there is none, or if the error has another cause. */
export function existingItem(error: unknown): Item | undefined {
  return error instanceof ConditionalCheckFailedException && error.Item ? unmarshall(error.Item) : undefined;
}

/** Sends a conditional put. @throws ConditionalCheckFailedException unless an earlier attempt of the same call wrote the item */
export async function sendPut({ client }: Table, put: PutCommandInput, writeToken: string): Promise<void> {
  try {
    await client.send(new PutCommand({ ...put, Item: { ...put.Item, writeToken }, ...RETURN_EXISTING }));
  } catch (error) {
    if (existingItem(error)?.writeToken !== writeToken) throw error;
  }
}

/**
 * Sends an update and returns the item after it.
 * @throws ConditionalCheckFailedException unless an earlier attempt of the same call wrote the item
 */
export async function sendUpdate({ client }: Table, update: UpdateCommandInput, writeToken: string): Promise<Item> {
  const input = {
    ...update,
    ...withWriteToken(update, writeToken),
    ReturnValues: 'ALL_NEW',
    ...RETURN_EXISTING,
  } as const;
  try {
    const { Attributes } = await client.send(new UpdateCommand(input));
    return Attributes ?? {};
  } catch (error) {
    const existing = existingItem(error);
    if (existing?.writeToken !== writeToken) throw error;
    return existing;
  }
}

function withWriteToken(update: Expression, writeToken: string): Expression {
  // Without a condition, a retry cannot fail.
  if (update.ConditionExpression === undefined) return {};
  const { UpdateExpression = '', ExpressionAttributeValues } = update;
  const setToken = 'SET writeToken = :writeToken';
  return {
    // An expression can have only one SET clause. Ours begin with it.
    UpdateExpression: UpdateExpression.startsWith('SET ')
      ? `${setToken}, ${UpdateExpression.slice('SET '.length)}`
      : `${setToken} ${UpdateExpression}`,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':writeToken': writeToken },
  };
}

/**
 * Runs an update and returns the item after it. One call.
 * @throws the error of `refusal` if the condition fails
 */
export async function updateItem(table: Table, key: Key, expression: Expression, refusal?: Refusal): Promise<Item> {
  const writeToken = newWriteToken();
  const update = { TableName: table.name, Key: key, ...expression };
  return retryOnConflict(table, async () => {
    try {
      return await sendUpdate(table, update, writeToken);
    } catch (error) {
      if (refusal && error instanceof ConditionalCheckFailedException) throw refusal(existingItem(error));
      throw error;
    }
  });
}

/** Puts an item if the condition holds; otherwise returns the existing item. One call. */
export async function putItem(
  table: Table,
  key: Key,
  item: Item,
  condition: Condition,
): Promise<'put' | { existing: Item | undefined }> {
  const writeToken = newWriteToken();
  const put = { TableName: table.name, Item: { ...item, ...key }, ...condition };
  return retryOnConflict(table, async () => {
    try {
      await sendPut(table, put, writeToken);
      return 'put';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { existing: existingItem(error) };
      throw error;
    }
  });
}

/**
 * Deletes an item if the condition holds, and returns whether it did. One call. A deleted item cannot have a token, so the
 * result is also false if the SDK retried a delete whose answer was lost.
 */
export async function deleteItem(table: Table, key: Key, condition?: Condition): Promise<boolean> {
  const command = new DeleteCommand({ TableName: table.name, Key: key, ...condition });
  return retryOnConflict(table, async () => {
    try {
      await table.client.send(command);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  });
}

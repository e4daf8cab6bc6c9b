import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  PutCommand,
  type PutCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item, Table } from './client.ts';
import type { Key } from './keys.ts';
import { retryOnConflict } from './retry.ts';

/** DynamoDB's expressions of an update. */
export type Expression = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

export type Condition = Omit<Expression, 'UpdateExpression'> & { ConditionExpression: string };

/** Makes an error of the item against which a condition failed (undefined: there is none). */
export type Refusal = (existing: Item | undefined) => Error;

/** Has DynamoDB return the item against which a condition failed. */
export const RETURN_EXISTING = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/**
 * Identifies one call. A conditional write stores it in its item, so that the SDK's retry after a lost answer is recognised:
 * its condition fails against the item that the first attempt wrote, and that item has the token.
 */
export function newWriteToken(): string {
  return randomBytes(12).toString('base64url');
}

/** The item against which a condition failed; undefined if there is none, or if `error` is another one. */
export function existingItem(error: unknown): Item | undefined {
  return error instanceof ConditionalCheckFailedException && error.Item ? unmarshall(error.Item) : undefined;
}

/** Sends a conditional put. @throws ConditionalCheckFailedException unless an earlier attempt of this call has written it */
export async function sendPut({ client }: Table, put: PutCommandInput, writeToken: string): Promise<void> {
  try {
    await client.send(new PutCommand({ ...put, Item: { ...put.Item, writeToken }, ...RETURN_EXISTING }));
  } catch (error) {
    if (existingItem(error)?.writeToken !== writeToken) throw error;
  }
}

/**
 * Sends an update and returns the item after it.
 * @throws ConditionalCheckFailedException unless an earlier attempt of this call has written it
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
  // Without a condition nothing can fail that would have to be recognised.
  if (update.ConditionExpression === undefined) return {};
  const { UpdateExpression = '', ExpressionAttributeValues } = update;
  const setToken = 'SET writeToken = :writeToken';
  return {
    // An expression may have one SET clause only; ours begin with it.
    UpdateExpression: UpdateExpression.startsWith('SET ')
      ? `${setToken}, ${UpdateExpression.slice('SET '.length)}`
      : `${setToken} ${UpdateExpression}`,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':writeToken': writeToken },
  };
}

/**
 * Runs an update and returns the item after it. One call.
 * @throws what `refusal` makes of the existing item if the condition fails
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

/** Puts an item if the condition holds; otherwise returns the item that is there. One call. */
export async function putItem(
  table: Table,
  key: Key,
  item: Item,
  condition: Condition,
): Promise<'put' | { standing: Item | undefined }> {
  const writeToken = newWriteToken();
  const put = { TableName: table.name, Item: { ...item, ...key }, ...condition };
  return retryOnConflict(table, async () => {
    try {
      await sendPut(table, put, writeToken);
      return 'put';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { standing: existingItem(error) };
      throw error;
    }
  });
}

/**
 * Deletes an item if the condition holds; returns whether it did. One call. Nothing is left that could tell whose delete it
 * was: false is also the answer to the SDK's retry of a delete whose own answer was lost.
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

import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { Problem } from '../shared/errors.ts';
import type { Item, Table } from './client.ts';
import type { Key } from './keys.ts';
import { callTable, MAX_ATTEMPTS } from './retry.ts';

/** The maximum number of items in one BatchWriteItem. */
const MAX_ITEMS = 25;

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** Puts and deletes without conditions and without order. Each key occurs once. */
export interface BatchWrites {
  /** Items with their keys. */
  puts: readonly Item[];
  deletes: readonly Key[];
}

/**
 * Writes items without conditions: one call and 25 items after the other, and again what DynamoDB did not process. Half the
 * units of a transaction. `signalOf` is called before each call: it throws if the call may no longer be made, and its signal
 * aborts a call that takes too long.
 * Returns whether the SDK has repeated a call. Its lost attempt may then still be executed after this returns.
 * @throws Problem `unavailable` (503), the error of `signalOf`, AbortError
 */
export async function batchWrite(
  table: Table,
  { puts, deletes }: BatchWrites,
  signalOf: () => AbortSignal,
): Promise<{ repeated: boolean }> {
  const requests: Requests = [
    ...puts.map((Item) => ({ PutRequest: { Item } })),
    ...deletes.map((Key) => ({ DeleteRequest: { Key: { ...Key } } })),
  ];
  let repeated = false;
  for (let from = 0; from < requests.length; from += MAX_ITEMS) {
    let pending: Requests = requests.slice(from, from + MAX_ITEMS);
    for (let attempt = 1; pending.length > 0; attempt++) {
      const command = new BatchWriteCommand({ RequestItems: { [table.name]: pending } });
      const { UnprocessedItems, $metadata } = await callTable(() =>
        table.client.send(command, { abortSignal: signalOf() }),
      );
      repeated ||= ($metadata.attempts ?? 1) > 1;
      pending = UnprocessedItems?.[table.name] ?? [];
      if (pending.length === 0) break;
      if (attempt === MAX_ATTEMPTS) throw new Problem('unavailable', { retryAfter: 1 });
      await table.backOff(attempt);
    }
  }
  return { repeated };
}

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { QueueClient } from './sqs.ts';

/** What SQS takes in one call. */
const BATCH = 10;

/**
 * Sends messages to a queue, ten in a call, and answers those that were not taken. A message may arrive twice, and in any
 * order.
 * @throws what SQS answers where it refuses a whole call
 */
export async function sendMessages<M>(
  client: QueueClient,
  queueUrl: string,
  messages: readonly M[],
): Promise<readonly M[]> {
  const refused: M[] = [];
  for (let from = 0; from < messages.length; from += BATCH) {
    const some = messages.slice(from, from + BATCH);
    const Entries = some.map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    refused.push(...Failed.flatMap(({ Id }) => some[Number(Id)] ?? []));
  }
  return refused;
}

import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Messages that SQS accepts in one call. */
const BATCH_SIZE = 10;
/** Seconds that SQS hides a message at most: twelve hours from its delivery, less a minute for the work on it. */
const MAX_VISIBILITY = 12 * 3600 - 60;

export type QueueClient = SQSClient;

/** A client with the environment's credentials and region. A call takes seven seconds at most. */
export function openSqs(timeoutMs = 2000): QueueClient {
  return new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
}

/**
 * Sends messages to a queue, ten in a call, and returns those that SQS did not accept. A message may arrive twice, and
 * messages arrive in any order.
 * @throws SQSServiceException when SQS rejects a whole call; the client's error when no answer comes
 */
export async function sendMessages<M>(
  client: QueueClient,
  queueUrl: string,
  messages: readonly M[],
): Promise<readonly M[]> {
  const failed: M[] = [];
  for (let start = 0; start < messages.length; start += BATCH_SIZE) {
    const batch = messages.slice(start, start + BATCH_SIZE);
    const Entries = batch.map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    failed.push(...Failed.flatMap(({ Id }) => batch[Number(Id)] ?? []));
  }
  return failed;
}

/**
 * Hides a received message for so many seconds from now on, at most as long as SQS allows. One call.
 * @throws SQSServiceException when SQS rejects the call; the client's error when no answer comes
 */
export async function hideMessage(
  client: QueueClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> {
  const VisibilityTimeout = Math.min(MAX_VISIBILITY, Math.ceil(seconds));
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
  );
}

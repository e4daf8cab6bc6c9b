import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { logger } from './logger.ts';
import { hideMessage, openSqs, type QueueClient } from './sqs.ts';

/** How a message was delivered. It decides when the message is retried, never what is done. */
export interface Delivery {
  /** How often the message was delivered, including this time. */
  readonly deliveries: number;
  readonly sentAt: Date;
}

/** The result of a step: undefined when the message is done, else the seconds after which it is to be delivered again. */
export type Outcome = { readonly againIn: number } | undefined;

export interface Consumer {
  readonly queueUrl: string;
  /**
   * Handles a message. Messages come more than once and in any order. A message whose step throws is retried with
   * backoff.
   */
  readonly step: (message: unknown, delivery: Delivery) => Promise<Outcome>;
  /** Messages from outside this project may hold anything: their bodies are not logged. @default false */
  readonly foreign?: boolean;
  readonly client?: QueueClient;
}

/** The longest backoff in seconds. */
const MAX_BACKOFF = 3600;

/** Seconds until a failed message is retried: 1, 2, 4, … up to an hour. Twenty deliveries take some nine hours. */
function backoffSeconds(deliveries: number): number {
  return Math.min(MAX_BACKOFF, 2 ** (deliveries - 1));
}

/**
 * The handler of a function that consumes a queue, one message after the other. A message that fails or is postponed
 * stays in the queue, hidden until its time. SQS moves a message that was delivered too often to the dead-letter queue.
 */
export function queueConsumer({ queueUrl, step, foreign = false, client = openSqs() }: Consumer) {
  /** Returns the seconds after which the message is to be delivered again; undefined when it is done. */
  async function handle(record: SQSRecord): Promise<number | undefined> {
    const { ApproximateReceiveCount, SentTimestamp } = record.attributes;
    const deliveries = Number(ApproximateReceiveCount);
    try {
      const outcome = await step(JSON.parse(record.body), { deliveries, sentAt: new Date(Number(SentTimestamp)) });
      return outcome?.againIn;
    } catch (error) {
      // Name and message only: what else an error carries may be personal. Our own messages hold ids and nothing else.
      const { name, message } = Object(error);
      logger.warn('a message is retried', {
        reason: `${name}: ${message}`,
        message: foreign ? record.messageId : record.body,
        deliveries,
      });
      return backoffSeconds(deliveries);
    }
  }

  async function postpone({ receiptHandle, messageId }: SQSRecord, seconds: number): Promise<void> {
    try {
      await hideMessage(client, queueUrl, receiptHandle, seconds);
    } catch (error) {
      // The message is delivered again all the same, after the visibility timeout of the queue.
      logger.warn('a message was not postponed', { messageId, reason: Object(error).name });
    }
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of Records) {
      const seconds = await handle(record);
      if (seconds === undefined) continue;
      batchItemFailures.push({ itemIdentifier: record.messageId });
      await postpone(record, seconds);
    }
    return { batchItemFailures };
  };
}

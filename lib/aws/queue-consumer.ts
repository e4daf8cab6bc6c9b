import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type AwsCall, awsCall } from './aws-call.ts';
import { logger } from './logger.ts';

/** How a message came: nothing of it decides what is done, only when it is tried again. */
export interface Delivery {
  /** This one included. */
  readonly deliveries: number;
  readonly sentAt: Date;
}

/** What a step leaves behind: nothing, or a message that is to come again after so many seconds. */
export type Outcome = { readonly againIn: number } | undefined;

export interface Consumer {
  readonly queueUrl: string;
  /** Does what a message asks for. Messages come more than once and in any order. What it throws is tried again, ever later. */
  readonly step: (message: unknown, delivery: Delivery) => Promise<Outcome>;
  /** Messages of others may hold anything: nothing of them is logged. @default false */
  readonly foreign?: boolean;
  readonly call?: AwsCall;
}

/** The longest wait of a message that fails, and the longest that SQS takes, in seconds. */
const LONGEST_WAIT = 3600;
const LONGEST_VISIBILITY = 12 * 3600 - 60;

/** SQS, in the environment's region. */
function openSqs(): AwsCall {
  return awsCall({ signedAs: 'sqs', host: 'sqs', endpointVariable: 'AWS_ENDPOINT_URL_SQS' });
}

/** Seconds until a message that failed comes again: 1, 2, 4, … up to an hour. Twenty deliveries take some nine hours. */
export function waitAfter(deliveries: number): number {
  return Math.min(LONGEST_WAIT, 2 ** (deliveries - 1));
}

/**
 * The handler of a function that works off a queue, one message after the other. What fails or is postponed stays in the
 * queue, hidden until its time; the queue itself sets aside what was delivered too often.
 */
export function queueConsumer({ queueUrl, step, foreign = false, call = openSqs() }: Consumer) {
  /** Answers after how many seconds the message is to come again; undefined where it is done. */
  async function take(record: SQSRecord): Promise<number | undefined> {
    const { ApproximateReceiveCount, SentTimestamp } = record.attributes;
    const deliveries = Number(ApproximateReceiveCount);
    try {
      const outcome = await step(JSON.parse(record.body), { deliveries, sentAt: new Date(Number(SentTimestamp)) });
      return outcome?.againIn;
    } catch (error) {
      // Name and message only: what else an error carries may be personal. Messages of ours hold ids and nothing else.
      const { name, message } = Object(error);
      logger.warn('a message is tried again', {
        reason: `${name}: ${message}`,
        asked: foreign ? record.messageId : record.body,
        deliveries,
      });
      return waitAfter(deliveries);
    }
  }

  async function hide({ receiptHandle, messageId }: SQSRecord, seconds: number): Promise<void> {
    const VisibilityTimeout = Math.min(LONGEST_VISIBILITY, Math.ceil(seconds));
    try {
      const { error } = await call({
        path: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AmazonSQS.ChangeMessageVisibility',
        },
        body: { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout },
        milliseconds: 3000,
      });
      if (error !== undefined) logger.warn('a message was not postponed', { messageId, reason: error });
    } catch (error) {
      // It comes again all the same, when the queue's own time is up.
      logger.warn('a message was not postponed', { messageId, reason: Object(error).name });
    }
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of Records) {
      const seconds = await take(record);
      if (seconds === undefined) continue;
      batchItemFailures.push({ itemIdentifier: record.messageId });
      await hide(record, seconds);
    }
    return { batchItemFailures };
  };
}

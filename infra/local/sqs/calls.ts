import { createHash } from 'node:crypto';
import type { QueueModel } from '../assembly/queues.ts';
import type { Attempt } from '../endpoint/policies.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import type { JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString } from '../shared/json.ts';
import type { Message, NewMessage, Queues } from './queues.ts';

/** The permission that a call to SQS needs, and its execution. */
export type QueueCall = { attempts: Attempt[]; run(): JsonObject };

type Operation = {
  /** SQS has no permissions for batches: a batch needs the one of its single operation. */
  permission: string;
  run(queues: Queues, queue: QueueModel, input: JsonObject): JsonObject;
};

/** The limit on the bodies of one call together. */
const maximumBytes = 1024 * 1024;

const operations: Record<string, Operation> = {
  SendMessageBatch: { permission: 'SendMessage', run: sendBatch },
  ChangeMessageVisibility: { permission: 'ChangeMessageVisibility', run: changeVisibility },
};

/**
 * Reads a call of the JSON protocol.
 *
 * @throws ServiceError for an operation that is not supported, or a queue that does not exist
 */
export function readQueueCall(queues: Queues, action: string, input: JsonObject): QueueCall {
  const operation = operations[action];
  if (operation === undefined)
    throw new ServiceError('UnknownOperationException', `The local stack has no SQS operation ${action}.`);
  const queue = queues.find(asString(input.QueueUrl) ?? '');
  if (queue === undefined) throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  return {
    attempts: [{ action: `sqs:${operation.permission}`, resource: queue.arn }],
    run: () => operation.run(queues, queue, input),
  };
}

function sendBatch(queues: Queues, queue: QueueModel, input: JsonObject): JsonObject {
  const entries = asList(input.Entries).map(asObject);
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > 10) throw new ServiceError('TooManyEntriesInBatchRequest', 'At most 10 entries are permitted.');
  if (new Set(entries.map(({ Id }) => asString(Id))).size < entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  const messages = entries.map(readMessage);
  if (messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0) > maximumBytes)
    throw new ServiceError('BatchRequestTooLong', `The messages are longer than ${maximumBytes} bytes together.`);
  const ids = queues.send(queue.arn, messages);
  return {
    Successful: messages.map(({ body }, index) => ({
      Id: entries[index]?.Id,
      MessageId: ids[index] ?? '',
      MD5OfMessageBody: md5(body),
    })),
    Failed: [],
  };
}

function readMessage(entry: JsonObject): NewMessage {
  const body = asString(entry.MessageBody) ?? '';
  const delaySeconds = asNumber(entry.DelaySeconds);
  if (body === '') throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  checkRange('DelaySeconds', delaySeconds ?? 0, 900);
  return {
    body,
    attributes: asObject(entry.MessageAttributes),
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  };
}

function changeVisibility(queues: Queues, _queue: QueueModel, input: JsonObject): JsonObject {
  const seconds = asNumber(input.VisibilityTimeout) ?? -1;
  checkRange('VisibilityTimeout', seconds, 43_200);
  const receipt = asString(input.ReceiptHandle) ?? '';
  if (!/^[\w-]{36}\/[\w-]{36}$/.test(receipt))
    throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  if (!queues.hide(receipt, seconds))
    throw new ServiceError(
      'InvalidParameterValue',
      'Message does not exist or is not available for visibility timeout change.',
    );
  return {};
}

function checkRange(name: string, value: number, maximum: number): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum)
    throw new ServiceError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid.`);
}

/** The system attributes of a message, as events have them. */
export function systemAttributes({ receives, sentAt, firstReceivedAt, sourceArn }: Message): Record<string, string> {
  return {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(sourceArn === undefined ? {} : { DeadLetterQueueSourceArn: sourceArn }),
  };
}

/** The SDK compares the MD5 of a body with the one that it sent. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

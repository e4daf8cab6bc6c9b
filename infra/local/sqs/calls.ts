import { createHash } from 'node:crypto';
import type { QueueModel } from '../assembly/queues.ts';
import type { Attempt } from '../endpoint/policies.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import type { Message, NewMessage, Queues } from './queues.ts';

/** What a call to SQS asks IAM for, and what it does then. */
export type QueueCall = { attempts: Attempt[]; run(): Promise<JsonObject> };

type Operation = {
  /** Batches are permitted as what they are batches of. */
  permission: string;
  run(queues: Queues, queue: QueueModel, input: JsonObject): JsonObject | Promise<JsonObject>;
};

/** What SQS takes in one call, the bodies together. */
const maximumBytes = 1024 * 1024;

const operations: Record<string, Operation> = {
  SendMessage: { permission: 'SendMessage', run: (queues, queue, input) => send(queues, queue, [input])[0] ?? {} },
  SendMessageBatch: {
    permission: 'SendMessage',
    run(queues, queue, input) {
      const entries = batchOf(input);
      const sent = send(queues, queue, entries);
      return { Successful: sent.map((one, index) => ({ Id: entries[index]?.Id, ...one })), Failed: [] };
    },
  },
  ReceiveMessage: { permission: 'ReceiveMessage', run: receive },
  DeleteMessage: {
    permission: 'DeleteMessage',
    run(queues, _queue, input) {
      queues.remove(receiptOf(input));
      return {};
    },
  },
  DeleteMessageBatch: {
    permission: 'DeleteMessage',
    run: (queues, _queue, input) => each(batchOf(input), (entry) => queues.remove(receiptOf(entry))),
  },
  ChangeMessageVisibility: {
    permission: 'ChangeMessageVisibility',
    run(queues, _queue, input) {
      hide(queues, input);
      return {};
    },
  },
  ChangeMessageVisibilityBatch: {
    permission: 'ChangeMessageVisibility',
    run: (queues, _queue, input) => each(batchOf(input), (entry) => hide(queues, entry)),
  },
  GetQueueAttributes: { permission: 'GetQueueAttributes', run: attributes },
  GetQueueUrl: { permission: 'GetQueueUrl', run: (_queues, queue) => ({ QueueUrl: queue.url }) },
};

/** Reads a call of the JSON protocol. @throws ServiceError where there is no such operation or queue */
export function readQueueCall(queues: Queues, action: string, input: JsonObject): QueueCall {
  if (action === 'StartMessageMoveTask') return moveTask(queues, input);
  const operation = operations[action];
  if (operation === undefined)
    throw new ServiceError('UnknownOperationException', `The local stack has no SQS operation ${action}.`);
  const queue = queueOf(queues, asString(input.QueueUrl) ?? asString(input.QueueName) ?? '');
  return {
    attempts: [{ action: `sqs:${operation.permission}`, resource: queue.arn }],
    run: async () => await operation.run(queues, queue, input),
  };
}

function queueOf(queues: Queues, reference: string): QueueModel {
  const queue = queues.find(reference);
  if (queue === undefined) throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

/** Moves dead letters back to where they came from, at once and whole. */
function moveTask(queues: Queues, input: JsonObject): QueueCall {
  const source = asString(input.SourceArn) ?? '';
  const destination = asString(input.DestinationArn);
  const sources = queues.models.filter(({ redrive }) => redrive?.deadLetterArn === source);
  const permissions = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  const targets = destination === undefined ? sources.map(({ arn }) => arn) : [destination];
  return {
    attempts: [
      ...permissions.map((permission) => ({ action: `sqs:${permission}`, resource: source })),
      ...targets.map((resource) => ({ action: 'sqs:SendMessage', resource })),
    ],
    async run() {
      if (sources.length === 0)
        throw new ServiceError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
      if (destination !== undefined) queueOf(queues, destination);
      const moved = queues.move(source, destination);
      return { TaskHandle: Buffer.from(`${source} ${moved}`).toString('base64') };
    },
  };
}

function send(queues: Queues, queue: QueueModel, entries: readonly JsonObject[]): JsonObject[] {
  const messages = entries.map((entry): NewMessage => {
    const body = asString(entry.MessageBody) ?? '';
    const delaySeconds = asNumber(entry.DelaySeconds);
    if (body === '') throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
    inRange('DelaySeconds', delaySeconds ?? 0, 0, 900);
    const attributes = asObject(entry.MessageAttributes);
    return { body, attributes, ...(delaySeconds === undefined ? {} : { delaySeconds }) };
  });
  if (messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0) > maximumBytes)
    throw new ServiceError('BatchRequestTooLong', `The messages are longer than ${maximumBytes} bytes together.`);
  const ids = queues.send(queue.arn, messages);
  return messages.map(({ body }, index) => ({ MessageId: ids[index] ?? '', MD5OfMessageBody: md5(body) }));
}

async function receive(queues: Queues, queue: QueueModel, input: JsonObject): Promise<JsonObject> {
  const limit = asNumber(input.MaxNumberOfMessages) ?? 1;
  const wait = asNumber(input.WaitTimeSeconds) ?? queue.waitSeconds;
  const visibility = asNumber(input.VisibilityTimeout) ?? queue.visibilitySeconds;
  inRange('MaxNumberOfMessages', limit, 1, 10);
  inRange('WaitTimeSeconds', wait, 0, 20);
  inRange('VisibilityTimeout', visibility, 0, 43_200);
  const deadline = Date.now() + wait * 1000;
  let messages = queues.receive(queue.arn, limit, visibility);
  while (messages.length === 0 && Date.now() < deadline) {
    await queues.wait(queue.arn, deadline - Date.now());
    messages = queues.receive(queue.arn, limit, visibility);
  }
  if (messages.length === 0) return {};
  const system = asStrings(input.MessageSystemAttributeNames ?? input.AttributeNames);
  const own = asStrings(input.MessageAttributeNames);
  return {
    Messages: messages.map((message) => ({
      MessageId: message.id,
      ReceiptHandle: message.receipt,
      Body: message.body,
      MD5OfBody: md5(message.body),
      Attributes: pick(systemAttributes(message), system),
      ...(own.length > 0 && { MessageAttributes: pick(message.attributes, own) }),
    })),
  };
}

function pick(values: JsonObject, names: readonly string[]): JsonObject {
  const wanted = (name: string) => names.some((one) => one === 'All' || one === '.*' || one === name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name)));
}

/** What SQS itself knows of a message, as calls and events have it. */
export function systemAttributes({ receives, sentAt, firstReceivedAt, sourceArn }: Message): Record<string, string> {
  return {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(sourceArn === undefined ? {} : { DeadLetterQueueSourceArn: sourceArn }),
  };
}

function hide(queues: Queues, input: JsonObject): void {
  const seconds = asNumber(input.VisibilityTimeout) ?? -1;
  inRange('VisibilityTimeout', seconds, 0, 43_200);
  if (!queues.hide(receiptOf(input), seconds))
    throw new ServiceError(
      'InvalidParameterValue',
      'Message does not exist or is not available for visibility timeout change.',
    );
}

function attributes(queues: Queues, queue: QueueModel, input: JsonObject): JsonObject {
  const { visible, hidden, delayed } = queues.count(queue.arn);
  const { redrive } = queue;
  const all = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(hidden),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(queue.visibilitySeconds),
    DelaySeconds: String(queue.delaySeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: redrive.deadLetterArn,
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }),
  };
  return { Attributes: pick(all, asStrings(input.AttributeNames)) };
}

function receiptOf(input: JsonObject): string {
  const receipt = asString(input.ReceiptHandle) ?? '';
  if (!/^[\w-]{36}\/[\w-]{36}$/.test(receipt))
    throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  return receipt;
}

function batchOf(input: JsonObject): JsonObject[] {
  const entries = asList(input.Entries).map(asObject);
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > 10) throw new ServiceError('TooManyEntriesInBatchRequest', 'At most 10 entries are permitted.');
  if (new Set(entries.map(({ Id }) => asString(Id))).size < entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  return entries;
}

function each(entries: readonly JsonObject[], act: (entry: JsonObject) => void): JsonObject {
  const Successful: Json[] = [];
  const Failed: Json[] = [];
  for (const entry of entries)
    try {
      act(entry);
      Successful.push({ Id: entry.Id });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.name, Message: error.message, SenderFault: true });
    }
  return { Successful, Failed };
}

function inRange(name: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to)
    throw new ServiceError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid.`);
}

/** What the SDK compares to find out whether a body arrived whole. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { logger } from '../../lib/aws/logger.ts';
import { type QueueClient, sendMessages } from '../../lib/aws/sqs.ts';
import type { RelayRule } from '../../lib/relay/rule.ts';
import { companyOfRecord } from '../../lib/table/keys.ts';

interface RelayDeps {
  client: QueueClient;
  destinations: readonly { queueUrl: string; rules: readonly RelayRule[] }[];
}

type Message = Record<string, string | number>;

/** The texts and numbers of an item. A message can copy no other attributes. */
function textsAndNumbers(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Message {
  return Object.fromEntries(
    Object.entries(image ?? {}).flatMap(([name, { S, N }]) => {
      const value = S ?? (N === undefined ? undefined : Number(N));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The message of the first rule that a record matches; undefined if it matches none. */
function messageOf({ eventName, dynamodb = {} }: DynamoDBRecord, rules: readonly RelayRule[]): Message | undefined {
  const removed = eventName === 'REMOVE';
  const item = textsAndNumbers(removed ? dynamodb.OldImage : dynamodb.NewImage);
  const rule = rules.find(
    ({ entity, status = item.status, ...other }) =>
      entity === item.entity && status === item.status && other.removed === removed,
  );
  if (!rule) return undefined;
  const copied = rule.attributes.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]]));
  return { ...Object.fromEntries(copied), kind: rule.kind, company: companyOfRecord(dynamodb.Keys?.PK?.S ?? '') };
}

/**
 * Reads the table's stream and sends the messages of its records. If SQS does not accept a message, Lambda retries from its
 * record on: no message is lost, but some are sent twice.
 */
export function relay({ client, destinations }: RelayDeps) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = new Set<DynamoDBRecord>();
    for (const { queueUrl, rules } of destinations) {
      const outgoing = Records.flatMap((record) => {
        const message = messageOf(record, rules);
        return message ? [{ record, message }] : [];
      });
      for (const { record } of await sendAll(client, queueUrl, outgoing)) failed.add(record);
    }
    const batchItemFailures = [...failed].map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? '' }));
    return { batchItemFailures };
  };
}

/** Sends messages and returns those that SQS did not accept. */
async function sendAll<M extends { message: Message }>(client: QueueClient, queueUrl: string, outgoing: readonly M[]) {
  const messages = outgoing.map(({ message }) => message);
  try {
    const refused = new Set(await sendMessages(client, queueUrl, messages));
    return outgoing.filter(({ message }) => refused.has(message));
  } catch (error) {
    const { name, message } = Object(error);
    logger.error('the queue accepts no messages', { queueUrl, reason: `${name}: ${message}` });
    return outgoing;
  }
}

import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { logger } from '../../lib/aws/logger.ts';
import { type QueueClient, sendMessages } from '../../lib/aws/sqs.ts';
import { companyOfRecord } from '../../lib/table/keys.ts';
import type { Relayed } from './contract.ts';

interface RelayDeps {
  client: QueueClient;
  destinations: readonly { queueUrl: string; rules: readonly Relayed[] }[];
}

/**
 * What a consumer is told: the kind of item, whose it is, the attributes that the rule passes on, whether the item is gone,
 * and the id of the stream record, which is the same however often the message comes.
 */
type Message = Record<string, string | number | true>;

/** The texts and numbers of an item, which are all that is passed on. */
function plain(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(image ?? {}).flatMap(([name, { S, N }]) => {
      const value = S ?? (N === undefined ? undefined : Number(N));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The message that a record comes to by the first rule that it meets; undefined where it meets none. */
export function messageOf(
  { eventID, eventName, dynamodb = {} }: DynamoDBRecord,
  rules: readonly Relayed[],
): Message | undefined {
  const gone = eventName === 'REMOVE';
  const item = plain(gone ? dynamodb.OldImage : dynamodb.NewImage);
  const rule = rules.find(
    ({ entity, status = item.status, gone: whenGone = false }) =>
      entity === item.entity && status === item.status && whenGone === gone,
  );
  if (!rule) return undefined;
  const passed = rule.pass.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]]));
  return {
    ...Object.fromEntries(passed),
    entity: rule.entity,
    company: companyOfRecord(dynamodb.Keys?.PK?.S ?? ''),
    ...(gone && { gone }),
    eventId: eventID ?? '',
  };
}

/**
 * Follows the table's stream and puts what is to be done into the queues of those who do it. A record whose message was not
 * taken fails, and with it those behind it: so nothing is left out, and some messages are sent again.
 */
export function relay({ client, destinations }: RelayDeps) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = new Set<DynamoDBRecord>();
    for (const { queueUrl, rules } of destinations) {
      const wanted = Records.flatMap((record) => {
        const message = messageOf(record, rules);
        return message ? [{ record, message }] : [];
      });
      const refused = await tried(client, queueUrl, wanted);
      for (const { record } of refused) failed.add(record);
    }
    const batchItemFailures = [...failed].map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? '' }));
    return { batchItemFailures };
  };
}

/** Sends what it can, and answers the rest. */
async function tried<W extends { message: Message }>(client: QueueClient, queueUrl: string, wanted: readonly W[]) {
  const messages = wanted.map(({ message }) => message);
  try {
    const refused = new Set(await sendMessages(client, queueUrl, messages));
    return wanted.filter(({ message }) => refused.has(message));
  } catch (error) {
    const { name, message } = Object(error);
    logger.error('a queue takes nothing', { queueUrl, reason: `${name}: ${message}` });
    return wanted;
  }
}

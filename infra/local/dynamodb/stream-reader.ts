import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, isObject } from '../shared/json.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';

export type StreamRecord = { sequenceNumber: string; createdAtSeconds: number; record: JsonObject };

export type StreamReader = {
  /** The next records, or none; never waits for any to come. */
  read(limit: number): Promise<StreamRecord[]>;
};

/** Where reading begins: after a record, at the oldest one kept, or behind the newest. */
export type Position = { after: string } | 'TRIM_HORIZON' | 'LATEST';

const streams = (operation: string) => `DynamoDBStreams_20120810.${operation}`;

/**
 * Reads a table's stream in order, shard after shard, and shapes its records as Lambda passes them on.
 *
 * @param eventSourceArn the stream's ARN in the template; the engine's own is another one
 */
export async function openStream(
  endpoint: string,
  tableName: string,
  eventSourceArn: string,
  region: string,
  start: Position,
): Promise<StreamReader> {
  const table = asObject(
    (await callDynamoDb(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: tableName })).Table,
  );
  const StreamArn = asString(table.LatestStreamArn);
  let position = start;
  let shard: string | undefined;
  let iterator: string | undefined;

  async function shards(): Promise<string[]> {
    const answer = await callDynamoDb(endpoint, streams('DescribeStream'), { StreamArn });
    return asList(asObject(answer.StreamDescription).Shards).flatMap((one) => asString(asObject(one).ShardId) ?? []);
  }

  async function open(): Promise<string | undefined> {
    const known = await shards();
    const from = position === 'LATEST' ? known.at(-1) : known[0];
    shard ??= from;
    if (shard === undefined) return undefined;
    const kind =
      typeof position === 'string'
        ? { ShardIteratorType: position }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.after };
    try {
      return asString(
        (await callDynamoDb(endpoint, streams('GetShardIterator'), { StreamArn, ShardId: shard, ...kind }))
          .ShardIterator,
      );
    } catch (error) {
      // Trimmed below our place, or the number belongs to another shard: the oldest record kept is the next one for us.
      if (!(error instanceof DynamoDbError) || typeof position === 'string') throw error;
      return asString(
        (
          await callDynamoDb(endpoint, streams('GetShardIterator'), {
            StreamArn,
            ShardId: shard,
            ShardIteratorType: 'TRIM_HORIZON',
          })
        ).ShardIterator,
      );
    }
  }

  return {
    async read(limit) {
      iterator ??= await open();
      if (iterator === undefined) return [];
      const answer = await nextRecords(endpoint, iterator, limit);
      if (answer === undefined) {
        iterator = undefined; // Expired after a long pause; the position is where to go on.
        return [];
      }
      iterator = asString(answer.NextShardIterator);
      if (iterator === undefined) {
        const known = await shards();
        shard = known[known.indexOf(shard ?? '') + 1] ?? shard;
      }
      const records = asList(answer.Records)
        .map(asObject)
        .map((record) => shape(record, eventSourceArn, region));
      const last = records.at(-1);
      if (last !== undefined) position = { after: last.sequenceNumber };
      return records;
    },
  };
}

async function nextRecords(endpoint: string, iterator: string, limit: number): Promise<JsonObject | undefined> {
  try {
    return await callDynamoDb(endpoint, streams('GetRecords'), {
      ShardIterator: iterator,
      Limit: Math.min(1000, limit),
    });
  } catch (error) {
    if (error instanceof DynamoDbError && /ExpiredIterator|TrimmedDataAccess/.test(error.name)) return undefined;
    throw error;
  }
}

function shape(raw: JsonObject, eventSourceArn: string, region: string): StreamRecord {
  const change = asObject(raw.dynamodb);
  const record: JsonObject = {
    eventID: raw.eventID,
    eventName: raw.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: change,
    eventSourceARN: eventSourceArn,
  };
  // The engines spell the deletion by time to live in ways of their own; it is the only thing that this field is ever for.
  if (isObject(raw.userIdentity)) record.userIdentity = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };
  return {
    sequenceNumber: asString(change.SequenceNumber) ?? '',
    createdAtSeconds: Number(change.ApproximateCreationDateTime ?? Date.now() / 1000),
    record,
  };
}

/** Whether a MODIFY changed nothing. DynamoDB writes no record for it, dynoxide does. */
export function changesNothing({ record }: StreamRecord): boolean {
  const { NewImage, OldImage } = asObject(record.dynamodb);
  if (record.eventName !== 'MODIFY' || NewImage === undefined || OldImage === undefined) return false;
  return JSON.stringify(canonical(NewImage)) === JSON.stringify(canonical(OldImage));
}

function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // The members of a set have no order.
  const isSet = (key: string, entry: Json) => ['SS', 'NS', 'BS'].includes(key) && Array.isArray(entry);
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      isSet(key, entry ?? null) ? asList(entry).map(String).sort() : canonical(entry ?? null),
    ]),
  );
}

import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, isObject } from '../shared/json.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';

export type StreamRecord = { sequenceNumber: string; createdAtSeconds: number; record: JsonObject };

export type StreamReader = {
  /** The next records, without waiting for new ones. */
  read(limit: number): Promise<StreamRecord[]>;
};

const streams = (operation: string) => `DynamoDBStreams_20120810.${operation}`;

/**
 * Reads a table's stream in order, shard after shard, and shapes its records as Lambda passes them on.
 *
 * @param mapping its `streamArn` is the one of the template, which the records carry; the engine's own is different
 * @param after the sequence number of the last record read before; undefined to start at the oldest record
 */
export async function openStream(
  endpoint: string,
  { tableName, streamArn }: { tableName: string; streamArn: string },
  region: string,
  after: string | undefined,
): Promise<StreamReader> {
  const table = asObject(
    (await callDynamoDb(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: tableName })).Table,
  );
  const StreamArn = asString(table.LatestStreamArn);
  let position = after;
  let shard: string | undefined;
  let iterator: string | undefined;

  async function shards(): Promise<string[]> {
    const answer = await callDynamoDb(endpoint, streams('DescribeStream'), { StreamArn });
    return asList(asObject(answer.StreamDescription).Shards).flatMap((one) => asString(asObject(one).ShardId) ?? []);
  }

  async function openIterator(): Promise<string | undefined> {
    shard ??= (await shards())[0];
    if (shard === undefined) return undefined;
    const oldest = { StreamArn, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' };
    const next = { StreamArn, ShardId: shard, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position };
    const request = async (input: JsonObject) =>
      asString((await callDynamoDb(endpoint, streams('GetShardIterator'), input)).ShardIterator);
    if (position === undefined) return await request(oldest);
    try {
      return await request(next);
    } catch (error) {
      // The record was trimmed, or is in another shard: the oldest record of this shard is the next one.
      if (!(error instanceof DynamoDbError)) throw error;
      return await request(oldest);
    }
  }

  return {
    async read(limit) {
      iterator ??= await openIterator();
      if (iterator === undefined) return [];
      const answer = await nextRecords(endpoint, iterator, limit);
      if (answer === undefined) {
        iterator = undefined; // It expired during a long pause; reading continues from the position.
        return [];
      }
      iterator = asString(answer.NextShardIterator);
      if (iterator === undefined) {
        const known = await shards();
        shard = known[known.indexOf(shard ?? '') + 1] ?? shard;
      }
      const records = asList(answer.Records)
        .map(asObject)
        .map((record) => toLambdaRecord(record, streamArn, region));
      const last = records.at(-1);
      if (last !== undefined) position = last.sequenceNumber;
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

function toLambdaRecord(raw: JsonObject, eventSourceArn: string, region: string): StreamRecord {
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
  // The engines differ in how they mark a deletion by time to live, the only use of this field.
  if (isObject(raw.userIdentity)) record.userIdentity = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };
  return {
    sequenceNumber: asString(change.SequenceNumber) ?? '',
    createdAtSeconds: Number(change.ApproximateCreationDateTime ?? Date.now() / 1000),
    record,
  };
}

/** Whether a MODIFY changed nothing: dynoxide writes a record for it, DynamoDB does not. */
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

import type { JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString } from '../shared/json.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';

export type StreamRecord = {
  sequenceNumber: string;
  createdAtSeconds: number;
  /** The size of keys and images. */
  bytes: number;
  /** As Lambda passes it on. */
  record: JsonObject;
};

export type StreamReader = {
  /** The next records, without waiting for new ones. */
  read(limit: number): Promise<StreamRecord[]>;
};

/** A table's stream: at the engine, and as the template names it. */
export type StreamSource = { endpoint: string; engineArn: string; streamArn: string; region: string };

const streams = (operation: string) => `DynamoDBStreams_20120810.${operation}`;

/** Finds a table's stream. @throws DynamoDbError if there is no such table */
export async function findStream(
  endpoint: string,
  { tableName, streamArn }: { tableName: string; streamArn: string },
  region: string,
): Promise<StreamSource> {
  const answer = await callDynamoDb(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: tableName });
  return { endpoint, engineArn: asString(asObject(answer.Table).LatestStreamArn) ?? '', streamArn, region };
}

/** Whether a position (a sequence number, or undefined before the oldest record) is before another. */
export function isBefore(position: string | undefined, other: string | undefined): boolean {
  if (position === undefined || other === undefined) return position === undefined && other !== undefined;
  return BigInt(position) < BigInt(other);
}

/** The position that is furthest behind; undefined if one is before the oldest record, or there is none. */
export function furthestBehind(positions: readonly (string | undefined)[]): string | undefined {
  return positions.reduce((lowest, one) => (isBefore(one, lowest) ? one : lowest), positions[0]);
}

/**
 * Reads a table's stream in order, shard after shard, and shapes its records as Lambda passes them on.
 *
 * @param after the sequence number of the last record read before; undefined to start at the oldest record
 */
export function openReader(source: StreamSource, after: string | undefined): StreamReader {
  const { endpoint, engineArn: StreamArn } = source;
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
      const records = asList(answer.Records).map((record) => toLambdaRecord(asObject(record), source));
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

/** Without `userIdentity`: the engines know nothing of the deletions by time to live, which the local stack makes itself. */
function toLambdaRecord(raw: JsonObject, { streamArn, region }: StreamSource): StreamRecord {
  const change = asObject(raw.dynamodb);
  return {
    sequenceNumber: asString(change.SequenceNumber) ?? '',
    createdAtSeconds: asNumber(change.ApproximateCreationDateTime) ?? Date.now() / 1000,
    bytes: asNumber(change.SizeBytes) ?? 1000,
    record: {
      eventID: raw.eventID,
      eventName: raw.eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: change,
      eventSourceARN: streamArn,
    },
  };
}

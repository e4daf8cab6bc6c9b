/** Tables with a stream on a real engine, and what reads them. */
import { callDynamoDb } from '../../infra/local/dynamodb/client.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { findStream, type StreamRecord, type StreamSource } from '../../infra/local/dynamodb/stream-reader.ts';
import type { StreamConsumer } from '../../infra/local/dynamodb/table-stream.ts';
import { createTable } from '../../infra/local/dynamodb/tables.ts';
import { asObject, asString, type JsonObject } from '../../infra/local/shared/json.ts';

export type StreamTable = {
  name: string;
  source: StreamSource;
  /** Calls the engine with the table's name. */
  call(operation: string, input: JsonObject): Promise<JsonObject>;
  put(pk: string, more?: JsonObject): Promise<JsonObject>;
  remove(pk: string): Promise<JsonObject>;
  has(pk: string): Promise<boolean>;
};

let tables = 0;

/** A table of its own, with the key `PK`. */
export async function streamTable(dynamoDb: DynamoDb): Promise<StreamTable> {
  const name = `Table${++tables}`;
  await createTable(
    dynamoDb.endpoint,
    {
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    name,
  );
  const call: StreamTable['call'] = (operation, input) =>
    callDynamoDb(dynamoDb.endpoint, `DynamoDB_20120810.${operation}`, { TableName: name, ...input });
  return {
    name,
    source: await findStream(dynamoDb.endpoint, { tableName: name, streamArn: 'arn:stream' }, 'eu-west-1'),
    call,
    put: (pk, more) => call('PutItem', { Item: { PK: { S: pk }, ...more } }),
    remove: (pk) => call('DeleteItem', { Key: { PK: { S: pk } } }),
    has: async (pk) => (await call('GetItem', { Key: { PK: { S: pk } }, ConsistentRead: true })).Item !== undefined,
  };
}

export function keyOf({ record }: StreamRecord): string {
  return asString(asObject(asObject(asObject(record.dynamodb).Keys).PK).S) ?? '';
}

/** Reads so many records. */
export async function take(consumer: StreamConsumer, count: number, limit = 100): Promise<StreamRecord[]> {
  const taken: StreamRecord[] = [];
  while (taken.length < count) taken.push(...(await consumer.read(limit)));
  return taken;
}

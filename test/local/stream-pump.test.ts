import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamMappingModel } from '../../infra/local/assembly/events.ts';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import { callDynamoDb } from '../../infra/local/dynamodb/client.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { type StreamPump, startStreamPump } from '../../infra/local/dynamodb/stream-pump.ts';
import { createTable } from '../../infra/local/dynamodb/tables.ts';
import type { LambdaFunction, Outcome } from '../../infra/local/lambda/functions.ts';
import { openDeadLetters } from '../../infra/local/sqs/dead-letters.ts';
import { openQueues } from '../../infra/local/sqs/queues.ts';
import { temporaryFolder } from './fixture-stack.ts';

type Delivered = { Records: { dynamodb: { SequenceNumber: string; Keys: { PK: { S: string } } } }[] };

const failed: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
const folder = temporaryFolder();
let dynamoDb: DynamoDb;
let tables = 0;

beforeAll(async () => {
  dynamoDb = await startDynamoDb({ file: join(folder, 'table.db') });
});
afterAll(() => dynamoDb.stop());

/** A table of its own, and pumps that deliver its stream to a function given here. */
async function streamOf(settings: Partial<StreamMappingModel>) {
  const tableName = `Table${++tables}`;
  await createTable(
    dynamoDb.endpoint,
    {
      AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    tableName,
  );
  const deadLetters = openDeadLetters(openQueues(join(folder, `${tableName}.db`), []), []);
  const mapping: StreamMappingModel = {
    id: tableName,
    functionName: 'f',
    tableName,
    streamArn: 'arn:stream',
    batchSize: 100,
    bisect: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    reportsItemFailures: false,
    filters: [],
    onFailureArn: 'arn:queue',
    ...settings,
  };
  return {
    deadLetters,
    put: (pk: string, more: Record<string, { S: string }> = {}) =>
      callDynamoDb(dynamoDb.endpoint, 'DynamoDB_20120810.PutItem', {
        TableName: tableName,
        Item: { PK: { S: pk }, ...more },
      }),
    async pump(handle: (keys: string[], event: Delivered) => Outcome): Promise<StreamPump> {
      const target = {
        model: { arn: 'arn:function' },
        invoke: async (event: string) => {
          const parsed = JSON.parse(event) as Delivered;
          return handle(
            parsed.Records.map(({ dynamodb }) => dynamodb.Keys.PK.S),
            parsed,
          );
        },
      } as unknown as LambdaFunction;
      const checkpointFile = join(folder, `${tableName}.json`);
      return await startStreamPump({
        mapping,
        target,
        endpoint: dynamoDb.endpoint,
        region: 'eu-west-1',
        checkpointFile,
        deadLetters,
        log: () => undefined,
      });
    },
  };
}

const accepted: Outcome = { ok: true, result: 'null' };

describe('the stream pump', () => {
  it('delivers what comes after a reported failure again, and what came before not', async () => {
    const stream = await streamOf({ reportsItemFailures: true });
    for (const pk of ['a', 'b', 'c']) await stream.put(pk);
    const batches: string[][] = [];
    const pump = await stream.pump((keys, { Records }) => {
      batches.push(keys);
      const itemIdentifier = Records[1]?.dynamodb.SequenceNumber;
      return batches.length > 1
        ? accepted
        : { ok: true, result: JSON.stringify({ batchItemFailures: [{ itemIdentifier }] }) };
    });
    await pump.caughtUp();
    await pump.stop();
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('gives up on the whole batch without bisecting, after the retries', async () => {
    const stream = await streamOf({ maximumRetryAttempts: 1 });
    for (const pk of ['a', 'b']) await stream.put(pk);
    let deliveries = 0;
    const pump = await stream.pump((keys) => {
      deliveries++;
      return keys.includes('later') ? accepted : failed;
    });
    await pump.caughtUp();
    await stream.put('later');
    await pump.caughtUp();
    await pump.stop();
    expect(deliveries).toBe(3);
    expect(stream.deadLetters.list()).toMatchObject([
      { queueArn: 'arn:queue', body: { DDBStreamBatchInfo: { batchSize: 2 } } },
    ]);
  });

  it('delivers again after a stop in the middle of retrying', async () => {
    const stream = await streamOf({});
    await stream.put('a');
    let tried: (() => void) | undefined;
    const firstTry = new Promise<void>((resolve) => {
      tried = resolve;
    });
    const first = await stream.pump(() => {
      tried?.();
      return failed;
    });
    await firstTry;
    await first.stop();
    const seen: string[] = [];
    const second = await stream.pump((keys) => {
      seen.push(...keys);
      return accepted;
    });
    await second.caughtUp();
    await second.stop();
    expect(seen).toEqual(['a']);
  });

  it('drops a record of a write that changed nothing, as DynamoDB makes none', async () => {
    const stream = await streamOf({});
    await stream.put('a', { v: { S: '1' } });
    await stream.put('a', { v: { S: '1' } });
    await stream.put('a', { v: { S: '2' } });
    let records = 0;
    const pump = await stream.pump((keys) => {
      records += keys.length;
      return accepted;
    });
    await pump.caughtUp();
    await pump.stop();
    expect(records).toBe(2);
  });
});

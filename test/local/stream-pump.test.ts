import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StreamMappingModel } from '../../infra/local/assembly/events.ts';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { type StreamPump, startStreamPump } from '../../infra/local/dynamodb/stream-pump.ts';
import { openTableStream } from '../../infra/local/dynamodb/table-stream.ts';
import type { LambdaFunction, Outcome } from '../../infra/local/lambda/functions.ts';
import { readIfThere } from '../../infra/local/shared/files.ts';
import { openDeadLetters } from '../../infra/local/sqs/dead-letters.ts';
import { openQueues } from '../../infra/local/sqs/queues.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { streamTable } from './stream-world.ts';

type Image = Record<string, { S: string } | undefined>;
type Delivered = { Records: { dynamodb: { SequenceNumber: string; Keys: { PK: { S: string } }; NewImage: Image } }[] };

const failed: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
const folder = temporaryFolder();
let dynamoDb: DynamoDb;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  dynamoDb = await startDynamoDb({ file: join(folder, 'table.db') });
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => dynamoDb.stop());

/** A table of its own, and pumps that deliver its stream to a function given here. */
async function streamOf(settings: Partial<StreamMappingModel>) {
  const table = await streamTable(dynamoDb);
  const tableName = table.name;
  const deadLetters = openDeadLetters(openQueues(join(folder, `${tableName}.db`), []), []);
  const mapping: StreamMappingModel = {
    id: tableName,
    functionName: 'f',
    tableName,
    streamArn: 'arn:stream',
    batchSize: 100,
    parallelizationFactor: 1,
    bisect: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    reportsItemFailures: false,
    filters: [],
    onFailureArn: 'arn:queue',
    ...settings,
  };
  const checkpointFile = join(folder, `${tableName}.json`);
  return {
    deadLetters,
    checkpointFile,
    put: table.put,
    pump(handle: (keys: string[], event: Delivered) => Outcome | Promise<Outcome>): StreamPump {
      const target = {
        model: { arn: 'arn:function' },
        invoke: async (event: string) => {
          const parsed = JSON.parse(event) as Delivered;
          return await handle(
            parsed.Records.map(({ dynamodb }) => dynamodb.Keys.PK.S),
            parsed,
          );
        },
      } as unknown as LambdaFunction;
      const log = () => undefined;
      const stream = openTableStream({ source: table.source, tableName, observer: undefined, log });
      const pump = startStreamPump({ mapping, target, stream, checkpointFile, deadLetters, log });
      stream.start();
      const stop = async () => void (await Promise.all([pump.stop(), stream.stop()]));
      stops.push(stop);
      return { ...pump, stop };
    },
  };
}

const accepted: Outcome = { ok: true, result: 'null' };

describe('the stream pump', () => {
  it('delivers what comes after a reported failure again, and what came before not', async () => {
    const stream = await streamOf({ reportsItemFailures: true });
    for (const pk of ['a', 'b', 'c']) await stream.put(pk);
    const batches: string[][] = [];
    const pump = stream.pump((keys, { Records }) => {
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
    const pump = stream.pump((keys) => {
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
    const first = stream.pump(() => {
      tried?.();
      return failed;
    });
    await firstTry;
    await first.stop();
    const seen: string[] = [];
    const second = stream.pump((keys) => {
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
    const pump = stream.pump((keys) => {
      records += keys.length;
      return accepted;
    });
    await pump.caughtUp();
    await pump.stop();
    expect(records).toBe(2);
  });

  it('has as many batches under way as the parallelization factor says, and of one item only one', async () => {
    const stream = await streamOf({ parallelizationFactor: 3, batchSize: 2 });
    const items = Array.from({ length: 12 }, (_, index) => `item-${index}`);
    for (const version of ['1', '2', '3']) for (const pk of items) await stream.put(pk, { v: { S: version } });
    const underWay = new Set<string>();
    const versions = new Map<string, string[]>();
    let [batches, most] = [0, 0];
    const pump = stream.pump(async (keys, { Records }) => {
      most = Math.max(most, ++batches);
      const distinct = new Set(keys);
      for (const key of distinct) expect(underWay).not.toContain(key);
      for (const key of distinct) underWay.add(key);
      for (const { dynamodb } of Records)
        versions.set(dynamodb.Keys.PK.S, [...(versions.get(dynamodb.Keys.PK.S) ?? []), dynamodb.NewImage.v?.S ?? '']);
      await new Promise((resolve) => setImmediate(resolve));
      for (const key of distinct) underWay.delete(key);
      batches--;
      return accepted;
    });
    await pump.caughtUp();
    expect(most).toBe(3);
    expect(Object.fromEntries(versions)).toEqual(Object.fromEntries(items.map((pk) => [pk, ['1', '2', '3']])));
  });

  it('goes on with other items while one keeps failing, and repeats after a crash what was not delivered', async () => {
    const stream = await streamOf({ parallelizationFactor: 10, batchSize: 1 });
    const items = Array.from({ length: 30 }, (_, index) => `item-${index}`);
    for (const pk of ['poison', ...items]) await stream.put(pk);
    const delivered = new Set<string>();
    const pump = stream.pump(([key = '']) => {
      if (key === 'poison') return failed;
      delivered.add(key);
      return accepted;
    });
    await vi.waitFor(() => expect(delivered.size).toBeGreaterThan(15));
    // Nothing that comes after the failing record may be in the checkpoint.
    expect([pump.position(), pump.checkpoint(), readIfThere(stream.checkpointFile)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const again = new Set<string>();
    const second = stream.pump(([key = '']) => {
      again.add(key);
      return accepted;
    });
    await second.caughtUp();
    expect(again).toEqual(new Set(['poison', ...items]));
  });

  it('has the last position in its file when it has stopped, and reads on from there', async () => {
    const stream = await streamOf({});
    await stream.put('a');
    const first = stream.pump(() => accepted);
    await first.caughtUp();
    await first.stop();
    expect(first.checkpoint()).toBe(first.position());
    const seen: string[] = [];
    const second = stream.pump((keys) => {
      seen.push(...keys);
      return accepted;
    });
    await stream.put('b');
    await second.caughtUp();
    expect(seen).toEqual(['b']);
  });

  it('starts anew when the checkpoint is of another stream', async () => {
    const stream = await streamOf({});
    writeFileSync(stream.checkpointFile, JSON.stringify({ stream: 'arn:another', after: '999999999' }));
    await stream.put('a');
    const seen: string[] = [];
    const pump = stream.pump((keys) => {
      seen.push(...keys);
      return accepted;
    });
    await pump.caughtUp();
    expect(seen).toEqual(['a']);
  });

  it('delivers a batch again that could not be dead-lettered', async () => {
    const stream = await streamOf({ maximumRetryAttempts: 0 });
    await stream.put('a');
    const add = vi.spyOn(stream.deadLetters, 'add').mockImplementationOnce(() => {
      throw new Error('disk full');
    });
    const pump = stream.pump(() => failed);
    await pump.caughtUp();
    expect(add).toHaveBeenCalledTimes(2);
    expect(stream.deadLetters.list()).toHaveLength(1);
  });
});

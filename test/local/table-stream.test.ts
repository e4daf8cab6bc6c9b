import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { openTableStream, type TableStreamSettings } from '../../infra/local/dynamodb/table-stream.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { keyOf, type StreamTable, streamTable, take } from './stream-world.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb({ file: join(temporaryFolder(), 'table.db') });
});
afterAll(() => dynamoDb.stop());

function streamOf(table: StreamTable, settings: Partial<TableStreamSettings> = {}) {
  const log = (line: string) => {
    throw new Error(line);
  };
  const stream = openTableStream({
    source: table.source,
    tableName: table.name,
    observer: undefined,
    log,
    ...settings,
  });
  onTestFinished(() => stream.stop());
  return stream;
}

async function putAll(table: StreamTable, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `item-${index}`);
  for (const pk of keys) await table.put(pk);
  return keys;
}

describe('the reader of a stream', () => {
  it('serves several consumers, each from its own position', async () => {
    const table = await streamTable(dynamoDb);
    const keys = await putAll(table, 5);
    const first = streamOf(table);
    const consumer = first.consumer(undefined);
    first.start();
    const records = await take(consumer, 5);
    const second = streamOf(table);
    const [fromStart, fromMiddle] = [second.consumer(undefined), second.consumer(records[2]?.sequenceNumber)];
    second.start();
    expect((await take(fromStart, 5)).map(keyOf)).toEqual(keys);
    expect((await take(fromMiddle, 2)).map(keyOf)).toEqual(keys.slice(3));
  });

  it.each([
    ['records', { records: 7, bytes: 1_000_000 }],
    ['bytes', { records: 1000, bytes: 1 }],
  ])('keeps a window of so many %s, and loses nothing for a consumer that is behind it', async (_what, window) => {
    const table = await streamTable(dynamoDb);
    const stream = streamOf(table, { window });
    const [slow, fast] = [stream.consumer(undefined), stream.consumer(undefined)];
    stream.start();
    const keys = await putAll(table, 60);
    await stream.readToEnd();
    expect((await take(fast, 60)).map(keyOf)).toEqual(keys);
    await table.put('later');
    stream.wake();
    expect((await take(fast, 1)).map(keyOf)).toEqual(['later']);
    expect((await take(slow, 61, 4)).map(keyOf)).toEqual([...keys, 'later']);
  });

  it('notices writes that nobody announced', async () => {
    const table = await streamTable(dynamoDb);
    const stream = streamOf(table);
    const consumer = stream.consumer(undefined);
    stream.start();
    await stream.readToEnd();
    await table.put('silent');
    expect((await take(consumer, 1)).map(keyOf)).toEqual(['silent']);
  });

  it('has read everything that was written before it was asked to read to the end', async () => {
    const table = await streamTable(dynamoDb);
    const stream = streamOf(table);
    const consumer = stream.consumer(undefined);
    stream.start();
    const keys = await putAll(table, 300);
    const end = await stream.readToEnd();
    const records = await take(consumer, 300, 1000);
    expect(records.map(keyOf)).toEqual(keys);
    expect(records.at(-1)?.sequenceNumber).toBe(end);
  });

  it('shows a record to its observer before any consumer gets it, and again if that failed', async () => {
    const table = await streamTable(dynamoDb);
    const observed: string[] = [];
    const problems: string[] = [];
    let failures = 1;
    const stream = streamOf(table, {
      log: (line) => problems.push(line),
      observer: {
        position: () => undefined,
        isServiceDeletion: () => false,
        async observe(records) {
          if (failures-- > 0) throw new Error('disk full');
          observed.push(...records.map(keyOf));
        },
      },
    });
    const consumer = stream.consumer(undefined);
    stream.start();
    await table.put('a');
    stream.wake();
    expect((await take(consumer, 1)).map(keyOf)).toEqual(['a']);
    expect(observed).toEqual(['a']);
    expect(problems).toEqual([`The stream of ${table.name} could not be read: disk full`]);
  });

  it('ends the reading of a consumer that stops', async () => {
    const table = await streamTable(dynamoDb);
    const stream = streamOf(table);
    const consumer = stream.consumer(undefined);
    stream.start();
    const reading = consumer.read(10);
    consumer.stop();
    expect(await reading).toEqual([]);
  });
});

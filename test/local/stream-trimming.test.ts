import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { openReader } from '../../infra/local/dynamodb/stream-reader.ts';
import { startTrimming } from '../../infra/local/dynamodb/stream-trimming.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { keyOf, type StreamTable, streamTable } from './stream-world.ts';

let dynamoDb: DynamoDb;
const file = join(temporaryFolder(), 'table.db');
beforeAll(async () => {
  dynamoDb = await startDynamoDb({ file });
});
afterAll(() => dynamoDb.stop());

async function putBatches(table: StreamTable, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const puts = Array.from({ length: 25 }, (_, index) => ({
      PutRequest: { Item: { PK: { S: `item-${batch}-${index}` } } },
    }));
    await table.call('BatchWriteItem', { RequestItems: { [table.name]: puts } });
  }
}

function countRecords(tableName: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('select count(*) as n from _stream_records where table_name = ?').get(tableName);
  database.close();
  return Number(row?.n);
}

it('deletes the records before the checkpoint, however many, while the engine writes, and no later one', async () => {
  const table = await streamTable(dynamoDb);
  await putBatches(table, 80);
  const records = await openReader(table.source, undefined).read(1000);
  const checkpoint = String(BigInt(records[0]?.sequenceNumber ?? '0') + 1500n);
  const onTrimmed = vi.fn();
  const stop = startTrimming([
    { checkpoint: () => checkpoint, trim: (before) => dynamoDb.trimStream(table.name, before), onTrimmed },
  ]);
  onTestFinished(stop);
  await Promise.all([
    putBatches(table, 20),
    vi.waitFor(() => expect(onTrimmed).toHaveBeenCalledWith(checkpoint), 20_000),
  ]);
  const [oldest] = await openReader(table.source, undefined).read(1);
  expect(BigInt(oldest?.sequenceNumber ?? '0')).toBeLessThanOrEqual(BigInt(checkpoint));
  expect(countRecords(table.name)).toBeLessThan(500 + 500 + 20);
});

it('deletes nothing while a consumer has no checkpoint', async () => {
  const table = await streamTable(dynamoDb);
  await table.put('a');
  let asked = 0;
  const trim = vi.fn(() => true);
  const stop = startTrimming([
    {
      checkpoint: () => {
        asked++;
        return undefined;
      },
      trim,
      onTrimmed: () => undefined,
    },
  ]);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(1), 5000);
  await stop();
  expect(trim).not.toHaveBeenCalled();
  expect((await openReader(table.source, undefined).read(10)).map(keyOf)).toEqual(['a']);
});

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import { forwardToEngine } from '../../infra/local/dynamodb/client.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { createExpiry } from '../../infra/local/dynamodb/expiry.ts';
import { type ExpiryIndex, openExpiryIndexes } from '../../infra/local/dynamodb/expiry-index.ts';
import { openReader } from '../../infra/local/dynamodb/stream-reader.ts';
import { openTableStream } from '../../infra/local/dynamodb/table-stream.ts';
import type { JsonObject } from '../../infra/local/shared/json.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { keyOf, type StreamTable, streamTable, take } from './stream-world.ts';

const nowSeconds = 1_900_000_000;
const service = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };
const expiring = (seconds: number): JsonObject => ({ ttl: { N: String(seconds) } });

let dynamoDb: DynamoDb;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  dynamoDb = await startDynamoDb({ file: join(temporaryFolder(), 'table.db') });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => dynamoDb.stop());

function openIndex(table: StreamTable, file: string): { index: ExpiryIndex; close(): void } {
  const indexes = openExpiryIndexes(file);
  const { name, source } = table;
  const index = indexes.ofTable({ name, timeToLiveAttribute: 'ttl', engineArn: source.engineArn });
  return { index, close: () => indexes.close() };
}

/** Runs the expiry of a table. `clock.seconds` is the time by which items expire. */
function expiryOf(
  table: StreamTable,
  { file = join(temporaryFolder(), 'expiry.db'), endpoint = dynamoDb.endpoint, window = {} } = {},
) {
  const clock = { seconds: nowSeconds };
  const problems: string[] = [];
  const log = (line: string) => problems.push(line);
  const { index, close } = openIndex(table, file);
  const expiry = createExpiry({
    endpoint,
    tableName: table.name,
    timeToLiveAttribute: 'ttl',
    keyAttributes: ['PK'],
    index,
    now: () => clock.seconds * 1000,
    log,
  });
  const { name: tableName, source } = table;
  const stream = openTableStream({ source, tableName, observer: expiry.observer, log, ...window });
  const consumer = stream.consumer(undefined);
  stream.start();
  expiry.start(stream);
  const stop = async () => {
    await Promise.all([stream.stop(), expiry.stop()]);
    close();
  };
  ends.push(stop);
  return {
    clock,
    problems,
    file,
    index,
    expiry,
    stream,
    stop: async () => {
      ends.splice(ends.indexOf(stop), 1);
      await stop();
    },
    /** The deletions in the next so many records, and who made them. */
    async deletions(count: number) {
      const records = await take(consumer, count);
      const removals = records.filter(({ record }) => record.eventName === 'REMOVE');
      return removals.map((read) => [keyOf(read), read.record.userIdentity]);
    },
  };
}

/** An address of the engine at which something happens instead of, or before, each deletion of the service. */
async function withFault(fault: (forward: () => Promise<void>, response: ServerResponse) => Promise<void>) {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const target = String(request.headers['x-amz-target']);
    const forward = async () => {
      const { status, body } = await forwardToEngine(dynamoDb.endpoint, target, Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.write(body);
    };
    if (target.endsWith('DeleteItem')) await fault(forward, response);
    else await forward();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('expiry', () => {
  it('deletes an item at its time, not before', async () => {
    const table = await streamTable(dynamoDb);
    const { clock, expiry } = expiryOf(table);
    await table.put('session', expiring(nowSeconds + 60));
    clock.seconds = nowSeconds + 59;
    await expiry.expireNow();
    expect(await table.has('session')).toBe(true);
    clock.seconds = nowSeconds + 60;
    await expiry.expireNow();
    expect(await table.has('session')).toBe(false);
  });

  it('deletes by the latest value of the attribute', async () => {
    const table = await streamTable(dynamoDb);
    const { expiry } = expiryOf(table);
    await table.put('prolonged', expiring(nowSeconds - 1));
    await table.put('prolonged', expiring(nowSeconds + 60));
    await table.put('kept', expiring(nowSeconds - 1));
    await table.put('kept');
    await table.put('shortened', expiring(nowSeconds + 60));
    await table.put('shortened', expiring(nowSeconds - 1));
    await expiry.expireNow();
    expect(await Promise.all(['prolonged', 'kept', 'shortened'].map(table.has))).toEqual([true, true, false]);
  });

  it('leaves items that expired more than five years ago, and times that are no numbers', async () => {
    const table = await streamTable(dynamoDb);
    const { expiry } = expiryOf(table);
    const year = 366 * 24 * 60 * 60;
    await table.put('ancient', expiring(nowSeconds - 5 * year));
    await table.put('old', expiring(nowSeconds - 4 * year));
    await table.put('text', { ttl: { S: String(nowSeconds - 1) } });
    await expiry.expireNow();
    expect(await Promise.all(['ancient', 'old', 'text'].map(table.has))).toEqual([true, false, true]);
  });

  it('deletes without being asked', async () => {
    const table = await streamTable(dynamoDb);
    await table.put('before', expiring(nowSeconds - 1));
    const { deletions } = expiryOf(table);
    expect(await deletions(2)).toEqual([['before', service]]);
  });

  it('says in the record that the service deleted the item, and only in that one', async () => {
    const table = await streamTable(dynamoDb);
    const { clock, expiry, deletions } = expiryOf(table);
    clock.seconds = nowSeconds - 10;
    await table.put('by-user', expiring(nowSeconds - 1));
    await table.remove('by-user');
    await table.put('by-service', expiring(nowSeconds - 1));
    clock.seconds = nowSeconds;
    await expiry.expireNow();
    clock.seconds = nowSeconds - 10;
    await table.put('by-service', expiring(nowSeconds - 1));
    await table.remove('by-service');
    expect(await deletions(6)).toEqual([
      ['by-user', undefined],
      ['by-service', service],
      ['by-service', undefined],
    ]);
  });

  it('says so to a consumer that reads the record late, after a restart', async () => {
    const table = await streamTable(dynamoDb);
    const window = { window: { records: 1, bytes: 1000 } };
    const first = expiryOf(table, { window });
    await table.put('a', expiring(nowSeconds - 1));
    await first.expiry.expireNow();
    for (let index = 0; index < 5; index++) await table.put(`later-${index}`);
    await first.stream.readToEnd();
    expect(await first.deletions(7)).toEqual([['a', service]]);
    await first.stop();
    expect(await expiryOf(table, { window, file: first.file }).deletions(7)).toEqual([['a', service]]);
  });

  it('deletes many items', async () => {
    const table = await streamTable(dynamoDb);
    const { expiry, deletions } = expiryOf(table);
    const keys = Array.from({ length: 120 }, (_, index) => `item-${index}`);
    await Promise.all(keys.map((pk) => table.put(pk, expiring(nowSeconds - 1))));
    await expiry.expireNow();
    const found = await deletions(240);
    expect(new Set(found.map(([key]) => key))).toEqual(new Set(keys));
    expect(found.filter(([, identity]) => identity === undefined)).toEqual([]);
  });

  it('finds items that are older than its index, and continues after an interruption', async () => {
    const table = await streamTable(dynamoDb);
    const keys = Array.from({ length: 40 }, (_, index) => `item-${index}`);
    for (const pk of keys) await table.put(pk, expiring(nowSeconds - 1));
    const records = await openReader(table.source, undefined).read(100);
    const file = join(temporaryFolder(), 'expiry.db');
    const interrupted = openIndex(table, file);
    // The index knows nothing of the items, and the stream has nothing more to say of them.
    interrupted.index.apply(records.slice(-1).map((read) => ({ ...read, record: {} })));
    const page = await table.call('Scan', {
      Limit: 15,
      ProjectionExpression: 'PK, #t',
      ExpressionAttributeNames: { '#t': 'ttl' },
    });
    interrupted.index.addScanned(page.Items as JsonObject[], page.LastEvaluatedKey as JsonObject);
    expect(interrupted.index.due(nowSeconds * 1000, 100)).toHaveLength(15);
    interrupted.close();
    const { index, expiry } = expiryOf(table, { file });
    expect(index.scanContinuesAfter()).toEqual(page.LastEvaluatedKey);
    await expiry.expireNow();
    expect(index.scanned()).toBe(true);
    expect((await table.call('Scan', {})).Items).toEqual([]);
  });

  it('a scan does not overwrite what the stream said meanwhile', async () => {
    const table = await streamTable(dynamoDb);
    const { index, expiry } = expiryOf(table);
    await table.put('prolonged', expiring(nowSeconds + 60));
    await expiry.expireNow();
    index.addScanned([{ PK: { S: 'prolonged' }, ...expiring(nowSeconds - 1) }], undefined);
    expect(index.due(nowSeconds * 1000, 10)).toEqual([]);
    expect(index.due((nowSeconds + 60) * 1000, 10)).toHaveLength(1);
  });

  it('forgets what it knew of a table that was created anew', async () => {
    const table = await streamTable(dynamoDb);
    const { expiry, file, stop } = expiryOf(table);
    await table.put('a', expiring(nowSeconds + 60));
    await expiry.expireNow();
    await stop();
    const anew = { ...table, source: { ...table.source, engineArn: 'arn:another' } };
    const { index, close } = openIndex(anew, file);
    expect([index.position(), index.scanned(), index.due((nowSeconds + 60) * 1000, 10)]).toEqual([
      undefined,
      false,
      [],
    ]);
    close();
  });

  it('forgets a deletion when its record is trimmed', async () => {
    const table = await streamTable(dynamoDb);
    const { expiry, stream, index } = expiryOf(table);
    await table.put('a', expiring(nowSeconds - 1));
    await expiry.expireNow();
    const end = (await stream.readToEnd()) ?? '';
    expect(index.isServiceDeletion(end)).toBe(true);
    expiry.forget(String(BigInt(end) - 1n));
    expect(index.isServiceDeletion(end)).toBe(true);
    expiry.forget(end);
    expect(index.isServiceDeletion(end)).toBe(false);
  });
});

describe('expiry under faults', () => {
  it('leaves an item that was changed just before its deletion, and takes the note back', async () => {
    const table = await streamTable(dynamoDb);
    const endpoint = await withFault(async (forward) => {
      await table.put('a', expiring(nowSeconds + 60));
      await forward();
    });
    const { expiry, clock, deletions } = expiryOf(table, { endpoint });
    await table.put('a', expiring(nowSeconds - 1));
    await expiry.expireNow();
    expect(await table.has('a')).toBe(true);
    clock.seconds = nowSeconds - 10;
    await table.put('a', expiring(nowSeconds - 1));
    await table.remove('a');
    expect(await deletions(4)).toEqual([['a', undefined]]);
  });

  it('does not take the deletion of a user for its own, one moment earlier', async () => {
    const table = await streamTable(dynamoDb);
    const endpoint = await withFault(async (forward) => {
      await table.remove('a');
      await forward();
    });
    const { expiry, deletions } = expiryOf(table, { endpoint });
    await table.put('a', expiring(nowSeconds - 1));
    await expiry.expireNow();
    expect(await deletions(2)).toEqual([['a', undefined]]);
  });

  it('knows its deletion although the answer was lost', async () => {
    const table = await streamTable(dynamoDb);
    const endpoint = await withFault(async (forward, response) => {
      await forward();
      response.destroy();
    });
    const { expiry, deletions, problems } = expiryOf(table, { endpoint });
    await table.put('a', expiring(nowSeconds - 1));
    await expiry.expireNow();
    expect(await deletions(2)).toEqual([['a', service]]);
    expect(problems).toHaveLength(1);
  });

  it('deletes later when the engine does not answer, and claims no deletion of a user', async () => {
    const table = await streamTable(dynamoDb);
    let failures = 1;
    const endpoint = await withFault(async (forward, response) => {
      if (failures-- > 0) response.destroy();
      else await forward();
    });
    const { clock, expiry, deletions } = expiryOf(table, { endpoint });
    await table.put('a', expiring(nowSeconds - 1));
    await expiry.expireNow();
    clock.seconds = nowSeconds - 10;
    await table.put('a', expiring(nowSeconds - 1));
    await table.remove('a');
    expect(await deletions(4)).toEqual([
      ['a', service],
      ['a', undefined],
    ]);
  });

  /** The service has noted the deletion of `a`, and has crashed then. */
  async function crashedBeforeDeletion() {
    const table = await streamTable(dynamoDb);
    const first = expiryOf(table);
    await table.put('a', expiring(nowSeconds + 60));
    await first.expiry.expireNow();
    const due = first.index.due((nowSeconds + 60) * 1000, 1);
    await first.stop();
    const crashed = openIndex(table, first.file);
    crashed.index.intend(due);
    crashed.close();
    return { table, file: first.file };
  }

  it('recognises its deletion after a crash before the answer', async () => {
    const { table, file } = await crashedBeforeDeletion();
    await table.remove('a');
    expect(await expiryOf(table, { file }).deletions(2)).toEqual([['a', service]]);
  });

  it('claims nothing after a crash before the deletion', async () => {
    const { table, file } = await crashedBeforeDeletion();
    const second = expiryOf(table, { file });
    await second.expiry.expireNow();
    await table.remove('a');
    expect(await second.deletions(2)).toEqual([['a', undefined]]);
  });
});

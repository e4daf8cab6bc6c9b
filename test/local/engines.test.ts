/** What the stack relies on in each engine, whichever a machine has. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import { callDynamoDb, DynamoDbError, forwardToEngine } from '../../infra/local/dynamodb/client.ts';
import { findDynamoDbLocal } from '../../infra/local/dynamodb/dynamodb-local.ts';
import { findDynoxide } from '../../infra/local/dynamodb/dynoxide.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { endOrphan } from '../../infra/local/dynamodb/engine-process.ts';
import { findStream, openReader } from '../../infra/local/dynamodb/stream-reader.ts';
import { createTable } from '../../infra/local/dynamodb/tables.ts';
import { asList, asObject, asString, type JsonObject, parseJson } from '../../infra/local/shared/json.ts';
import { commandLineOf, endProcess } from '../../infra/local/shared/processes.ts';
import { temporaryFolder } from './fixture-stack.ts';

const tableName = 'Table';
const tableResource = {
  AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
};
const started = new Set<number>();
afterAll(async () => {
  for (const pid of started) if (commandLineOf(pid)?.includes('clientele-test-')) await endProcess(pid);
});

async function start(engine: string, folder: string): Promise<DynamoDb> {
  const machine = { environment: { ...process.env, DYNAMODB_ENGINE: engine, DYNAMODB_ENDPOINT: undefined } };
  const options = { file: join(folder, 'table.db'), pidFile: join(folder, 'engine.json') };
  const installed = { dynoxide: findDynoxide(), dynamoDbLocal: findDynamoDbLocal() };
  const dynamoDb = await startDynamoDb(options, { ...machine, ...installed });
  if (dynamoDb.pid !== undefined) started.add(dynamoDb.pid);
  await createTable(dynamoDb.endpoint, tableResource, tableName);
  return dynamoDb;
}

/** Ends the engine as `kill -9` does. The next start finds its file as it was at that moment. */
async function kill({ pid }: DynamoDb): Promise<void> {
  if (pid === undefined) throw new Error('the engine has no process');
  process.kill(pid, 'SIGKILL');
  await endProcess(pid);
}

/** Calls the database as functions do, through the address that is AWS to them. */
async function send(dynamoDb: DynamoDb, operation: string, input: JsonObject): Promise<JsonObject> {
  const forward = dynamoDb.forward ?? ((target, body) => forwardToEngine(dynamoDb.endpoint, target, body));
  const answer = await forward(`DynamoDB_20120810.${operation}`, Buffer.from(JSON.stringify(input)));
  const body = asObject(parseJson(answer.body.toString()));
  if (answer.status !== 200) throw new DynamoDbError(answer.status, body);
  return body;
}

const item = (pk: string) => ({ TableName: tableName, Item: { PK: { S: pk }, text: { S: 'x'.repeat(500) } } });
const put = (dynamoDb: DynamoDb, pk: string) => send(dynamoDb, 'PutItem', item(pk));
const transact = (dynamoDb: DynamoDb, pks: string[]) =>
  send(dynamoDb, 'TransactWriteItems', { TransactItems: pks.map((pk) => ({ Put: item(pk) })) });

const pkOf = (keys: unknown) => asString(asObject(asObject(keys).PK).S) ?? '';

async function storedKeys({ endpoint }: DynamoDb): Promise<string[]> {
  const keys: string[] = [];
  let next: JsonObject | undefined;
  do {
    const page = await callDynamoDb(endpoint, 'DynamoDB_20120810.Scan', {
      TableName: tableName,
      ...(next && { ExclusiveStartKey: next }),
    });
    keys.push(...asList(page.Items).map(pkOf));
    next = page.LastEvaluatedKey === undefined ? undefined : asObject(page.LastEvaluatedKey);
  } while (next !== undefined);
  return keys.sort();
}

/** The records after a position that are there by now. */
async function recordsAfter({ endpoint }: DynamoDb, position?: string) {
  const source = await findStream(endpoint, { tableName, streamArn: 'arn:stream' }, 'eu-west-1');
  const stream = openReader(source, position);
  const records: { pk: string; sequenceNumber: string }[] = [];
  for (let page = await stream.read(1000); page.length > 0; page = await stream.read(1000))
    for (const { record, sequenceNumber } of page)
      records.push({ pk: pkOf(asObject(record.dynamodb).Keys), sequenceNumber });
  return records;
}

const pksOf = (records: { pk: string }[]) => records.map(({ pk }) => pk);

describe.each(['dynoxide', 'dynamodb-local'])('%s', (engine) => {
  it('loses nothing that it acknowledged when it is killed, halves no transaction, and has a stream record of each item', async () => {
    const folder = temporaryFolder();
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const dynamoDb = await start(engine, folder);
      const enough = Promise.withResolvers<void>();
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let turn = 0; ; turn++) {
          const pk = `${round}/${writer}/${turn}`;
          const pks = writer % 2 === 0 ? [`${pk}/single`] : Array.from({ length: 5 }, (_, index) => `${pk}/${index}`);
          const answered = await (pks.length === 1 ? put(dynamoDb, pks[0] ?? '') : transact(dynamoDb, pks)).then(
            () => true,
            () => false,
          );
          if (!answered) return;
          acknowledged.push(...pks);
          if (turn === 20) enough.resolve();
        }
      });
      await enough.promise;
      await kill(dynamoDb);
      await Promise.all(writers);
    }

    const dynamoDb = await start(engine, folder);
    const stored = await storedKeys(dynamoDb);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
    const transactions = stored.filter((pk) => !pk.endsWith('single')).map((pk) => pk.replace(/\/\d+$/, ''));
    expect(transactions.length).toBe(new Set(transactions).size * 5);
    const records = await recordsAfter(dynamoDb);
    expect(pksOf(records).sort()).toEqual(stored);
    await dynamoDb.stop();
  });

  it('keeps records that were not read across kills and restarts, and numbers later ones higher', async () => {
    const folder = temporaryFolder();
    let dynamoDb = await start(engine, folder);
    for (const pk of ['a', 'b', 'c']) await put(dynamoDb, pk);
    const [first] = await recordsAfter(dynamoDb);
    await kill(dynamoDb);
    dynamoDb = await start(engine, folder);
    await put(dynamoDb, 'd');
    await dynamoDb.stop();
    dynamoDb = await start(engine, folder);
    await transact(dynamoDb, ['e', 'f']);
    const rest = await recordsAfter(dynamoDb, first?.sequenceNumber);
    expect(pksOf(rest)).toEqual(['b', 'c', 'd', 'e', 'f']);
    const numbers = rest.map(({ sequenceNumber }) => BigInt(sequenceNumber));
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(numbers).size).toBe(5);
    await dynamoDb.stop();
  });

  it('continues after records that were read and trimmed', async () => {
    const folder = temporaryFolder();
    let dynamoDb = await start(engine, folder);
    for (let index = 0; index < 30; index++) await put(dynamoDb, `read-${index}`);
    const position = (await recordsAfter(dynamoDb)).at(-1)?.sequenceNumber ?? '';
    dynamoDb.trimStream(tableName, position);
    await dynamoDb.stop();
    dynamoDb = await start(engine, folder);
    expect((await recordsAfter(dynamoDb)).length).toBeLessThan(30);
    expect(await recordsAfter(dynamoDb, position)).toEqual([]);
    await put(dynamoDb, 'new');
    expect(pksOf(await recordsAfter(dynamoDb, position))).toEqual(['new']);
    await dynamoDb.stop();
  });

  it('is ended by the next start if its stack was killed', async () => {
    const folder = temporaryFolder();
    const orphan = await start(engine, folder);
    await put(orphan, 'kept');
    expect(commandLineOf(orphan.pid ?? 0)).toBe(
      asObject(parseJson(readFileSync(join(folder, 'engine.json'), 'utf8'))).command,
    );
    const dynamoDb = await start(engine, folder);
    expect(commandLineOf(orphan.pid ?? 0)).toBeUndefined();
    expect(await storedKeys(dynamoDb)).toEqual(['kept']);
    await dynamoDb.stop();
    expect(existsSync(join(folder, 'engine.json'))).toBe(false);
  });
});

describe('DynamoDB Local', () => {
  const databaseFile = (folder: string) => {
    const data = join(folder, 'dynamodb-local');
    return join(data, readdirSync(data).find((name) => name.endsWith('.db')) ?? '');
  };

  it('still has records that nobody read when it was off for two days', async () => {
    const folder = temporaryFolder();
    let dynamoDb = await start('dynamodb-local', folder);
    for (const pk of ['a', 'b', 'c']) await put(dynamoDb, pk);
    const [first] = await recordsAfter(dynamoDb);
    await kill(dynamoDb);
    const database = new DatabaseSync(databaseFile(folder));
    database.exec(`update us set CreationDateTime = CreationDateTime - ${48 * 60 * 60 * 1000}`);
    database.close();
    dynamoDb = await start('dynamodb-local', folder);
    expect(pksOf(await recordsAfter(dynamoDb, first?.sequenceNumber))).toEqual(['b', 'c']);
    await dynamoDb.stop();
  });

  it('starts on a file that a kill in its first moments left empty, and says of a damaged one that it is', async () => {
    const folder = temporaryFolder();
    await (await start('dynamodb-local', folder)).stop();
    writeFileSync(databaseFile(folder), '');
    await (await start('dynamodb-local', folder)).stop();
    writeFileSync(databaseFile(folder), 'this is no database'.repeat(1000));
    await expect(start('dynamodb-local', folder)).rejects.toThrow(/^The database file .* is damaged .*--fresh/);
  });

  it('shows nothing to callers without its key, because it listens on all addresses of the machine', async () => {
    const dynamoDb = await start('dynamodb-local', temporaryFolder());
    await put(dynamoDb, 'secret');
    const stranger = `http://127.0.0.1:${new URL(dynamoDb.endpoint).port}`;
    expect(await callDynamoDb(stranger, 'DynamoDB_20120810.ListTables', {})).toEqual({ TableNames: [] });
    await expect(callDynamoDb(stranger, 'DynamoDB_20120810.Scan', { TableName: tableName })).rejects.toThrow(
      DynamoDbError,
    );
    await dynamoDb.stop();
  });
});

it('a process that got the id of an engine that ended is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pidFile = join(temporaryFolder(), 'engine.json');
  writeFileSync(pidFile, JSON.stringify({ pid: stranger.pid, command: 'an engine' }));
  await endOrphan(pidFile);
  expect(existsSync(pidFile)).toBe(false);
  expect(commandLineOf(stranger.pid ?? 0)).toContain('setInterval');
  stranger.kill('SIGKILL');
});

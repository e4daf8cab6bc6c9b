import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { portBeside } from '../../infra/local/cli/listeners.ts';
import { commandLineOf, endProcess } from '../../infra/local/shared/processes.ts';
import { fixtureAssembly, temporaryFolder } from './fixture-stack.ts';

const main = fileURLToPath(new URL('../../infra/local/cli/main.ts', import.meta.url));
const running = new Set<ChildProcess>();
const engines = new Set<number>();
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const child of running) child.kill('SIGKILL');
  // An engine outlives a stack that was killed, until the next start on that folder.
  for (const pid of engines) if (commandLineOf(pid)?.includes('clientele-test-')) await endProcess(pid);
});

type Run = { child: ChildProcess; output: () => string; exit: Promise<number | null> };

function run(...options: string[]): Run {
  const child = spawn(process.execPath, [main, '--assembly', fixtureAssembly(), '--empty', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exit = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  return { child, output: () => output, exit };
}

/** Starts the stack and answers its address once it is ready. */
async function ready(data: string, ...options: string[]): Promise<Run & { url: string }> {
  const started = run('--port', '0', '--data', data, ...options);
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout?.on('data', () => {
      const [, found] = /^Clientele is ready at (http:\S+)$/m.exec(started.output()) ?? [];
      if (found !== undefined) resolve(found);
    });
    void started.exit.then(() => reject(new Error(started.output())));
  });
  return { ...started, url };
}

/** The bucket of the fixture, as the rule names it that hears of it. */
async function bucketOf(url: string): Promise<string> {
  const { rules } = (await (await fetch(`${url}/_local/events`)).json()) as {
    rules: { pattern: { detail: { bucket: { name: string[] } } } }[];
  };
  return rules[0]?.pattern.detail.bucket.name[0] ?? '';
}

async function refused(...options: string[]): Promise<string> {
  const started = run(...options);
  expect(await started.exit).toBe(1);
  return started.output();
}

describe('npm start', () => {
  it('says in one sentence what is wrong with an option', async () => {
    const outputs = await Promise.all([
      refused('--colour'),
      refused('--port', 'many'),
      refused('--port', '70000'),
      refused('extra'),
    ]);
    expect(outputs[0]).toMatch(/^Unknown option '--colour'.*\n$/);
    expect(outputs[1]).toBe('The port must be a number from 0 to 65535, not "many".\n');
    expect(outputs[2]).toBe('The port must be a number from 0 to 65535, not "70000".\n');
    expect(outputs[3]).toMatch(/^Unexpected argument 'extra'.*\n$/);
  });

  it('says which engine runs if it is not the default, and which there are if its name is wrong', async () => {
    vi.stubEnv('DYNAMODB_ENGINE', 'postgres');
    expect(await refused('--port', '0', '--data', temporaryFolder())).toBe(
      'DYNAMODB_ENGINE must be dynoxide or dynamodb-local, not "postgres".\n',
    );
    vi.stubEnv('DYNAMODB_ENGINE', 'dynamodb-local');
    const started = await ready(temporaryFolder());
    await vi.waitFor(() => expect(started.output()).toMatch(/^Engine DynamoDB Local$/m));
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  it('says in one sentence that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const output = await refused('--port', String(port), '--data', temporaryFolder());
    expect(output).toBe(`Port ${port} is in use; choose another with --port.\n`);
    server.close();
  });

  it('puts S3 on the next port, or on any when that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await portBeside(port - 1)).toBe(0);
    server.close();
    expect(await portBeside(port - 1)).toBe(port);
    expect(await portBeside(65_535)).toBe(0);
  });

  it('says in one sentence what is wrong with the data folder', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const damaged = temporaryFolder();
    writeFileSync(join(damaged, 'table.db'), 'this is no database'.repeat(1000));
    const foreign = temporaryFolder();
    mkdirSync(join(foreign, 'Photos'));
    const older = temporaryFolder();
    writeFileSync(join(older, 'format.json'), '{ "clientele": "local data", "format": 1 }\n');
    const folders = [file, damaged, foreign, older];
    const outputs = await Promise.all(folders.map((data) => refused('--port', '0', '--data', data)));
    expect(outputs[0]).toMatch(/^The data folder .* cannot be used: EEXIST.*\n$/);
    expect(outputs[1]).toMatch(/^The database could not be started: Database file is .*--fresh.*\n$/);
    expect(outputs[2]).toMatch(/^The data folder .* holds other files \(Photos\).*\n$/);
    expect(outputs[3]).toMatch(/^The data folder .* is of another version of Clientele; start with --fresh.*\n$/);
  });

  it('stops cleanly, and does not share its data folder', async () => {
    const data = temporaryFolder();
    const stack = await ready(data);
    expect(await refused('--port', '0', '--data', data)).toMatch(
      /^The data folder .* is in use by another running instance \(process \d+\)\.\n$/,
    );
    expect(stack.output()).toContain(`${stack.url}/docs`);
    expect(stack.output()).toContain(`${stack.url}/_local/inbox`);
    stack.child.kill('SIGINT');
    expect(await stack.exit).toBe(0);
  });

  it.each(['dynoxide', 'dynamodb-local'])('with %s, nobody but the owner can read the data folder', async (engine) => {
    vi.stubEnv('DYNAMODB_ENGINE', engine);
    const data = temporaryFolder();
    chmodSync(data, 0o755);
    const stack = await ready(data);
    await fetch(`${stack.url}/echo`);
    const paths = readdirSync(data, { recursive: true, encoding: 'utf8' });
    const modes = paths.map((path) => [path, (statSync(join(data, path)).mode & 0o077).toString(8)]);
    stack.child.kill('SIGTERM');
    expect(await stack.exit).toBe(0);
    expect(modes.filter(([, others]) => others !== '0')).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.db')).length).toBeGreaterThan(2);
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });

  it('keeps what it acknowledged through kill -9, and begins anew with --fresh', async () => {
    const data = temporaryFolder();
    const first = await ready(data);
    const engine = JSON.parse(readFileSync(join(data, 'engine.json'), 'utf8')).pid as number;
    engines.add(engine);
    const template = JSON.parse(await (await fetch(`${first.url}/echo?mode=env`)).text()).env;
    const aws = async (url: string, service: string, command: string, input: object, raw?: string) => {
      const response = await fetch(`${url}/items`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ service, command, input, raw }),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const keys = Array.from({ length: 30 }, (_, index) => ({ PK: { S: `ITEM#${index}` }, SK: { S: 'x' } }));
    await Promise.all(
      keys.map((Item) => aws(first.url, 'dynamodb', 'PutItem', { TableName: template.TABLE_NAME, Item })),
    );
    const mail = { Source: 'a@mail.example', Destinations: ['b@x.example'] };
    await aws(first.url, 'ses', 'SendRawEmail', mail, 'From: a@mail.example\r\nSubject: S\r\n\r\nT');
    const secret = await aws(first.url, 'secrets', 'GetSecretValue', { SecretId: template.SECRET_ID });
    const Bucket = await bucketOf(first.url);
    const put = (url: string, index: number) =>
      aws(url, 's3', 'PutObject', {
        Bucket,
        Key: `in/${index}`,
        Body: 'x',
        ChecksumAlgorithm: 'SHA256',
        IfNoneMatch: '*',
      });
    const objects = await Promise.all(keys.map((_, index) => put(first.url, index)));
    expect(objects.filter(({ VersionId }) => VersionId === undefined)).toEqual([]);
    first.child.kill('SIGKILL');
    await first.exit;

    const second = await ready(data);
    expect(commandLineOf(engine)).toBeUndefined();
    const found = await Promise.all(
      keys.map((Key) => aws(second.url, 'dynamodb', 'GetItem', { TableName: template.TABLE_NAME, Key })),
    );
    expect(found.map(({ Item }) => Item)).toEqual(keys);
    expect(await (await fetch(`${second.url}/_local/mail`)).json()).toHaveLength(1);
    expect(await aws(second.url, 'secrets', 'GetSecretValue', { SecretId: template.SECRET_ID })).toEqual(secret);
    await fetch(`${second.url}/_local/streams/drain`, { method: 'POST' });
    const sortKeys = async (partition: string) => {
      const query = {
        TableName: template.TABLE_NAME,
        KeyConditionExpression: 'PK = :p',
        ExpressionAttributeValues: { ':p': { S: partition } },
      };
      const { Items } = await aws(second.url, 'dynamodb', 'Query', query);
      return (Items as { SK: { S: string } }[]).map(({ SK }) => SK.S);
    };
    expect(new Set((await sortKeys('SEEN')).map((key) => key.split('/')[0])).size).toBe(30);
    expect(await sortKeys('RECEIVED')).toHaveLength(30);
    expect(await put(second.url, 0)).toMatchObject({ name: 'PreconditionFailed' });
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);

    const third = await ready(data, '--fresh');
    expect(await aws(third.url, 'dynamodb', 'GetItem', { TableName: template.TABLE_NAME, Key: keys[0] ?? {} })).toEqual(
      {},
    );
    expect(await (await fetch(`${third.url}/_local/mail`)).json()).toEqual([]);
    third.child.kill('SIGTERM');
    expect(await third.exit).toBe(0);
  });
});

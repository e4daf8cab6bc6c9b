import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installPython, python } from '../support/python.ts';
import { root } from './commands.ts';

export interface Ministack {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Installs the pinned packages of requirements.txt into `.venv`, once. */
export async function installMinistack(): Promise<void> {
  await installPython(join(import.meta.dirname, 'requirements.txt'));
}

/** Starts ministack on a free port of 127.0.0.1, with its files and its log in the folder. */
export async function startMinistack(folder: string): Promise<Ministack> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(folder, 'ministack.log');
  const child = spawn(python, [join(import.meta.dirname, 'serve.py')], {
    cwd: folder,
    env: {
      ...process.env,
      // Lambda functions run with the first `node` of the path: the one that runs this program.
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      TMPDIR: folder,
      S3_DATA_DIR: join(folder, 's3'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, so that the functions it starts end with it.
    detached: true,
  });
  const output = createWriteStream(log);
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const stop = () => stopGroup(child);
  try {
    await untilReady(url, child);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n${readFileSync(log, 'utf8')}`);
  }
  return { url, port, stop };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while (!deadline.aborted) {
    if (child.exitCode !== null) throw new Error(`ministack ended with code ${child.exitCode}.`);
    const ready = await fetch(`${url}/_ministack/ready`).catch(() => undefined);
    if (ready?.ok) return;
    await delay(100);
  }
  throw new Error('ministack was not ready within a minute.');
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = once(child, 'close');
  process.kill(-child.pid, 'SIGTERM');
  const timer = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

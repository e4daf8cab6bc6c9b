/** An S3 in a process of its own, to be measured and killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Caller } from '../../infra/local/s3/s3.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { all } from './s3-settings.ts';
import { clientOf } from './s3-world.ts';

export type S3Child = {
  folder: string;
  client(who?: S3Caller, options?: object): S3Client;
  /** The memory of the process in bytes. */
  memory(): Promise<number>;
  /** The events that it has handed on, in JSON. */
  told(): string[];
  kill(): void;
  ended: Promise<unknown>;
};

const running = new Set<ChildProcess>();

/** Ends what a failed test has left. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function startChild(): Promise<S3Child> {
  const folder = join(temporaryFolder(), 's3');
  const child = fork(join(import.meta.dirname, 's3-process.ts'), [folder], { execArgv: [] });
  running.add(child);
  const ended = once(child, 'exit').then(() => running.delete(child));
  const [url] = await once(child, 'message');
  return {
    folder,
    client: (who = all, options = {}) => clientOf(String(url), who, options),
    async memory() {
      child.send('memory');
      const [bytes] = await once(child, 'message');
      return Number(bytes);
    },
    told: () => (existsSync(`${folder}.events`) ? readFileSync(`${folder}.events`, 'utf8').trim().split('\n') : []),
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}

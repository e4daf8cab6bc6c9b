import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

type Environment = Readonly<Record<string, string | undefined>>;

/** Commands that run now, so that an interrupted run can end them. */
const running = new Set<ChildProcess>();

/** Runs a command to its end, in the repository's folder. @throws Error with what it printed, when it fails */
export async function run(command: string, args: readonly string[], env: Environment): Promise<void> {
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const [status] = await once(child, 'close').finally(() => running.delete(child));
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed.\n${Buffer.concat(printed)}`);
}

/** Ends the commands that are still running. */
export function endCommands(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Says what is being done, and afterwards how long it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { ended } from '../../infra/local/shared/processes.ts';
import { root } from '../emulator/commands.ts';

/** The local stack in a process of its own, as `npm start` runs it, to be measured and killed. */
export interface StackProcess {
  url: string;
  /** The process that has the functions. */
  host: number;
  /** The process of the DynamoDB engine; undefined for an engine at `DYNAMODB_ENDPOINT`. */
  engine: number | undefined;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
  /** `kill -9` of the host alone. The engine runs on until the next start on the same data. */
  kill(): Promise<void>;
}

export interface StackProcessOptions {
  /** The cloud assembly. */
  assembly: string;
  /** The data folder. */
  data: string;
  /** Whether to load the demo company. */
  demo?: boolean;
  /** Receives what the stack complains of, one line each; they are printed without it. */
  log?: (line: string) => void;
}

/** Starts the stack on a free port and waits until it is ready. @throws Error if it ends before */
export async function startStackProcess(options: StackProcessOptions): Promise<StackProcess> {
  const { assembly, data, demo = false, log = console.error } = options;
  const args = ['infra/local/cli/main.ts', '--assembly', assembly, '--data', data, '--port', '0'];
  const child = spawn(process.execPath, demo ? args : [...args, '--empty'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface(child.stderr).on('line', log);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended(child);
  };
  const endWithParent = () => child.kill('SIGTERM');
  process.once('exit', endWithParent);
  child.once('exit', () => process.off('exit', endWithParent));
  const url = await Promise.race([addressIn(createInterface(child.stdout)), once(child, 'exit').then(() => undefined)]);
  if (url === undefined) throw new Error('the local stack ended before it was ready');
  return {
    url,
    host: Number(child.pid),
    engine: engineOf(data),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** The address in the line that says that the stack is ready. Reads on, so that the pipe never fills. */
function addressIn(lines: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    lines.on('line', (line: string) => {
      const [, url] = /^Clientele is ready at (http:\S+)$/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}

const Noted = z.object({ pid: z.int() });

function engineOf(data: string): number | undefined {
  const file = join(data, 'engine.json');
  return existsSync(file) ? Noted.parse(JSON.parse(readFileSync(file, 'utf8'))).pid : undefined;
}

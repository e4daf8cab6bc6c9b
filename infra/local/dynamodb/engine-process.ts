import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asNumber, asObject, asString } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { commandLineOf, ended, endProcess } from '../shared/processes.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';

export type EngineCommand = {
  command: string;
  arguments: readonly string[];
  /** All that the engine sees of the environment. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Where it answers once it has started. */
  endpoint: string;
  /** The sentence for a complaint of the engine that stands for something else; undefined for all others. */
  explain?(complaint: string): string | undefined;
};

export type EngineProcessOptions = {
  /** The file that names the running engine, so that the next start can end one that a crash left behind. */
  pidFile?: string;
  /** Called when the engine ends by itself. */
  onUnexpectedEnd?: () => void;
};

export type EngineProcess = { pid: number | undefined; stop(): Promise<void> };

/** A JVM takes two seconds, and many times that on a machine that is busy. */
const patienceMillis = 60_000;

/**
 * Runs an engine, and waits until it answers.
 *
 * @throws StartProblem when it does not
 */
export async function runEngine(
  { command, arguments: arguments_, environment, endpoint, explain }: EngineCommand,
  { pidFile, onUnexpectedEnd }: EngineProcessOptions,
): Promise<EngineProcess> {
  // A process group of its own: Ctrl-C in a terminal must not end the engine before the last request.
  const child = spawn(command, arguments_, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment,
    detached: true,
  });
  let complaint = '';
  let failed = false;
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-4000);
  });
  child.on('error', (error) => {
    failed = true;
    complaint = error.message;
  });
  if (pidFile !== undefined && child.pid !== undefined) {
    writeAtomically(pidFile, JSON.stringify({ pid: child.pid, command: [command, ...arguments_].join(' ') }), {
      durable: false,
    });
  }
  const deadline = Date.now() + patienceMillis;
  while (!(await answers(endpoint))) {
    if (failed || child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      if (pidFile !== undefined) rmSync(pidFile, { force: true });
      throw new StartProblem(explain?.(complaint) ?? firstSentence(complaint));
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
    await ended(child);
    clearTimeout(giveUp);
    if (pidFile !== undefined) rmSync(pidFile, { force: true });
  };
  return { pid: child.pid, stop };
}

function firstSentence(complaint: string): string {
  const line = complaint.split('\n').find((candidate) => candidate.trim() !== '') ?? 'it ended without a word';
  const sentence = line.replace(/^error: /, '').split('. ')[0] ?? line;
  return `The database could not be started: ${sentence.replace(/\.$/, '')}. Start with --fresh if its file is damaged.`;
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

/** The closing line of every suite, and how to run a suite that prints it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../emulator/commands.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const closingLine = ({ passed, failed, skipped }: Counts) =>
  `tests: ${passed} passed, ${failed} failed, ${skipped} skipped`;

/** The counts in a closing line; undefined for any other line. */
function countsOf(line: string): Counts | undefined {
  const match = /^tests: (\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
  return match ? { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) } : undefined;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum = (count: keyof Counts) => all.reduce((total, counts) => total + counts[count], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** Prints the closing line and sets the exit code: call it last. */
export function close(counts: Counts): void {
  console.log(closingLine(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

/** The running suites, which an interrupted run ends together with their processes. */
const running = new Set<ChildProcess>();

export function endSuites(): void {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}

/**
 * Runs a suite and prints its output without the closing line, because the caller prints one for all suites. A suite
 * that fails without a failed test, or has no closing line, counts as one failure.
 */
export async function runSuite(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Counts> {
  // A process group of its own, because npm does not end what it started.
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  running.add(child);
  let counts: Counts | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = countsOf(line);
    if (found) counts = found;
    else console.log(line);
  });
  const [code] = await once(child, 'close').finally(() => running.delete(child));
  if (!counts) return { passed: 0, failed: 1, skipped: 0 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

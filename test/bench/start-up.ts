import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../emulator/commands.ts';
import type { Figure } from './figures.ts';

const SECONDS = 10;

/** How long the local stack takes from its start until it can be used, and what it then takes of memory. */
export async function startUpFigures(assembly: string, synthesisSeconds: number, data: string): Promise<Figure[]> {
  const { seconds, memory } = await startTime(assembly, data);
  const group = 'Start-up of the local stack, demo loaded';
  const figures: Figure[] = [
    { group, name: 'ready', value: seconds, unit: 's', most: SECONDS },
    {
      group,
      name: 'ready after a change of the sources',
      value: synthesisSeconds + seconds,
      unit: 's',
      most: SECONDS,
      detail: `${synthesisSeconds.toFixed(1)} s of it synthesis`,
    },
  ];
  // Only Linux tells.
  return memory === undefined
    ? figures
    : [...figures, { group, name: 'memory, engine included', value: memory, unit: 'MB' }];
}

async function startTime(assembly: string, data: string): Promise<{ seconds: number; memory: number | undefined }> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['infra/local/cli/main.ts', '--assembly', assembly, '--port', '0', '--data', data],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    for await (const line of createInterface(child.stdout)) {
      if (!line.startsWith('Clientele is ready')) continue;
      const seconds = (performance.now() - start) / 1000;
      return { seconds, memory: memoryOf(child.pid, data) };
    }
    throw new Error('the local stack ended before it was ready');
  } finally {
    const ended = child.exitCode === null && once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** Resident megabytes of the stack's process and its engine. */
function memoryOf(pid: number | undefined, data: string): number | undefined {
  if (!existsSync('/proc/self/status')) return undefined;
  const engine: { pid: number } = JSON.parse(readFileSync(join(data, 'engine.json'), 'utf8'));
  return residentOf(Number(pid)) + residentOf(engine.pid);
}

function residentOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

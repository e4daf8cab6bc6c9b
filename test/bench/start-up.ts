import { startStackProcess } from '../support/stack-process.ts';
import type { Figure } from './figures.ts';
import { residentMegabytes, usageIsKnown } from './process-usage.ts';

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
  return usageIsKnown ? [...figures, { group, name: 'memory, engine included', value: memory, unit: 'MB' }] : figures;
}

async function startTime(assembly: string, data: string): Promise<{ seconds: number; memory: number }> {
  const start = performance.now();
  const { host, engine, stop } = await startStackProcess({ assembly, data, demo: true });
  const seconds = (performance.now() - start) / 1000;
  const memory = residentMegabytes(host) + residentMegabytes(engine);
  await stop();
  return { seconds, memory };
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Subject } from './bundles.ts';
import { askChild } from './child.ts';
import { type Figure, median } from './figures.ts';

const ROUNDS = 15;
const BAR = 1.6;

/**
 * How long each bundle takes to load in a process of its own, against the floor function bundled with the same options. The
 * floor as the CDK's NodejsFunction bundles it, with the SDK's credential chain, is shown for comparison. Rounds take turns.
 */
export async function coldStartFigures(
  trimmedFloor: Subject,
  floor: Subject,
  subjects: readonly Subject[],
): Promise<Figure[]> {
  const all = [floor, trimmedFloor, ...subjects];
  const times = new Map(all.map((subject): [Subject, number[]] => [subject, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const subject of all) times.get(subject)?.push(await loadTime(subject));
  const middle = (subject: Subject) => median(times.get(subject) ?? []);
  return all.map((subject) => ({
    group: `Cold start: time to load, × floor (medians of ${ROUNDS})`,
    name: subject.name,
    value: middle(subject) / middle(trimmedFloor),
    unit: '×',
    detail: `${middle(subject).toFixed(1)} ms`,
    ...(subjects.includes(subject) && { most: BAR }),
  }));
}

async function loadTime({ file, environment }: Subject): Promise<number> {
  return Number(await askChild(join(import.meta.dirname, 'load.mjs'), [pathToFileURL(file).href], environment));
}

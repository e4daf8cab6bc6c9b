/** Measures every figure of performance: `npm run bench`, with `-- --full` at a hundred thousand clients. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import { root, step } from '../emulator/commands.ts';
import { synthesizeInto } from '../support/assembly.ts';
import { openBenchTable } from './bench-table.ts';
import { bundleFigures, floorSubject, functionSubjects } from './bundles.ts';
import { coldStartFigures } from './cold-start.ts';
import { databaseFigures } from './database-work.ts';
import { type Figure, misses, tableOf } from './figures.ts';
import { foundAfterFigures } from './found-after.ts';
import { growthFigures } from './growth.ts';
import { loadFigures } from './load/load.ts';
import { startUpFigures } from './start-up.ts';
import { unknownAccountFigures } from './unknown-accounts.ts';
import { warmFigures } from './warm.ts';

const { values: options } = parseArgs({
  options: { full: { type: 'boolean', default: false }, only: { type: 'string' } },
});

const folder = mkdtempSync(join(tmpdir(), 'clientele-bench-'));
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];

async function tearDown(): Promise<void> {
  for (const action of undo.splice(0).reverse()) await action();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void tearDown().finally(() => process.exit(1)));

try {
  const figures = await measure();
  writeFileSync(join(root, 'bench-results.json'), `${JSON.stringify(figures, null, 1)}\n`);
  console.log(tableOf(figures));
  const missed = figures.filter(misses);
  console.log(missed.length === 0 ? '\nEvery bar is met.' : `\n${missed.length} missed.`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await tearDown();
}

async function measure(): Promise<Figure[]> {
  const start = performance.now();
  const assembly = await step('synthesized', () => synthesizeInto(folder));
  const synthesisSeconds = (performance.now() - start) / 1000;
  // In memory: a file is flushed for every batch, and filling a hundred thousand clients would take hours.
  const engine = await startDynamoDb();
  undo.push(() => engine.stop());
  const floor = await floorSubject(folder);
  const trimmedFloor = await floorSubject(folder, true);
  const functions = functionSubjects(assembly);
  const clients = functions.find(({ name }) => name === 'clients');
  if (!clients) throw new Error('the stack has no clients function');
  const large = options.full ? 100_000 : 20_000;

  const measurements: Record<string, () => Figure[] | Promise<Figure[]>> = {
    bundles: () => bundleFigures(functions),
    'cold start': () => coldStartFigures(trimmedFloor, floor, functions),
    'warm overhead': async () =>
      warmFigures(await openBenchTable(assembly, engine.endpoint, 60), engine.endpoint, floor, clients),
    'database work': async () => databaseFigures(await openBenchTable(assembly, engine.endpoint, 60)),
    'unknown accounts': async () => unknownAccountFigures((await openBenchTable(assembly, engine.endpoint, 1)).table),
    'found after': () => foundAfterFigures(assembly, join(folder, 'found')),
    load: () =>
      loadFigures({
        assembly,
        data: join(folder, 'load'),
        sizes: options.full ? [1_000, 20_000, 100_000] : [1_000, 20_000],
        // Alone it may take as long as it needs; with everything else the bench stays below 15 minutes.
        patience: options.full || options.only === 'load' ? 1_500 : 240,
        checkAll: options.full,
      }),
    growth: () => growthFigures(assembly, engine.endpoint, large),
    'start-up': () => startUpFigures(assembly, synthesisSeconds, join(folder, 'data')),
  };
  const figures: Figure[] = [];
  for (const [name, run] of Object.entries(measurements))
    if (options.only === undefined || options.only === name) figures.push(...(await step(name, async () => run())));
  return figures;
}

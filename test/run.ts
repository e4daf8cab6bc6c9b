/**
 * `npm test`: the checks, and beside them all tests but those of the local stack itself (`npm run test:local`).
 * With arguments, only vitest with these: `npm test -- test/api/clients.test.ts`.
 */
import { join } from 'node:path';
import { endCommands, root, run } from './emulator/commands.ts';
import { type Counts, close, endSuites, runSuite, sumOf } from './support/suite.ts';

const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Each check fails when its command does, and is then shown with all that it printed. */
const checks: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  biome: [bin('biome'), 'check', '.'],
  'import rules': [bin('depcruise'), '--config', '.dependency-cruiser.cjs', ...['infra', 'functions', 'lib', 'test']],
  'OpenAPI rules': [bin('redocly'), 'lint', 'functions/docs/openapi.json'],
  types: [bin('tsc'), '--noEmit'],
  'OpenAPI document': [process.execPath, 'infra/build/openapi.ts', '--check'],
  'mail frame': [process.execPath, 'infra/build/mail-frame.ts', '--check'],
  'unused code': [bin('knip')],
};

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endCommands();
    endSuites();
    process.exit(1);
  });

const runVitest = (...args: string[]) => runSuite(bin('vitest'), ['run', ...args]);

const given = process.argv.slice(2);
const counts =
  given.length > 0 ? [await runVitest(...given)] : await Promise.all([runChecks(), runVitest('--project', '!local')]);
close(sumOf(counts));

/** One at a time: vitest already keeps the cores busy. */
async function runChecks(): Promise<Counts> {
  let failed = 0;
  for (const [name, [command, ...args]] of Object.entries(checks)) {
    const start = performance.now();
    const failure = await run(command, args, process.env).then(
      () => undefined,
      (error: Error) => error,
    );
    console.log(`${failure ? 'FAILED' : 'ok'}  ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    if (!failure) continue;
    failed++;
    console.log(failure.message);
  }
  return { passed: Object.keys(checks).length - failed, failed, skipped: 0 };
}

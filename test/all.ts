/** Every suite one after the other, as `.ci/run` has it: what fails is named, and the closing line is that of all together. */
import { spawnSync } from 'node:child_process';
import { type Counts, close, closingLine, endSuites, runSuite, sumOf } from './support/suite.ts';

const suites = ['test', 'test:local', 'test:emulator', 'test:fuzz', 'test:browser'] as const;

/** The run is given 45 minutes; the rest is for the installation before it. */
const LIMIT_MS = 42 * 60_000;

const results = new Map<string, Counts>();

function finish(): void {
  console.log('\nSuites:');
  for (const suite of suites) {
    const counts = results.get(suite);
    console.log(`  npm run ${suite}: ${counts ? closingLine(counts).replace('tests: ', '') : 'did not end in time'}`);
  }
  close(sumOf(suites.map((suite) => results.get(suite) ?? { passed: 0, failed: 1, skipped: 0 })));
}

setTimeout(() => {
  endSuites();
  finish();
  process.exit();
}, LIMIT_MS).unref();

for (const suite of suites) {
  console.log(`\n== npm run ${suite}`);
  const start = performance.now();
  results.set(suite, await runOrSkip(suite));
  console.log(`${suite}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
finish();

async function runOrSkip(suite: string): Promise<Counts> {
  if (suite === 'test:browser' && !hasChromium()) {
    console.log('Skipped: there is no Chromium on this machine.');
    return { passed: 0, failed: 0, skipped: 1 };
  }
  return runSuite('npm', ['run', '--silent', suite]);
}

function hasChromium(): boolean {
  return spawnSync(process.env.CHROMIUM ?? 'chromium', ['--version'], { stdio: 'ignore' }).status === 0;
}

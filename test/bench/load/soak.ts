/**
 * An hour of mixed load on a stack that it starts: `npm run soak`. `-- --minutes N` is for how long; `--share 0.4` how much
 * of what the stack takes at most, which is measured first; `--rate N` so many requests a second instead. Ends with status 1
 * if a request failed, memory grew, or anything that was acknowledged is lost.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { step } from '../../emulator/commands.ts';
import { synthesizeInto } from '../../support/assembly.ts';
import { startStackProcess } from '../../support/stack-process.ts';
import { percentile } from '../figures.ts';
import { openApi, signUpWithToken } from './api.ts';
import { isFound } from './company.ts';
import { drive, forSeconds, type Outcome } from './drive.ts';
import { FLAT, growthOf, isFlat } from './flatness.ts';
import { drain } from './index-lag.ts';
import type { Ledger } from './ledger.ts';
import { findLosses } from './losses.ts';
import { createClient, createGroup, type Mixer, mixedRequest } from './mix.ts';
import { pacer } from './pace.ts';
import { memory, type Processes } from './processes.ts';
import { seededRandom } from './random.ts';

const CONNECTIONS = 16;
const SEED = 9;
const FIRST_CLIENTS = 500;
const FIRST_GROUPS = 5;
const CALIBRATION_SECONDS = 20;
/** Longer than these seconds nobody waits for streams and queues at the end. */
const DRAIN_PATIENCE = 300;
const SECONDS_BETWEEN_LOOKS = 5;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    share: { type: 'string', default: '0.4' },
    rate: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'clientele-soak-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const complaints: string[] = [];
const assembly = await step('synthesized', () => synthesizeInto(folder, 'test'));
const stack = await startStackProcess({ assembly, data: join(folder, 'data'), log: (line) => complaints.push(line) });
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.stop().finally(() => process.exit(1)));
try {
  const failures = await soak();
  for (const failure of failures.slice(0, 20)) console.log(failure);
  console.log(failures.length === 0 ? 'Nothing failed, grew or got lost.' : `${failures.length} failures.`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await stack.stop();
}

async function soak(): Promise<string[]> {
  const api = openApi({ url: stack.url, connections: CONNECTIONS, token: await signUpWithToken(stack.url) });
  const ledger: Ledger = { clients: [], documents: [], groups: [] };
  const mixer: Mixer = { api, ledger, random: seededRandom(SEED) };
  const failures = await begin(mixer);
  const rate =
    options.rate === undefined ? await calibrate(mixer, Number(options.share), failures) : Number(options.rate);
  console.log(`${rate.toFixed(0)} requests a second for ${options.minutes} minutes`);
  const totals: number[] = [];
  const watch = setInterval(() => totals.push(totalMemory(stack)), SECONDS_BETWEEN_LOOKS * 1000);
  console.log('minute  requests  errors  p99 ms  host MB  engine MB  index lag s');
  for (let minute = 1; minute <= Number(options.minutes); minute++) {
    const [outcome, lag] = await Promise.all([
      drive(CONNECTIONS, pacer(rate, forSeconds(60)), () => mixedRequest(mixer)),
      lagOfNewClient(mixer).catch((error: unknown) => {
        failures.push(String(error));
        return Number.NaN;
      }),
    ]);
    failures.push(...outcome.errors);
    console.log(lineOf(minute, outcome, lag));
  }
  clearInterval(watch);
  if (!(await drain(stack.url, DRAIN_PATIENCE))) failures.push(`not drained after ${DRAIN_PATIENCE} s`);
  const { clients, documents } = ledger;
  failures.push(
    ...(await step(`${clients.length} clients and ${documents.length} documents checked`, () =>
      findLosses(api, ledger, CONNECTIONS),
    )),
  );
  failures.push(...memoryFailures(totals), ...complaints);
  await api.close();
  return failures;
}

/** Creates the groups and the first clients. Returns the messages of what failed. */
async function begin(mixer: Mixer): Promise<string[]> {
  let groups = FIRST_GROUPS;
  let clients = FIRST_CLIENTS;
  const made = [
    await drive(
      1,
      () => groups-- > 0,
      () => createGroup(mixer),
    ),
    await drive(
      CONNECTIONS,
      () => clients-- > 0,
      () => createClient(mixer),
    ),
  ];
  await drain(stack.url, DRAIN_PATIENCE);
  return made.flatMap(({ errors }) => errors);
}

/** Measures how many mixed requests the stack takes a second, and returns the share of it. */
async function calibrate(mixer: Mixer, share: number, failures: string[]): Promise<number> {
  const { samples, seconds, errors } = await drive(CONNECTIONS, forSeconds(CALIBRATION_SECONDS), () =>
    mixedRequest(mixer),
  );
  failures.push(...errors);
  await drain(stack.url, DRAIN_PATIENCE);
  console.log(`the stack takes ${(samples.length / seconds).toFixed(0)} mixed requests a second`);
  return (samples.length / seconds) * share;
}

/** Seconds until search finds a client that is created now; a minute if it does not. */
async function lagOfNewClient(mixer: Mixer): Promise<number> {
  const client = await createClient(mixer, true); // Nobody may rename it while it is searched for.
  const start = performance.now();
  while (!(await isFound(mixer.api, client)) && performance.now() - start < 60_000) await pause(50);
  client.busy = false;
  return (performance.now() - start) / 1000;
}

function totalMemory(processes: Processes): number {
  const { host, engine } = memory(processes);
  return host + engine;
}

function memoryFailures(totals: readonly number[]): string[] {
  const percent = (growthOf(totals) * 100).toFixed(1);
  const grown = `memory of host and engine, last third against first: ${percent} % (at most +${FLAT * 100} %)`;
  console.log(grown);
  return isFlat(totals) ? [] : [grown];
}

function lineOf(minute: number, { samples, errors }: Outcome, lag: number): string {
  const { host, engine } = memory(stack);
  const p99 = percentile(
    samples.map(({ took }) => took),
    0.99,
  );
  const cells = [
    minute,
    samples.length,
    errors.length,
    p99.toFixed(0),
    host.toFixed(0),
    engine.toFixed(0),
    lag.toFixed(2),
  ];
  const widths = [6, 8, 6, 6, 7, 9, 11];
  return cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join('  ');
}

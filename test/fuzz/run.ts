/**
 * Lets schemathesis make requests of every kind from the OpenAPI document, and holds every answer of the local stack
 * against the document: `npm run test:fuzz -- [options of schemathesis run, such as --seed N]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '../../infra/local/cli/start.ts';
import { step } from '../emulator/commands.ts';
import { synthesizeInto } from '../support/assembly.ts';
import { installPython, python } from '../support/python.ts';
import { type Counts, close } from '../support/suite.ts';
import { type Company, openCompany } from './company.ts';

const here = import.meta.dirname;

/** The same requests in every run, and about five minutes of them; the command line's own options come after. */
const bounds = ['--seed', '20260301', '--max-examples', '60'];

const folder = mkdtempSync(join(tmpdir(), 'clientele-fuzz-'));
const report = join(folder, 'junit.xml');
let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];

async function tearDown(): Promise<void> {
  for (const action of undo.splice(0).reverse()) await action();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void tearDown().finally(() => process.exit(1)));

try {
  await step('schemathesis installed', () => installPython(join(here, 'requirements.txt')));
  const assembly = await step('synthesized', () => synthesizeInto(folder, 'test'));
  const stack = await step('local stack started', () => startLocal({ assembly, data: join(folder, 'data'), port: 0 }));
  undo.push(() => stack.stop());
  const company = await openCompany(stack.url);
  counts = await step('fuzzed', () => fuzz(stack.url, company));
} catch (error) {
  console.error(error);
} finally {
  await tearDown();
  close(counts);
}

/** Runs schemathesis; each operation of the document that it tests counts as one test. */
async function fuzz(url: string, company: Company): Promise<Counts> {
  const arguments_ = [
    ...['-m', 'schemathesis.cli', '--config-file', join(here, 'schemathesis.toml'), 'run', `${url}/openapi.json`],
    ...['--report', 'junit', '--report-junit-path', report],
    ...bounds,
    ...process.argv.slice(2),
  ];
  const child = spawn(python, arguments_, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: here,
      SCHEMATHESIS_HOOKS: 'hooks',
      CLIENTELE_URL: url,
      CLIENTELE_TOKEN: company.token,
      CLIENTELE_TOKEN_ID: company.tokenId,
      CLIENTELE_CLIENT_IDS: company.clientIds.join(','),
      CLIENTELE_DOCUMENT_IDS: company.documentIds.join(','),
      CLIENTELE_INVOICE_IDS: company.invoiceIds.join(','),
      CLIENTELE_PAYMENT_IDS: company.paymentIds.join(','),
      CLIENTELE_CREDIT_IDS: company.creditIds.join(','),
      CLIENTELE_USER_ID: company.userId,
      CLIENTELE_GROUP_ID: company.groupId,
    },
  });
  undo.push(() => child.exitCode === null && child.kill('SIGTERM'));
  const [code] = await once(child, 'close');
  const operations = existsSync(report) ? readFileSync(report, 'utf8').split('<testcase ').slice(1) : [];
  const failed = operations.filter((operation) => /<(failure|error) /.test(operation)).length;
  const skipped = operations.filter((operation) => !/<(failure|error) /.test(operation) && /<skipped /.test(operation));
  return {
    passed: operations.length - failed - skipped.length,
    // Schemathesis may also fail as a whole, without an operation that does.
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: skipped.length,
  };
}

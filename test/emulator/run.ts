/** Deploys the stack into ministack, an emulator that others wrote, and runs the API tests against it there. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type Counts, close, endSuites, runSuite } from '../support/suite.ts';
import { endCommands, root, run, step } from './commands.ts';
import { adaptTemplates } from './differences.ts';
import { openGateway } from './gateway.ts';
import { installMinistack, type Ministack, startMinistack } from './ministack.ts';

const account = '000000000000';
const region = 'eu-central-1';
const tools = join(root, 'node_modules', '.bin');
const cdk = join(tools, 'cdk');
const Outputs = z.record(z.string(), z.object({ ApiUrl: z.url() }));

const folder = mkdtempSync(join(tmpdir(), 'clientele-emulator-'));
let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
const undo: (() => void | Promise<void>)[] = [
  () => rmSync(folder, { recursive: true, force: true }),
  endCommands,
  endSuites,
];
let untested: string[] = [];

async function tearDown(): Promise<void> {
  for (const action of undo.splice(0).reverse()) await action();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void tearDown().finally(() => process.exit(1)));

try {
  await step('ministack installed', installMinistack);
  const ministack = await step('ministack started', () => startMinistack(folder));
  undo.push(() => ministack.stop());
  const assembly = await step('synthesized', synthesize);
  untested = adaptTemplates(assembly);
  const apiUrl = await deploy(ministack, assembly);
  const gateway = await openGateway(apiUrl, ministack.port);
  undo.push(() => gateway.close());
  const env = { ...awsEnvironment(ministack), CLIENTELE_API_URL: gateway.url, CLIENTELE_INBOX: 'open' };
  counts = await step('API tests', () =>
    runSuite(join(tools, 'vitest'), ['run', '--project', 'api', ...process.argv.slice(2)], env),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  if (untested.length > 0) console.log(`\nWhat ministack lacks, and was not tested there:\n${list(untested)}`);
  await tearDown();
  close(counts);
}

async function synthesize(): Promise<string> {
  const assembly = join(folder, 'cdk.out');
  await run(process.execPath, ['infra/app.ts'], { ...process.env, CDK_OUTDIR: assembly, CLIENTELE_STAGE: 'test' });
  return assembly;
}

async function deploy(ministack: Ministack, assembly: string): Promise<string> {
  const env = awsEnvironment(ministack);
  const outputs = join(folder, 'outputs.json');
  const app = ['--app', assembly, '--output', join(folder, 'cdk')];
  await step('cdk bootstrap', () => run(cdk, ['bootstrap', `aws://${account}/${region}`, ...app], env));
  await step('cdk deploy', () =>
    run(cdk, ['deploy', 'Clientele', ...app, '--require-approval', 'never', '--outputs-file', outputs], env),
  );
  const [stack] = Object.values(Outputs.parse(JSON.parse(readFileSync(outputs, 'utf8'))));
  if (!stack) throw new Error('cdk deploy wrote no outputs.');
  return stack.ApiUrl;
}

/** Only what leads to ministack: nothing of this may reach a real account by way of a profile or a role. */
function awsEnvironment({ url }: Ministack): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(inherited),
    PATH: `${tools}:${process.env.PATH}`,
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CI: 'true',
  };
}

function list(items: readonly string[]): string {
  return items.map((item) => `  - ${item}`).join('\n');
}

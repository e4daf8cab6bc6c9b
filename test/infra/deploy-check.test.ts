import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkAccount } from '../../infra/deploy/account.ts';
import { readArguments } from '../../infra/deploy/arguments.ts';
import { type Stage, stageNamed } from '../../infra/stages.ts';
import { root } from '../emulator/commands.ts';
import { type AccountAnswers, awsAccount } from '../support/aws-account.ts';

const ready: AccountAnswers = {
  GetCallerIdentity: '111122223333',
  GetParameter: { Value: '28' },
  GetAccountSettings: 1000,
  GetAccount: { ProductionAccessEnabled: true, SendingEnabled: true },
  GetEmailIdentity: {},
  DescribeStackResources: undefined,
};
const studio: Stage = {
  ...stageNamed('prod'),
  allowedOrigins: ['https://app.studio.test'],
  pages: { portal: 'https://portal.studio.test', staff: 'https://app.studio.test' },
  sender: 'no-reply@studio.test',
  alarmEmail: 'on-call@studio.test',
};
const verified = { VerifiedForSendingStatus: true };

const environmentOf = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_MAX_ATTEMPTS: '1',
});

/** What the check of the account says about a stage, one line for each finding that is not in order. */
async function complaints(answers: Partial<AccountAnswers>, stage = studio): Promise<string[]> {
  await using account = await awsAccount({ ...ready, ...answers });
  for (const [name, value] of Object.entries(environmentOf(account.url))) vi.stubEnv(name, value);
  const findings = await checkAccount(stage);
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, fact, advice = '' }) => `${level}: ${fact} ${advice}`);
}

afterEach(() => vi.unstubAllEnvs());

describe('the check before a deployment', () => {
  it('has nothing to say about an account that is ready', async () => {
    expect(await complaints({})).toEqual([]);
    expect(
      await complaints({ GetEmailIdentity: { 'studio.test': verified }, DescribeStackResources: ['studio.test'] }),
    ).toEqual([]);
    const existing = { ...studio, existingIdentity: true };
    expect(await complaints({ GetEmailIdentity: { 'no-reply@studio.test': verified } }, existing)).toEqual([]);
  });

  it.each<[string, Partial<AccountAnswers>, Partial<Stage>, RegExp]>([
    ['credentials that have expired', { GetCallerIdentity: 'ExpiredToken' }, {}, /^error: .*expired.*aws sso login/],
    [
      'credentials that are wrong',
      { GetCallerIdentity: 'InvalidClientTokenId' },
      {},
      /^error: .*no valid AWS credentials/,
    ],
    [
      'an account without bootstrap',
      { GetParameter: 'ParameterNotFound' },
      {},
      /^error: .*npx cdk bootstrap aws:\/\/111122223333\/eu-west-1/,
    ],
    ['an old bootstrap', { GetParameter: { Value: '5' } }, {}, /^error: .*version 5.*version 6/],
    ['a parameter that may not be read', { GetParameter: 'AccessDeniedException' }, {}, /^warning: .*AccessDenied/],
    ['a new Lambda account', { GetAccountSettings: 10 }, {}, /^warning: Lambda may run 10 .*L-B99A9384/],
    [
      'the sandbox',
      { GetAccount: { ProductionAccessEnabled: false, SendingEnabled: true } },
      {},
      /^warning: SES is in its sandbox.*production access/,
    ],
    [
      'paused sending',
      { GetAccount: { ProductionAccessEnabled: true, SendingEnabled: false } },
      {},
      /^warning: AWS has paused/,
    ],
    [
      'an identity that others made',
      { GetEmailIdentity: { 'studio.test': verified }, DescribeStackResources: ['table'] },
      {},
      /^error: studio\.test already is an SES identity.*existingIdentity=true/,
    ],
    [
      'an existing identity that does not exist',
      {},
      { existingIdentity: true },
      /^error: .*SES has none for studio\.test/,
    ],
    [
      'an identity without DNS records',
      {
        GetEmailIdentity: { 'studio.test': { VerifiedForSendingStatus: false, Tokens: ['abc'] } },
        DescribeStackResources: ['studio.test'],
      },
      {},
      /^warning: .*not verified yet.*abc\._domainkey\.studio\.test CNAME abc\.dkim\.amazonses\.com/,
    ],
    ['a sender nobody can verify', {}, { sender: 'a@clientele.example' }, /^error: .*placeholder/],
    [
      'pages that are placeholders',
      {},
      { allowedOrigins: ['https://a.example'] },
      /^warning: allowedOrigins .*infra\/stages\.ts/,
    ],
  ])('%s is found, and the text says what to do', async (_what, answers, stage, text) => {
    expect(await complaints(answers, { ...studio, ...stage })).toEqual([expect.stringMatching(text)]);
  });

  it('a stage without a sender is told what that means', async () => {
    const texts = await complaints({}, stageNamed('dev'));
    expect(texts).toContainEqual(expect.stringMatching(/^warning: Stage dev has no sender.*-c sender=/));
    expect(texts.filter((text) => text.startsWith('error'))).toEqual([]);
  });

  it('without a region or without credentials nothing else is checked', async () => {
    for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    expect(await checkAccount(studio)).toMatchObject([{ level: 'error', fact: 'No region is set.' }]);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    expect(await checkAccount(studio)).toMatchObject([{ level: 'error', fact: expect.stringMatching('no valid') }]);
  });
});

it('the arguments of the CDK are read in all their forms, and passed on', () => {
  const given = ['--check-only', '-c', 'stage=prod', '--context=sender=a@b.test', '--profile', 'work', '--hotswap'];
  expect(readArguments(given)).toEqual({
    checkOnly: true,
    context: { stage: 'prod', sender: 'a@b.test' },
    profile: 'work',
    forCdk: given.slice(1),
  });
});

describe('npm run deploy', () => {
  /** Runs the command with a CDK that writes down its arguments. */
  async function deploy(answers: Partial<AccountAnswers>, ...given: string[]) {
    await using account = await awsAccount({ ...ready, ...answers });
    const folder = mkdtempSync(join(tmpdir(), 'clientele-deploy-'));
    try {
      const record = join(folder, 'arguments');
      writeFileSync(join(folder, 'cdk'), `#!/bin/sh\necho "$@" > ${record}\nexit 3\n`);
      chmodSync(join(folder, 'cdk'), 0o755);
      writeFileSync(record, '');
      const child = spawn(process.execPath, ['infra/deploy/deploy.ts', ...given], {
        cwd: root,
        env: { ...environmentOf(account.url), PATH: `${folder}:${process.env.PATH}` },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      const [code] = await once(child, 'close');
      return { code, output, cdk: readFileSync(record, 'utf8').trim() };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('deploys in spite of warnings, with the arguments given, and ends as the CDK does', async () => {
    const { code, output, cdk } = await deploy({ GetAccountSettings: 10 }, '-c', 'stage=dev');
    expect(output).toContain('warning  Lambda may run 10 executions');
    expect([code, cdk]).toEqual([3, 'deploy Clientele --require-approval broadening -c stage=dev']);
  });

  it('stops at an error, and with --check-only in any case', async () => {
    const stopped = await deploy({}, '-c', 'stage=prod');
    expect(stopped.output).toContain('error    The sender no-reply@clientele.example is a placeholder');
    expect([stopped.code, stopped.cdk]).toEqual([1, '']);
    const checked = await deploy({}, '--check-only');
    expect([checked.code, checked.cdk]).toEqual([0, '']);
    const unknown = await deploy({}, '-c', 'stage=prdo');
    expect([unknown.code, unknown.output]).toEqual([1, expect.stringContaining('There is no stage "prdo"')]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAccessPatterns } from '../../infra/cost/access-patterns.ts';
import { costOfCreation, monthlyBill } from '../../infra/cost/bill.ts';
import { costReport } from '../../infra/cost/report.ts';
import { billedResources } from '../../infra/cost/template.ts';
import { stageNamed } from '../../infra/stages.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const resource = (Type: string, Properties: Record<string, unknown> = {}) => ({ Type, Properties });
const resources = [
  resource('AWS::CloudWatch::Alarm', { MetricName: 'Errors' }),
  resource('AWS::CloudWatch::Alarm', {
    Metrics: [{ Expression: 'a + b' }, { MetricStat: {} }, { MetricStat: {} }],
  }),
  resource('AWS::SecretsManager::Secret'),
  resource('AWS::ApiGatewayV2::Integration'),
  resource('AWS::Lambda::Function', { MemorySize: 512 }),
  resource('AWS::Lambda::Function', { MemorySize: 1536 }),
  resource('AWS::Logs::LogGroup', { RetentionInDays: 180 }),
  resource('AWS::Lambda::EventSourceMapping', { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }),
  resource('AWS::Lambda::EventSourceMapping', { EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] } }),
  resource('AWS::DynamoDB::GlobalTable', {
    Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
  }),
];
const patterns = readAccessPatterns(read('lib/table/README.md'));

describe('the cost of a month', () => {
  it('is what the README says, for the arguments that the README names', () => {
    const [, clients, requests, report] =
      /```text\n\$ npm run cost -- --clients (\d+) --requests (\d+)\n([\s\S]*?)\n```/.exec(read('README.md')) ?? [];
    const load = { clients: Number(clients), requests: Number(requests), mails: 0 };
    expect(report).toBe(costReport(stageNamed('prod'), load));
  });

  it('counts every metric of an alarm on an expression, and the queues that are polled', () => {
    expect(billedResources(resources)).toEqual({
      alarmMetrics: 3,
      secrets: 1,
      httpFunctions: 1,
      polledQueues: 1,
      memory: 1,
      logMonths: 6,
      hasBackup: true,
    });
  });

  it('without use has only what is billed by the month, and grows with clients, requests and mails', () => {
    const stack = billedResources(resources);
    const total = (clients: number, requests: number, mails: number) =>
      monthlyBill(stack, patterns, { clients, requests, mails }).reduce((sum, { dollars }) => sum + dollars, 0);
    const lines = monthlyBill(stack, patterns, { clients: 0, requests: 0, mails: 0 });
    expect(lines.filter(({ dollars }) => dollars > 0).map(({ service }) => service)).toEqual([
      'CloudWatch',
      'CloudWatch',
      'Secrets Manager',
      'SQS',
    ]);
    const idle = total(0, 0, 0);
    for (const load of [total(1000, 0, 0), total(0, 1000, 0), total(0, 0, 1000)]) expect(load).toBeGreaterThan(idle);
    expect(total(0, 0, 1000) - idle).toBeGreaterThan(0.1);
  });

  it('reads the units of each operation, which are writes if it writes', () => {
    expect(patterns.get('getClient')).toEqual({ reads: 1, writes: 0 });
    expect(patterns.get('createClient')).toMatchObject({ reads: 0 });
    expect(
      costOfCreation(
        new Map([
          ['createClient', { reads: 0, writes: 20 }],
          ['indexNewClient', { reads: 0, writes: 16 }],
        ]),
        1e6,
      ),
    ).toEqual({
      writes: 12.5,
      index: 10,
    });
    expect(() => monthlyBill(billedResources(resources), new Map(), { clients: 1, requests: 1, mails: 0 })).toThrow(
      'has no access pattern',
    );
  });
});

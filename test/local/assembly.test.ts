import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';
import { temporaryFolder } from './fixture-stack.ts';

type Resources = Record<string, { Type: string; Properties: object }>;

const api: Resources = { Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } } };
const secret: Resources = {
  Key: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: { PasswordLength: 64 } } },
};
const table: Resources = {
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: { KeySchema: [], StreamSpecification: { StreamViewType: 'NEW_IMAGE' } },
  },
};
const source = (Properties: object): Resources => ({
  ...table,
  Source: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] }, ...Properties },
  },
});

/** Reads a cloud assembly whose template has just these resources, and whose nested template, if any, has those. */
function read(Resources: Resources, nested?: Resources, environment = 'aws://unknown-account/unknown-region') {
  const folder = join(temporaryFolder(), 'cdk.out');
  mkdirSync(folder);
  const properties = { templateFile: 'S.template.json' };
  const artifacts = { S: { type: 'aws:cloudformation:stack', environment, properties } };
  const asset = { source: { path: 'N.template.json' }, destinations: { here: { objectKey: 'n.json' } } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
  writeFileSync(join(folder, 'S.template.json'), JSON.stringify({ Resources }));
  writeFileSync(join(folder, 'N.template.json'), JSON.stringify({ Resources: nested }));
  writeFileSync(join(folder, 'S.assets.json'), JSON.stringify({ files: { ...(nested && { asset }) } }));
  return readAssembly(folder);
}

const nesting: Resources = {
  Inner: {
    Type: 'AWS::CloudFormation::Stack',
    Properties: { TemplateURL: { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::URLSuffix' }, '/assets/n.json']] } },
  },
};
const alarm: Resources = { Fails: { Type: 'AWS::CloudWatch::Alarm', Properties: {} } };

it('a template with supported resources is read', () => {
  const { api: model, secrets, tables } = read({ ...api, ...secret, ...table });
  expect([model?.routes, secrets.length, tables.length]).toEqual([[], 1, 1]);
});

it.each<[string, Resources, string]>([
  [
    'an authorizer',
    {
      ...api,
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: { ApiId: { Ref: 'Api' }, RouteKey: 'GET /me', AuthorizationType: 'CUSTOM' },
      },
    },
    'Route GET /me has an authorizer of type CUSTOM',
  ],
  [
    'a rotated secret',
    { ...secret, R: { Type: 'AWS::SecretsManager::RotationSchedule', Properties: { SecretId: { Ref: 'Key' } } } },
    'The secret Key is rotated',
  ],
  [
    'a secret that is not generated',
    { Key: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'x' } } },
    'The secret Key is rotated or not generated',
  ],
  [
    'a schedule',
    { Nightly: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 day)' } } },
    'Rule Nightly is a schedule',
  ],
  [
    'a schedule of the scheduler',
    { Nightly: { Type: 'AWS::Scheduler::Schedule', Properties: {} } },
    'schedules such as Nightly',
  ],
  ['a bucket without versions', { Files: { Type: 'AWS::S3::Bucket', Properties: {} } }, 'The bucket Files'],
  ['a FIFO queue', { Tasks: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } }, 'The queue Tasks'],
  ['a stream from LATEST', source({ StartingPosition: 'LATEST' }), 'The event source Source'],
  [
    'a batching window',
    source({ StartingPosition: 'TRIM_HORIZON', MaximumBatchingWindowInSeconds: 5 }),
    'The event source Source',
  ],
  [
    'an operator in a filter',
    source({
      StartingPosition: 'TRIM_HORIZON',
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":[{"prefix":"I"}]}' }] },
    }),
    'event source Source uses prefix',
  ],
  [
    'a local secondary index',
    { Table: { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [], LocalSecondaryIndexes: [{}] } } },
    'The table Table has local secondary indexes',
  ],
  [
    'a time to live without old images',
    {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
          TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        },
      },
    },
    'The table Table has a time to live',
  ],
])('a template with %s is refused', (_what, resources, problem) => {
  expect(() => read(resources)).toThrow(problem);
});

it('a nested stack of alarms is skipped', () => {
  expect(read({ ...secret, ...nesting }, alarm).secrets).toHaveLength(1);
});

it.each([
  ['with more than alarms', { ...alarm, ...secret }],
  ['that is not in the assembly', undefined],
])('a nested stack %s is refused', (_what, nested) => {
  expect(() => read(nesting, nested)).toThrow('The nested stack Inner has more than alarms');
});

it.each([
  ['eu-central-1', 'aws', 'amazonaws.com'],
  ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
  ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'],
])('in the region %s, ARNs and hosts are those of the partition %s', (region, partition, suffix) => {
  const queue: Resources = { Tasks: { Type: 'AWS::SQS::Queue', Properties: {} } };
  const { api: model, queues, secrets } = read({ ...api, ...secret, ...queue }, undefined, `aws://1/${region}`);
  expect(secrets[0]?.arn).toMatch(new RegExp(`^arn:${partition}:secretsmanager:${region}:`));
  expect(new URL(queues[0]?.url ?? '').host).toBe(`sqs.${region}.${suffix}`);
  expect(new URL(model?.endpoint ?? '').host).toMatch(new RegExp(`\\.execute-api\\.${region}\\.${suffix}$`));
});

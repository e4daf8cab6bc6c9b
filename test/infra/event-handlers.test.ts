import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alarmsOf, folderOf, resources, templateOf } from './synthesized.ts';

const template = templateOf('prod');
const Arn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform((arn) => arn['Fn::GetAtt'][0]);
const Rule = z.object({
  EventPattern: z.object({ source: z.array(z.string()).min(1), detail: z.record(z.string(), z.unknown()) }),
  Targets: z.tuple([
    z.object({
      Arn,
      DeadLetterConfig: z.object({ Arn }),
      RetryPolicy: z.object({ MaximumEventAgeInSeconds: z.number(), MaximumRetryAttempts: z.number() }),
    }),
  ]),
});
const queues = resources(template, 'AWS::SQS::Queue');
const rules = Object.entries(resources(template, 'AWS::Events::Rule'));
const targetOf = ({ Properties }: (typeof rules)[number][1]) => Rule.parse(Properties).Targets[0];
const calling = rules.filter(([, rule]) => queues[targetOf(rule).Arn] === undefined);
const queueing = rules.filter(([, rule]) => queues[targetOf(rule).Arn] !== undefined);
const Permission = z.object({ FunctionName: Arn, Principal: z.string(), SourceArn: z.unknown() });
const Mapping = z.object({
  EventSourceArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  FunctionName: z.object({ Ref: z.string() }),
});
const Settings = z.object({
  FunctionName: z.object({ Ref: z.string() }),
  MaximumRetryAttempts: z.number(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: Arn }) }),
});

it('events of uploads go through a queue to document-received, events of mails straight to mail-events', () => {
  const functions = resources(template, 'AWS::Lambda::Function');
  const mappings = Object.values(resources(template, 'AWS::Lambda::EventSourceMapping')).map(({ Properties }) =>
    Mapping.parse(Properties),
  );
  const consumers = queueing.map(([, rule]) =>
    mappings.find(({ EventSourceArn }) => EventSourceArn['Fn::GetAtt'][0] === targetOf(rule).Arn),
  );
  expect(consumers.map((mapping) => folderOf(functions[mapping?.FunctionName.Ref ?? '']))).toEqual([
    'document-received',
  ]);
  expect(calling.map(([, rule]) => folderOf(functions[targetOf(rule).Arn]))).toEqual(['mail-events']);
});

/** EventBridge may send to the queue for this rule alone, and may do nothing else with it. */
function expectOpenFor(id: string, queue: string): void {
  const policies = JSON.stringify(
    Object.values(resources(template, 'AWS::SQS::QueuePolicy')).filter((one) =>
      JSON.stringify(one.Properties.Queues).includes(`"${queue}"`),
    ),
  );
  expect(policies).toContain('"Service":"events.amazonaws.com"');
  expect(policies).toContain(`"ArnEquals":{"aws:SourceArn":{"Fn::GetAtt":["${id}","Arn"]}}`);
  expect(policies.match(/events\.amazonaws\.com/g)).toHaveLength(1);
  expect(policies).not.toMatch(/sqs:(?:Receive|Delete|Purge|Set)|"Action":"sqs:\*","Effect":"Allow"/);
}

it.each(rules)('the rule %s matches events of a named source and retries their delivery for a day', (_id, rule) => {
  expect(targetOf(rule).RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185 });
});

describe.each(queueing)('the rule %s', (id, rule) => {
  const { Arn: queue, DeadLetterConfig } = targetOf(rule);

  it('a rule with a queue is the only one that sends to it, and its failures go to the dead-letter queue', () => {
    const mappings = Object.values(resources(template, 'AWS::Lambda::EventSourceMapping'));
    expect(mappings.filter(({ Properties }) => JSON.stringify(Properties).includes(`"${queue}"`))).toHaveLength(1);
    expect(JSON.stringify(queues[queue]?.Properties.RedrivePolicy)).toContain(`"${DeadLetterConfig.Arn}"`);
    for (const one of [queue, DeadLetterConfig.Arn]) expectOpenFor(id, one);
  });
});

describe.each(calling)('the rule %s', (id, rule) => {
  const target = targetOf(rule);
  const queue = target.DeadLetterConfig.Arn;

  it('a rule with a function is the only one that may invoke it', () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).map(({ Properties: one }) =>
      Permission.safeParse(one),
    );
    const callers = permissions.filter(
      ({ data }) => data?.Principal === 'events.amazonaws.com' && data.FunctionName === target.Arn,
    );
    expect(callers.map(({ data }) => data?.SourceArn)).toEqual([{ 'Fn::GetAtt': [id, 'Arn'] }]);
  });

  it('failed events wait for 14 days in a dead-letter queue of their own, which has an alarm', () => {
    const settings = Object.values(resources(template, 'AWS::Lambda::EventInvokeConfig'))
      .map(({ Properties: one }) => Settings.parse(one))
      .find(({ FunctionName }) => FunctionName.Ref === target.Arn);
    expect(settings).toMatchObject({ MaximumRetryAttempts: 2 });
    expect(settings?.DestinationConfig.OnFailure.Destination).toBe(queue);
    expect(queues[queue]?.Properties).toMatchObject({ MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true });
    const alarms = JSON.stringify(alarmsOf('prod'));
    expect(alarms).toContain(`"Fn::GetAtt":["${queue}","QueueName"]`);
    expect(rules.filter(([, other]) => JSON.stringify(other.Properties).includes(queue))).toHaveLength(1);
  });

  it('a rule with a function is the only one that may send to its dead-letter queue', () => {
    expectOpenFor(id, queue);
  });
});

import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stageNamed } from '../../infra/stages.ts';
import { tableIndexNames } from '../../lib/table/layout.ts';
import { alarmsOf, clienteleStack, folderOf, resources, statements, templateOf } from './synthesized.ts';

const template = templateOf('prod');
const alarms = Object.entries(alarmsOf('prod'));
const [topicId] = Object.keys(resources(template, 'AWS::SNS::Topic'));
const Metrics = z.array(z.object({ MetricStat: z.unknown().optional() })).default([]);
const Stat = z.object({
  Metric: z.object({
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  }),
});

/** The values of a dimension in all metrics of a name that alarms read; undefined for a metric without it. */
function valuesOf(dimension: string, metricName: string): unknown[] {
  return alarms
    .flatMap(([, { Properties }]) => Metrics.parse(Properties.Metrics))
    .flatMap(({ MetricStat }) => Stat.safeParse(MetricStat).data?.Metric ?? [])
    .filter(({ MetricName }) => MetricName === metricName)
    .map(({ Dimensions }) => Dimensions.find(({ Name }) => Name === dimension)?.Value);
}

describe.each(alarms)('the alarm %s', (_id, { Properties }) => {
  it('an alarm says what was seen and what it means for people', () => {
    expect(Properties.AlarmDescription).toMatch(/^[A-Za-z].+\. Impact: [A-Z].{20,}\.$/);
  });

  it('an alarm notifies the topic', () => {
    expect(Properties.AlarmActions).toEqual([{ Ref: topicId }]);
  });

  it('an alarm reads ten metrics at most, which is the limit of CloudWatch', () => {
    expect(Metrics.parse(Properties.Metrics).filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
  });

  it('an alarm takes a missing metric as zero', () => {
    const expression = JSON.stringify(Properties.Metrics ?? []).match(/"Expression":"([^"]*)"/)?.[1] ?? '';
    expect(expression.replace(/FILL\(\w+,0\)/g, '0')).toMatch(/^(SUM\(\[0(,0)*\]\))?$/);
  });
});

describe('the alarms', () => {
  it('alarms watch every function but the one that runs during deployments only', () => {
    const watched = JSON.stringify(alarms);
    const unwatched = Object.entries(resources(template, 'AWS::Lambda::Function')).filter(
      ([id]) => !watched.includes(`"${id}"`),
    );
    expect(unwatched.map(([, lambda]) => folderOf(lambda))).toEqual(['password-probe']);
  });

  it.each(['Read', 'Write'])('an alarm sees %ss that DynamoDB throttled on the table or any index', (kind) => {
    const indexes = valuesOf('GlobalSecondaryIndexName', `${kind}ThrottleEvents`);
    expect(indexes.sort()).toEqual([...tableIndexNames, undefined].sort());
  });

  it('an alarm sees the errors of DynamoDB in every operation that a function may call', () => {
    const granted = statements(template)
      .flatMap(({ Action }) => Action)
      .flatMap((action) => /^dynamodb:(\w+Items?|Query)$/.exec(action)?.[1] ?? [])
      // Part of a transaction only.
      .filter((action) => action !== 'ConditionCheckItem');
    const expected = [...new Set([...granted, 'TransactWriteItems'])];
    expect(valuesOf('Operation', 'SystemErrors').sort()).toEqual(expected.sort());
  });

  it('the topic of the alarms accepts messages from this account only, and over TLS only', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
  });

  it('alarms go by mail to the address of the stage, if it has one', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 0);
    const { stack } = clienteleStack({ ...stageNamed('prod'), alarmEmail: 'on-call@clientele.example' });
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'on-call@clientele.example',
    });
  });
});

import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stageNamed } from '../../infra/stages.ts';
import { clienteleStack, resources, templateOf } from './synthesized.ts';

const template = templateOf('prod');
const alarms = Object.entries(resources(template, 'AWS::CloudWatch::Alarm'));
const [topicId] = Object.keys(resources(template, 'AWS::SNS::Topic'));
const Metrics = z.array(z.object({ MetricStat: z.unknown().optional() })).default([]);

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
  it('alarms watch every function', () => {
    const watched = JSON.stringify(alarms);
    for (const id of Object.keys(resources(template, 'AWS::Lambda::Function'))) expect(watched).toContain(`"${id}"`);
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

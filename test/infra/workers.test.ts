import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resources, templateOf } from './synthesized.ts';

const template = templateOf('prod');
const mappings = Object.entries(resources(template, 'AWS::Lambda::EventSourceMapping'));
const queues = resources(template, 'AWS::SQS::Queue');
const Destination = z.object({
  OnFailure: z.object({ Destination: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
});

describe.each(mappings)('the worker behind %s', (_id, { Properties }) => {
  it('follows the stream from its beginning, in order, and only what it is for', () => {
    expect(Properties).toMatchObject({ StartingPosition: 'TRIM_HORIZON' });
    expect(JSON.stringify(Properties.FilterCriteria)).toContain('Pattern');
  });

  it('tries again from the record that failed, halves what fails whole, and gives up before the stream forgets', () => {
    expect(Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
    });
    expect(z.number().parse(Properties.MaximumRetryAttempts)).toBeGreaterThanOrEqual(10);
    expect(z.number().parse(Properties.MaximumRecordAgeInSeconds)).toBeLessThan(24 * 3600);
  });

  it('sets aside what it gives up on in a queue of its own, kept for 14 days, and somebody is told', () => {
    const { OnFailure } = Destination.parse(Properties.DestinationConfig);
    const [queue] = OnFailure.Destination['Fn::GetAtt'];
    expect(queues[queue]?.Properties).toMatchObject({ MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true });
    const alarms = JSON.stringify(resources(template, 'AWS::CloudWatch::Alarm'));
    expect(alarms).toContain(`"Fn::GetAtt":["${queue}","QueueName"]`);
    const sharing = mappings.filter(([, other]) => JSON.stringify(other.Properties.DestinationConfig).includes(queue));
    expect(sharing).toHaveLength(1);
  });
});

it('no more than two workers read the stream: DynamoDB serves no more without delay', () => {
  expect(mappings.length).toBeGreaterThan(0);
  expect(mappings.length).toBeLessThanOrEqual(2);
});

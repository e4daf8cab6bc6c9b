import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alarmsOf, resources, statements, templateOf } from './synthesized.ts';

const template = templateOf('prod');
const mappings = Object.entries(resources(template, 'AWS::Lambda::EventSourceMapping'));
const queues = resources(template, 'AWS::SQS::Queue');
const functions = resources(template, 'AWS::Lambda::Function');
const alarms = JSON.stringify(alarmsOf('prod'));
const Arn = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.enum(['Arn', 'StreamArn'])]) });
const Destination = z.object({ OnFailure: z.object({ Destination: Arn }) });
const Redrive = z.object({ deadLetterTargetArn: Arn, maxReceiveCount: z.int() });

const sourceOf = ({ Properties }: (typeof mappings)[number][1]) => Arn.parse(Properties.EventSourceArn)['Fn::GetAtt'];
const followers = mappings.filter(([, mapping]) => sourceOf(mapping)[1] === 'StreamArn');
const consumers = mappings
  .filter(([, mapping]) => sourceOf(mapping)[1] === 'Arn')
  .map(([id, mapping]) => ({ id, mapping, queueId: sourceOf(mapping)[0] }));

/** A dead-letter queue belongs to one worker, keeps its messages for 14 days and has an alarm. */
function expectDeadLetters(id: string, owners: readonly unknown[]): void {
  expect(queues[id]?.Properties).toMatchObject({ MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true });
  expect(alarms).toContain(`"Fn::GetAtt":["${id}","QueueName"]`);
  expect(owners.filter((owner) => JSON.stringify(owner).includes(`"${id}"`))).toHaveLength(1);
}

describe.each(followers)('the worker behind %s', (_id, { Properties }) => {
  it('a stream worker reads the stream from its beginning, filtered to the records it is for', () => {
    expect(Properties).toMatchObject({ StartingPosition: 'TRIM_HORIZON' });
    expect(JSON.stringify(Properties.FilterCriteria)).toContain('Pattern');
    expect(z.object({ Filters: z.array(z.unknown()).max(5) }).safeParse(Properties.FilterCriteria).success).toBe(true);
  });

  it('a stream worker retries from the record that failed, bisects failed batches, and gives up before records expire', () => {
    expect(Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
    });
    expect(z.number().parse(Properties.MaximumRetryAttempts)).toBeGreaterThanOrEqual(10);
    expect(z.number().parse(Properties.MaximumRecordAgeInSeconds)).toBeLessThan(24 * 3600);
  });

  it('a stream worker sends what it gives up on to a dead-letter queue of its own', () => {
    const [queue] = Destination.parse(Properties.DestinationConfig).OnFailure.Destination['Fn::GetAtt'];
    const owners = followers.map(([, other]) => other.Properties.DestinationConfig);
    expectDeadLetters(queue, owners);
  });
});

it('only the client index reads several batches of a shard at a time, because the records of a client stay in order', () => {
  const parallel = followers.filter(([, { Properties }]) => Properties.ParallelizationFactor !== undefined);
  expect(
    parallel.map(([id, { Properties }]) => [id.replace(/Source.*/, ''), Properties.ParallelizationFactor]),
  ).toEqual([['ClientIndex', 4]]);
});

it('no more than two workers read the stream: DynamoDB serves no more without delay', () => {
  expect(followers.length).toBeGreaterThan(0);
  expect(followers.length).toBeLessThanOrEqual(2);
});

describe.each(consumers)('the worker behind $id', ({ mapping, queueId }) => {
  const queue = queues[queueId]?.Properties ?? {};

  it('a queue worker has an encrypted queue of its own that accepts calls over TLS only', () => {
    expect(consumers.filter((other) => other.queueId === queueId)).toHaveLength(1);
    expect(queue).toMatchObject({ SqsManagedSseEnabled: true });
    const policies = Object.values(resources(template, 'AWS::SQS::QueuePolicy'));
    const own = policies.filter(({ Properties }) => JSON.stringify(Properties.Queues).includes(`"${queueId}"`));
    expect(JSON.stringify(own)).toContain('"aws:SecureTransport":"false"');
  });

  it('a queue worker is retried only for the messages it reported, and not while it may still be running', () => {
    expect(mapping.Properties).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    const name = z.object({ Ref: z.string() }).parse(mapping.Properties.FunctionName).Ref;
    const timeout = z.number().parse(functions[name]?.Properties.Timeout);
    expect(z.number().parse(queue.VisibilityTimeout)).toBeGreaterThanOrEqual(6 * timeout);
  });

  it('a queue worker sends what it gives up on to a dead-letter queue, with a week left to look at it', () => {
    const { deadLetterTargetArn, maxReceiveCount } = Redrive.parse(queue.RedrivePolicy);
    expect(maxReceiveCount).toBeGreaterThanOrEqual(10);
    expect(z.number().parse(queue.MessageRetentionPeriod)).toBeLessThanOrEqual(1209600 / 2);
    expectDeadLetters(
      deadLetterTargetArn['Fn::GetAtt'][0],
      Object.values(queues).map(({ Properties }) => Properties.RedrivePolicy ?? null),
    );
  });

  it('a queue worker that lags raises an alarm', () => {
    expect(alarms).toContain(`"Fn::GetAtt":["${queueId}","QueueName"]`);
    expect(alarms).toContain('ApproximateAgeOfOldestMessage');
  });

  it('only the worker reads its queue', () => {
    const reading = statements(template).filter(
      ({ Action, Resource }) =>
        Action.includes('sqs:ReceiveMessage') && JSON.stringify(Resource).includes(`"${queueId}"`),
    );
    expect(reading).toHaveLength(1);
  });
});

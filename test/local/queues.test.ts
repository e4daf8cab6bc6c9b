import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ChangeMessageVisibilityCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueModel } from '../../infra/local/assembly/queues.ts';
import { type AwsEndpoint, startAwsEndpoint } from '../../infra/local/endpoint/aws-endpoint.ts';
import { createCallRecord } from '../../infra/local/endpoint/calls.ts';
import { parsePolicy } from '../../infra/local/endpoint/policies.ts';
import { openSecrets } from '../../infra/local/secrets/secrets.ts';
import { openMailBox } from '../../infra/local/ses/ses.ts';
import { openQueues, type Queues } from '../../infra/local/sqs/queues.ts';
import { temporaryFolder } from './fixture-stack.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Queues' };
const folder = temporaryFolder();

/** A queue of the test's own, with its dead-letter queue. */
function model(name: string, changes: Partial<QueueModel> = {}): QueueModel {
  const arn = (queue: string) => `arn:aws:sqs:${place.region}:${place.account}:${queue}`;
  return {
    name,
    arn: arn(name),
    url: `https://sqs.${place.region}.amazonaws.com/${place.account}/${name}`,
    visibilitySeconds: 30,
    delaySeconds: 0,
    retentionSeconds: 1000,
    redrive: { deadLetterArn: arn(`${name}-dead`), maxReceiveCount: 2 },
    ...changes,
  };
}

const names = ['basics', 'batches', 'hidden', 'delayed', 'poison', 'waiting', 'limits'];
const models = names.flatMap((name) => [model(name), model(`${name}-dead`, { redrive: undefined })]);
let queues: Queues;
let aws: AwsEndpoint;
let client: SQSClient;

beforeAll(async () => {
  queues = openQueues(join(folder, 'queues.db'), models);
  const statements = parsePolicy({ Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } });
  aws = await startAwsEndpoint({
    place,
    callers: new Map([['AKIATEST', { name: 'test', statements }]]),
    secrets: openSecrets([], join(folder, 'secrets.json')),
    queues,
    mail: openMailBox(join(folder, 'mail.jsonl'), []),
    calls: createCallRecord(),
  });
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'any' };
  client = new SQSClient({ endpoint: aws.url, region: place.region, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  await aws.stop();
  queues.close();
});

const urlOf = (name: string) => `${aws.url}/${place.account}/${name}`;
const arnOf = (name: string) => models.find((one) => one.name === name)?.arn ?? '';
const send = (name: string, MessageBody: string, more: object = {}) =>
  client.send(new SendMessageBatchCommand({ QueueUrl: urlOf(name), Entries: [{ Id: 'only', MessageBody, ...more }] }));
const receive = (name: string, visibilitySeconds?: number) => queues.receive(arnOf(name), 10, visibilitySeconds);
const hide = (name: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  client.send(new ChangeMessageVisibilityCommand({ QueueUrl: urlOf(name), ReceiptHandle, VisibilityTimeout }));
const counts = (name: string) => queues.count(arnOf(name));

describe('a queue', () => {
  it('delivers a message, hides it, and forgets it when it is deleted', async () => {
    const attribute = { DataType: 'String', StringValue: 'b' };
    await send('basics', 'Grüße', { MessageAttributes: { a: attribute } });
    const [message] = receive('basics');
    expect(message).toMatchObject({ body: 'Grüße', receives: 1, attributes: { a: attribute } });
    expect(receive('basics')).toEqual([]);
    expect(counts('basics')).toEqual({ visible: 0, hidden: 1, delayed: 0 });
    queues.remove(message?.receipt ?? '');
    expect(counts('basics')).toEqual({ visible: 0, hidden: 0, delayed: 0 });
  });

  it('accepts ten messages at once', async () => {
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `m${index}`, MessageBody: `${index}` }));
    const { Successful } = await client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('batches'), Entries }));
    expect(Successful?.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
    const messages = receive('batches');
    expect(messages.map(({ body }) => body).sort()).toEqual(Entries.map(({ MessageBody }) => MessageBody));
    expect(messages.map(({ id }) => id).sort()).toEqual(Successful?.map(({ MessageId }) => MessageId).sort());
  });

  it('delivers again what was not deleted in time, and the old receipt is of no use then', async () => {
    await send('hidden', 'again');
    const [first] = receive('hidden');
    await hide('hidden', first?.receipt, 0);
    await queues.wait(arnOf('hidden'), 5000);
    const [second] = receive('hidden');
    expect(second).toMatchObject({ id: first?.id, receives: 2 });
    queues.remove(first?.receipt ?? '');
    expect(counts('hidden')).toEqual({ visible: 0, hidden: 1, delayed: 0 });
    await expect(hide('hidden', first?.receipt, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('holds a delayed message back, and wakes its consumer when the delay is over', async () => {
    await send('delayed', 'later', { DelaySeconds: 1 });
    expect(receive('delayed')).toEqual([]);
    expect(counts('delayed')).toEqual({ visible: 0, hidden: 0, delayed: 1 });
    await queues.wait(arnOf('delayed'), 60_000);
    expect(receive('delayed')).toHaveLength(1);
  });

  it('wakes its consumer as soon as a message is sent', async () => {
    const waiting = queues.wait(arnOf('waiting'), 170_000);
    await send('waiting', 'now');
    await waiting;
    expect(receive('waiting')).toHaveLength(1);
  });

  it('dead-letters what was received too often, and a redrive brings it back as new', async () => {
    await send('poison', 'poison');
    for (let time = 1; time <= 2; time++) {
      const [message] = receive('poison');
      await hide('poison', message?.receipt, 0);
      await queues.wait(arnOf('poison'), 5000);
    }
    expect(receive('poison')).toEqual([]);
    expect(receive('poison-dead')).toMatchObject([{ sourceArn: arnOf('poison') }]);
    expect(queues.redrive(arnOf('poison-dead'))).toBe(1);
    expect(receive('poison')).toMatchObject([{ body: 'poison', receives: 1 }]);
  });

  it('refuses what SQS refuses', async () => {
    const batch = (Entries: { Id: string; MessageBody: string }[]) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('limits'), Entries }));
    const entry = { Id: 'a', MessageBody: 'a' };
    await expect(send('nowhere', 'a')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(batch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(batch([entry, entry])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(batch(Array.from({ length: 11 }, (_, index) => ({ ...entry, Id: `${index}` })))).rejects.toMatchObject(
      { name: 'TooManyEntriesInBatchRequest' },
    );
    await expect(send('limits', 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
    await expect(send('limits', 'a', { DelaySeconds: 901 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(hide('limits', 'nonsense', 1)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await expect(hide('limits', 'nonsense', 43_201)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(client.send(new PurgeQueueCommand({ QueueUrl: urlOf('limits') }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(counts('limits')).toEqual({ visible: 0, hidden: 0, delayed: 0 });
  });
});

it('no accepted message is lost when the process is killed, and those in flight are visible at once', () => {
  const file = join(folder, 'killed.db');
  const queue = model('killed', { visibilitySeconds: 3600 });
  const store = fileURLToPath(new URL('../../infra/local/sqs/queues.ts', import.meta.url));
  const script = `
    import { openQueues } from ${JSON.stringify(store)};
    const queue = ${JSON.stringify(queue)};
    const queues = openQueues(${JSON.stringify(file)}, [queue]);
    queues.send(queue.arn, Array.from({ length: 100 }, (_, index) => ({ body: String(index) })));
    const [done, postponed, held] = queues.receive(queue.arn, 3);
    queues.remove(done.receipt);
    queues.hide(postponed.receipt, 3600);
    process.kill(process.pid, 'SIGKILL');
  `;
  const run = () => execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
  expect(run).toThrow(expect.objectContaining({ signal: 'SIGKILL' }));
  const after = openQueues(file, [queue]);
  expect(after.count(queue.arn)).toEqual({ visible: 98, hidden: 1, delayed: 0 });
  const received = Array.from({ length: 10 }, () => after.receive(queue.arn, 10)).flat();
  expect(received.map(({ body }) => Number(body)).sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 98 }, (_, index) => index + 2),
  ]);
  after.close();
});

it('messages are forgotten when their time in the queue is over', () => {
  const queue = model('forgetful', { retentionSeconds: -1 });
  const forgetful = openQueues(join(folder, 'forgetful.db'), [queue]);
  forgetful.send(queue.arn, [{ body: 'old' }]);
  expect(forgetful.receive(queue.arn, 1)).toEqual([]);
  expect(forgetful.list()).toEqual([]);
  forgetful.close();
});

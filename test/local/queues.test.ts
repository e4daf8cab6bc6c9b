import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
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
    waitSeconds: 0,
    redrive: { deadLetterArn: arn(`${name}-dead`), maxReceiveCount: 2 },
    ...changes,
  };
}

const names = ['basics', 'batches', 'hidden', 'delayed', 'aside', 'waiting', 'limits'];
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
    engineEndpoint: '',
    keyOf: () => undefined,
    secrets: openSecrets([], join(folder, 'secrets.json')),
    queues,
    mail: openMailBox(join(folder, 'mail.jsonl'), []),
    mailIdentities: [],
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
const send = (name: string, MessageBody: string, DelaySeconds?: number) =>
  client.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody, DelaySeconds }));
const receive = async (name: string, more: { VisibilityTimeout?: number; WaitTimeSeconds?: number } = {}) => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: urlOf(name),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...more,
    }),
  );
  return Messages;
};
const hide = (name: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  client.send(new ChangeMessageVisibilityCommand({ QueueUrl: urlOf(name), ReceiptHandle, VisibilityTimeout }));
const counts = async (name: string) => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }),
  );
  return [
    Attributes?.ApproximateNumberOfMessages,
    Attributes?.ApproximateNumberOfMessagesNotVisible,
    Attributes?.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
};

describe('a queue', () => {
  it('hands a message out, hides it, and forgets it when it is deleted', async () => {
    const attribute = { DataType: 'String', StringValue: 'b' };
    await client.send(
      new SendMessageCommand({ QueueUrl: urlOf('basics'), MessageBody: 'Grüße', MessageAttributes: { a: attribute } }),
    );
    const [message] = await receive('basics');
    expect(message).toMatchObject({
      Body: 'Grüße',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
      MessageAttributes: { a: attribute },
    });
    expect(await receive('basics')).toEqual([]);
    expect(await counts('basics')).toEqual([0, 1, 0]);
    await client.send(new DeleteMessageCommand({ QueueUrl: urlOf('basics'), ReceiptHandle: message?.ReceiptHandle }));
    expect(await counts('basics')).toEqual([0, 0, 0]);
  });

  it('takes and deletes ten at once, and says which of them it did not', async () => {
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `m${index}`, MessageBody: `${index}` }));
    const { Successful } = await client.send(new SendMessageBatchCommand({ QueueUrl: urlOf('batches'), Entries }));
    expect(Successful?.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
    const messages = await receive('batches');
    expect(messages.map(({ Body }) => Body).sort()).toEqual(Entries.map(({ MessageBody }) => MessageBody));
    const deletions = messages.map(({ ReceiptHandle }, index) => ({ Id: `d${index}`, ReceiptHandle }));
    const broken = { Id: 'broken', ReceiptHandle: 'nonsense' };
    const { Failed } = await client.send(
      new DeleteMessageBatchCommand({ QueueUrl: urlOf('batches'), Entries: [...deletions.slice(0, 9), broken] }),
    );
    expect(Failed).toMatchObject([{ Id: 'broken', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await counts('batches')).toEqual([0, 1, 0]);
  });

  it('hands out again what was not deleted in time, and takes no deletion by the old receipt', async () => {
    await send('hidden', 'again');
    const [first] = await receive('hidden');
    await hide('hidden', first?.ReceiptHandle, 0);
    const [second] = await receive('hidden', { WaitTimeSeconds: 5 });
    expect(second).toMatchObject({
      MessageId: first?.MessageId,
      Attributes: { ApproximateReceiveCount: '2' },
    });
    const old = { QueueUrl: urlOf('hidden'), ReceiptHandle: first?.ReceiptHandle };
    await client.send(new DeleteMessageCommand(old));
    expect(await counts('hidden')).toEqual([0, 1, 0]);
    await expect(hide('hidden', first?.ReceiptHandle, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('keeps a delayed message back, and wakes who waits for it', async () => {
    await send('delayed', 'later', 1);
    expect(await receive('delayed')).toEqual([]);
    expect(await counts('delayed')).toEqual([0, 0, 1]);
    const sent = Date.now();
    expect(await receive('delayed', { WaitTimeSeconds: 10 })).toHaveLength(1);
    expect(Date.now() - sent).toBeLessThan(5000);
  });

  it('wakes who waits for a message as soon as one is sent', async () => {
    const waiting = receive('waiting', { WaitTimeSeconds: 20 });
    const begun = Date.now();
    await send('waiting', 'now');
    expect(await waiting).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(5000);
  });

  it('sets aside what was handed out too often, and brings it back as new', async () => {
    await send('aside', 'poison');
    for (let time = 1; time <= 2; time++) {
      const [message] = await receive('aside');
      await hide('aside', message?.ReceiptHandle, 0);
    }
    expect(await receive('aside')).toEqual([]);
    const [dead] = await receive('aside-dead');
    expect(dead?.Attributes).toMatchObject({
      DeadLetterQueueSourceArn: models.find(({ name }) => name === 'aside')?.arn,
    });
    await hide('aside-dead', dead?.ReceiptHandle, 0);
    const SourceArn = models.find(({ name }) => name === 'aside-dead')?.arn;
    await client.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const [back] = await receive('aside');
    expect(back).toMatchObject({ Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } });
    await expect(
      client.send(new StartMessageMoveTaskCommand({ SourceArn: models.find(({ name }) => name === 'aside')?.arn })),
    ).rejects.toThrow('Dead Letter Queue');
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
    await expect(hide('limits', 'nonsense', 1)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await expect(receive('limits', { WaitTimeSeconds: 21 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await counts('limits')).toEqual([0, 0, 0]);
  });
});

it('nothing that was taken is lost when the process is killed, and what it held comes again at once', () => {
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

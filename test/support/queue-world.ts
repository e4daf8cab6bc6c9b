import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueModel } from '../../infra/local/assembly/queues.ts';
import { startAwsEndpoint } from '../../infra/local/endpoint/aws-endpoint.ts';
import { createCallRecord } from '../../infra/local/endpoint/calls.ts';
import { parsePolicy } from '../../infra/local/endpoint/policies.ts';
import { openSecrets } from '../../infra/local/secrets/secrets.ts';
import { openMailBox } from '../../infra/local/ses/ses.ts';
import { md5, systemAttributes } from '../../infra/local/sqs/calls.ts';
import { type Message, openQueues, type Queues } from '../../infra/local/sqs/queues.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Test' };

export interface QueueWorld {
  readonly queues: Queues;
  readonly client: SQSClient;
  readonly url: (name: string) => string;
  readonly arn: (name: string) => string;
  readonly stop: () => Promise<void>;
}

/** A local SQS with the given queues, for one test file. */
export async function queueWorld(...names: string[]): Promise<QueueWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-queues-'));
  const arn = (name: string) => `arn:aws:sqs:${place.region}:${place.account}:${name}`;
  const models = names.map(
    (name): QueueModel => ({
      name,
      arn: arn(name),
      url: '',
      visibilitySeconds: 180,
      delaySeconds: 0,
      retentionSeconds: 1000,
      redrive: { deadLetterArn: arn(`${name}-dead`), maxReceiveCount: 5 },
    }),
  );
  const queues = openQueues(join(folder, 'queues.db'), models);
  const statements = parsePolicy({ Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } });
  const aws = await startAwsEndpoint({
    place,
    callers: new Map([['AKIATEST', { name: 'test', statements }]]),
    secrets: openSecrets([], join(folder, 'secrets.json')),
    queues,
    mail: openMailBox(join(folder, 'mail.jsonl'), [], [], () => undefined),
    calls: createCallRecord(),
  });
  const caller = {
    endpoint: aws.url,
    region: place.region,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'any' },
  };
  return {
    queues,
    client: new SQSClient({ ...caller, maxAttempts: 1 }),
    url: (name) => `${aws.url}/${place.account}/${name}`,
    arn,
    async stop() {
      await aws.stop();
      queues.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The event with which Lambda delivers these messages. */
export function sqsEvent(messages: readonly Message[]): SQSEvent {
  return {
    Records: messages.map(
      (message): SQSRecord => ({
        messageId: message.id,
        receiptHandle: message.receipt,
        body: message.body,
        attributes: systemAttributes(message) as unknown as SQSRecord['attributes'],
        messageAttributes: {},
        md5OfBody: md5(message.body),
        eventSource: 'aws:sqs',
        eventSourceARN: message.queueArn,
        awsRegion: place.region,
      }),
    ),
  };
}

/** Delivers up to ten visible messages to a function, as Lambda does. Returns their number. */
export async function consumeQueue(
  { queues, arn }: QueueWorld,
  name: string,
  handler: (event: SQSEvent) => Promise<SQSBatchResponse>,
): Promise<number> {
  const messages = queues.receive(arn(name), 10);
  if (messages.length === 0) return 0;
  const { batchItemFailures } = await handler(sqsEvent(messages));
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { id, receipt } of messages) if (!failed.has(id)) queues.remove(receipt);
  return messages.length;
}

type Attributes = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

export type StreamChange = { PK: string; before?: Attributes; after?: Attributes; id?: string };

/** The event with which Lambda delivers these stream records. */
export function streamEvent(...changes: StreamChange[]): DynamoDBStreamEvent {
  return {
    Records: changes.map(({ PK, before, after, id = randomBytes(8).toString('hex') }, index) => ({
      eventID: id,
      eventName: after === undefined ? 'REMOVE' : before === undefined ? 'INSERT' : 'MODIFY',
      dynamodb: {
        Keys: { PK: { S: PK }, SK: { S: id } },
        ...(before && { OldImage: before }),
        ...(after && { NewImage: after }),
        SequenceNumber: String(1000 + index),
      },
    })),
  };
}

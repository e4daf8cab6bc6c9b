import '../support/quiet.ts';
import { expect, it } from 'vitest';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { openSqs, sendMessages } from '../../lib/aws/sqs.ts';
import { type Answer, failingService, useService } from '../support/failing-service.ts';

async function failingSqs(...answers: Answer[]) {
  const service = await failingService(...answers);
  useService('AWS_ENDPOINT_URL_SQS', service.url);
  return { ...service, client: openSqs(200), queueUrl: `${service.url}/000000000000/tasks` };
}

const failure = (status: number, code: string): Answer => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}` }),
});
const done = (body = {}): Answer => ({ status: 200, body: JSON.stringify(body) });

const attributes = {
  ApproximateReceiveCount: '1',
  SentTimestamp: '0',
  SenderId: '',
  ApproximateFirstReceiveTimestamp: '0',
};
const event = {
  Records: [
    {
      messageId: 'm',
      receiptHandle: 'r',
      body: '{}',
      attributes,
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: '',
      awsRegion: '',
    },
  ],
};

it.each<[string, Answer[], number]>([
  ['throttles', [failure(400, 'RequestThrottled'), done()], 2],
  ['is down for a moment', [failure(503, 'ServiceUnavailable'), 'broken', done()], 3],
  ['does not answer', ['silent', 'silent', 'silent', done()], 3],
  ['refuses', [failure(400, 'ReceiptHandleIsInvalid'), done()], 1],
])('a postponed message is reported as failed when SQS %s', async (_, answers, requests) => {
  await using sqs = await failingSqs(...answers);
  const handler = queueConsumer({ ...sqs, step: async () => ({ againIn: 60 }) });
  expect(await handler(event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
  expect(sqs.requests).toHaveLength(requests);
});

it('messages that SQS did not accept are returned, whatever their batch', async () => {
  const failed = (Id: string) => ({ Id, SenderFault: false, Code: 'InternalError' });
  await using sqs = await failingSqs(done({ Failed: [failed('1'), failed('9')] }), done({ Failed: [failed('0')] }));
  const messages = Array.from({ length: 12 }, (_, index) => ({ index }));
  expect(await sendMessages(sqs.client, sqs.queueUrl, messages)).toEqual([{ index: 1 }, { index: 9 }, { index: 10 }]);
});

it('a refused call of SQS throws', async () => {
  await using sqs = await failingSqs(failure(403, 'AccessDeniedException'));
  await expect(sendMessages(sqs.client, sqs.queueUrl, [{}])).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

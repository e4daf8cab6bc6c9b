import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callDynamoDb } from '../../infra/local/dynamodb/client.ts';
import { asList, asObject, asString, type JsonObject, parseJson } from '../../infra/local/shared/json.ts';
import { type Fixture, startFixture, temporaryFolder } from './fixture-stack.ts';

let stack: Fixture;
const data = temporaryFolder();
beforeAll(async () => {
  stack = await startFixture({ data });
});
afterAll(() => stack.stop());

const drain = () => stack.get('/_local/streams/drain', { method: 'POST' });
const send = (task: JsonObject, more: JsonObject = {}) =>
  stack.aws('sqs', 'SendMessageBatch', { Entries: [{ Id: 'only', MessageBody: JSON.stringify(task), ...more }] });
const letters = async () => JSON.parse((await stack.get('/_local/dead-letters')).text);

/** What the Work function was given for a task, a delivery after the other. */
async function done(name: string): Promise<JsonObject[]> {
  const { Items } = await callDynamoDb(stack.dynamoDb.endpoint, 'DynamoDB_20120810.Query', {
    TableName: stack.table,
    KeyConditionExpression: 'PK = :p AND begins_with(SK, :s)',
    ExpressionAttributeValues: { ':p': { S: 'DONE' }, ':s': { S: `${name}/` } },
  });
  return asList(Items).map((item) => asObject(parseJson(asString(asObject(asObject(item).record).S) ?? '')));
}

describe('a queue of the stack', () => {
  it('reaches its function as Lambda shapes it', async () => {
    await send({ name: 'shape' }, { MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } });
    await drain();
    expect(await done('shape')).toMatchObject([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: '{"name":"shape"}',
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.any(String), SenderId: expect.any(String) },
        messageAttributes: { kind: { dataType: 'String', stringValue: 'x' } },
        md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: 'aws:sqs',
        eventSourceARN: expect.stringContaining('Tasks'),
        awsRegion: 'eu-west-1',
      },
    ]);
  });

  it('is used by who may, and each call is noted', async () => {
    expect(await send({ name: 'allowed' })).toMatchObject({ Successful: [{ MessageId: expect.any(String) }] });
    expect(
      await stack.aws('sqs', 'ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 1 }),
    ).toMatchObject({ name: 'AccessDeniedException' });
    const calls = stack.calls.list().filter(({ service }) => service === 'sqs');
    expect(calls).toContainEqual(
      expect.objectContaining({
        action: 'ChangeMessageVisibility',
        function: expect.stringContaining('Items'),
        allowed: false,
      }),
    );
    expect(calls).toContainEqual(
      expect.objectContaining({ action: 'DeleteMessage', function: expect.stringContaining('Work'), allowed: true }),
    );
  });

  it('dead-letters what its function cannot process, and a redrive brings it back', async () => {
    await send({ name: 'poison', behaviour: 'fail' });
    await drain();
    expect((await done('poison')).length).toBe(3);
    expect(await letters()).toMatchObject([
      { queueArn: expect.stringContaining('Undone'), functionName: expect.stringContaining('Work') },
    ]);
    const { text } = await stack.get('/_local/dead-letters/redrive', { method: 'POST' });
    expect(JSON.parse(text)).toEqual({ moved: 1, left: 0 });
    await drain();
    expect(await letters()).toHaveLength(1);
    await stack.get('/_local/dead-letters', { method: 'DELETE' });
  });

  // One after the other: in one batch, the slow message would keep its function from the other.
  it.each([
    ['threw', 'throw'],
    ['timed out', 'hang'],
  ])('delivers again what its function had when it %s', async (name, behaviour) => {
    await send({ name, behaviour });
    await expect.poll(letters, { timeout: 60_000 }).toHaveLength(1);
    expect((await done(name)).length).toBe(3);
    await stack.get('/_local/dead-letters', { method: 'DELETE' });
  });

  it('does not keep a drain waiting for what is delayed', async () => {
    await send({ name: 'delayed' }, { DelaySeconds: 900 });
    await drain();
    expect(await done('delayed')).toEqual([]);
    const queues = JSON.parse((await stack.get('/_local/queues')).text);
    expect(queues).toContainEqual(expect.objectContaining({ name: expect.stringContaining('Tasks'), delayed: 1 }));
  });

  it('goes on where it stopped', async () => {
    await send({ name: 'before', behaviour: 'hang' });
    await expect.poll(() => done('before'), { timeout: 15_000 }).toHaveLength(1);
    await stack.stop();
    stack = await startFixture({ data });
    await expect.poll(async () => (await done('before')).length, { timeout: 30_000 }).toBeGreaterThan(1);
  });
});

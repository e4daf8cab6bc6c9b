import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callDynamoDb } from '../../infra/local/dynamodb/client.ts';
import { asList, asObject, asString, type JsonObject, parseJson } from '../../infra/local/shared/json.ts';
import { type Fixture, startFixture } from './fixture-stack.ts';

let stack: Fixture;
let Bucket = '';
beforeAll(async () => {
  stack = await startFixture();
  Bucket = stack.model.buckets[0]?.name ?? '';
});
afterAll(() => stack.stop());

const put = (Key: string) => stack.aws('s3', 'PutObject', { Bucket, Key, Body: 'x', ChecksumAlgorithm: 'SHA256' });
const drain = () => stack.get('/_local/streams/drain', { method: 'POST' });

/** The events that the Received function noted. */
async function received(): Promise<JsonObject[]> {
  const { Items } = await callDynamoDb(stack.dynamoDb.endpoint, 'DynamoDB_20120810.Query', {
    TableName: stack.table,
    KeyConditionExpression: 'PK = :p',
    ExpressionAttributeValues: { ':p': { S: 'RECEIVED' } },
  });
  return asList(Items).map((item) => asObject(parseJson(asString(asObject(asObject(item).event).S) ?? '')));
}

describe('an object that a function puts', () => {
  it('is told to the function of the rule', async () => {
    expect(Bucket).toMatch(/^fixture-files[0-9a-z]+$/);
    const { ETag, VersionId } = (await put('in/a')) as Record<string, string>;
    await drain();
    expect(await received()).toMatchObject([
      {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: {
          bucket: { name: Bucket },
          object: { key: 'in/a', size: 1, etag: ETag?.replaceAll('"', ''), 'version-id': VersionId },
        },
      },
    ]);
  });

  it('is judged by the policies of the function, and noted', async () => {
    stack.calls.clear();
    expect(await put('out/a')).toMatchObject({ name: 'AccessDenied' });
    await put('in/b');
    expect(stack.calls.list().filter(({ service }) => service === 's3')).toMatchObject([
      { action: 'PutObject', allowed: false, status: 403, authorizations: [{ action: 's3:PutObject' }] },
      { action: 'PutObject', allowed: true, status: 200 },
    ]);
  });

  it('ends in the dead-letter queue when the function fails on it', async () => {
    await put('in/poison');
    await drain();
    expect(JSON.parse((await stack.get('/_local/dead-letters')).text)).toMatchObject([
      {
        queueArn: expect.stringContaining('Unheard'),
        body: { requestPayload: { detail: { object: { key: 'in/poison' } } } },
      },
    ]);
  });
});

describe('the bus', () => {
  it('shows its rules, and takes events from outside', async () => {
    const { rules } = JSON.parse((await stack.get('/_local/events')).text);
    expect(rules).toMatchObject([
      { pattern: { source: ['aws.s3'] }, functions: [expect.stringContaining('Received')] },
    ]);
    const detail = { bucket: { name: Bucket }, object: { key: 'by hand' } };
    const event = { source: 'aws.s3', 'detail-type': 'Object Created', detail };
    const post = (body: object) => stack.get('/_local/events', { method: 'POST', body: JSON.stringify(body) });
    expect((await post(event)).status).toBe(202);
    await drain();
    expect((await received()).map(({ detail: one }) => asObject(asObject(one).object).key)).toContain('by hand');
    expect((await post({ detail })).status).toBe(400);
  });
});

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

const database = (operation: string, input: JsonObject) =>
  callDynamoDb(stack.dynamoDb.endpoint, `DynamoDB_20120810.${operation}`, { TableName: stack.table, ...input });
const put = (pk: string, more: JsonObject = {}) =>
  database('PutItem', { Item: { PK: { S: pk }, SK: { S: 'x' }, ...more } });
const drain = () => stack.get('/_local/streams/drain', { method: 'POST' });

/** What the Follow function noted of the records of one item, in stream order. */
async function seen(pk: string): Promise<JsonObject[]> {
  const { Items } = await database('Query', {
    KeyConditionExpression: 'PK = :p AND begins_with(SK, :s)',
    ExpressionAttributeValues: { ':p': { S: 'SEEN' }, ':s': { S: `${pk}/` } },
  });
  return asList(Items).map((item) => asObject(parseJson(asString(asObject(asObject(item).record).S) ?? '')));
}

describe('a table stream', () => {
  it('is delivered in as many batches at a time as the template says', () => {
    expect(stack.model.streamMappings).toMatchObject([{ parallelizationFactor: 3 }]);
  });

  it('reaches its function as Lambda shapes it', async () => {
    await put('ITEM#shape', { n: { N: '1' }, b: { B: 'AP8=' } });
    await drain();
    expect(await seen('ITEM#shape')).toMatchObject([
      {
        eventName: 'INSERT',
        eventSource: 'aws:dynamodb',
        eventVersion: '1.1',
        awsRegion: 'eu-west-1',
        eventSourceARN: stack.model.tables[0]?.streamArn,
        dynamodb: {
          Keys: { PK: { S: 'ITEM#shape' }, SK: { S: 'x' } },
          NewImage: { PK: { S: 'ITEM#shape' }, SK: { S: 'x' }, n: { N: '1' }, b: { B: 'AP8=' } },
          SequenceNumber: expect.any(String),
          ApproximateCreationDateTime: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      },
    ]);
  });

  it('passes only what the filters let through', async () => {
    await database('PutItem', { Item: { PK: { S: 'ITEM#other' }, SK: { S: 'y' } } });
    await put('ITEM#filter');
    await put('ITEM#filter', { changed: { S: 'so this is a MODIFY' } });
    await drain();
    expect(await seen('ITEM#other')).toEqual([]);
    expect((await seen('ITEM#filter')).map(({ eventName }) => eventName)).toEqual(['INSERT']);
  });

  it('keeps the order and loses nothing', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, index) => put(`ITEM#many-${index}`)));
    await drain();
    const counts = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => (await seen(`ITEM#many-${index}`)).length),
    );
    expect(counts).toEqual(Array.from({ length: 60 }, () => 1));
  });

  it('says who deleted an item whose time had come', async () => {
    await put('ITEM#expired', { expiresAt: { N: String(Math.floor(Date.now() / 1000) - 60) } });
    await stack.get('/_local/expire', { method: 'POST' });
    await drain();
    const records = await seen('ITEM#expired');
    expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'REMOVE']);
    expect(records[1]?.userIdentity).toEqual({ type: 'Service', principalId: 'dynamodb.amazonaws.com' });
  });

  it('says nothing about who else deleted an item', async () => {
    await put('ITEM#deleted', { expiresAt: { N: String(Math.floor(Date.now() / 1000) + 3600) } });
    await database('DeleteItem', { Key: { PK: { S: 'ITEM#deleted' }, SK: { S: 'x' } } });
    await drain();
    const records = await seen('ITEM#deleted');
    expect(records.map(({ eventName, userIdentity }) => [eventName, userIdentity])).toEqual([
      ['INSERT', undefined],
      ['REMOVE', undefined],
    ]);
  });

  it('dead-letters a record that keeps failing, and only that one', async () => {
    const behaviours: JsonObject[] = [{}, { behaviour: { S: 'throw' } }, {}, { behaviour: { S: 'fail' } }, {}];
    const items = behaviours.map((more, index) => ({
      Put: { TableName: stack.table, Item: { PK: { S: `ITEM#poison-${index}` }, SK: { S: 'x' }, ...more } },
    }));
    await callDynamoDb(stack.dynamoDb.endpoint, 'DynamoDB_20120810.TransactWriteItems', { TransactItems: items });
    await drain();
    const delivered = await Promise.all(
      behaviours.map(async (_, index) => (await seen(`ITEM#poison-${index}`)).length > 0),
    );
    expect(delivered).toEqual([true, false, true, false, true]);
    const letters = JSON.parse((await stack.get('/_local/dead-letters')).text);
    expect(letters).toHaveLength(2);
    expect(letters[0]).toMatchObject({
      queueArn: expect.stringContaining('Failures'),
      body: {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
        DDBStreamBatchInfo: { batchSize: 1 },
      },
    });
  });

  it('goes on where it stopped', async () => {
    await put('ITEM#before');
    await drain();
    await stack.stop();
    stack = await startFixture({ data });
    await put('ITEM#after');
    await drain();
    expect(await seen('ITEM#before')).toHaveLength(1);
    expect(await seen('ITEM#after')).toHaveLength(1);
  });
});

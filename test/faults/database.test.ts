import { describe, expect, it, vi } from 'vitest';
import { callerRepository } from '../../lib/credentials/caller-repository.ts';
import { ApiTokenId, CompanyId, mintId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { batchWrite } from '../../lib/table/batch-write.ts';
import { type Key, keys } from '../../lib/table/keys.ts';
import { getItem, getItems } from '../../lib/table/query.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem, putItem, updateItem } from '../../lib/table/write.ts';
import { thingFunction } from '../support/call.ts';
import {
  cancellation,
  connectionLost,
  type EngineAnswer,
  failingTable,
  refusal,
  success,
} from '../support/failing-engine.ts';

const on = writes('Test');
const key: Key = keys.slug('a');
const TWO = [on.create(key, {}), on.remove(keys.slug('b'))];
const CONFLICT = cancellation('None', 'TransactionConflict');

describe('writes that meet another transaction', () => {
  const tries: [string, EngineAnswer, (table: ReturnType<typeof failingTable>['table']) => Promise<unknown>][] = [
    ['a transaction', CONFLICT, (table) => transact(table, TWO)],
    ['a throttled transaction', cancellation('ThrottlingError'), (table) => transact(table, TWO)],
    ['a write alone', refusal(400, 'TransactionConflictException'), (table) => transact(table, [on.create(key, {})])],
    [
      'an update',
      refusal(400, 'TransactionConflictException'),
      (table) => updateItem(table, key, { UpdateExpression: 'SET a = :a' }),
    ],
    [
      'a put',
      refusal(400, 'TransactionConflictException'),
      (table) => putItem(table, key, {}, { ConditionExpression: 'x' }),
    ],
    ['a delete', refusal(400, 'TransactionConflictException'), (table) => deleteItem(table, key)],
  ];

  it.each(tries)('%s is retried with growing delays', async (_, conflict, run) => {
    const { table, requests, waits } = failingTable((__, index) => (index < 3 ? conflict : success()));
    await run(table);
    expect(requests).toHaveLength(4);
    expect(waits).toEqual([1, 2, 3]);
  });

  it.each(tries)('%s that keeps failing is a write-conflict with Retry-After', async (_, conflict, run) => {
    const { table, waits } = failingTable(() => conflict);
    await expect(run(table)).rejects.toMatchObject({ code: 'write-conflict', status: 409, retryAfter: 1 });
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('a failed condition is not retried', async () => {
    const { table, requests } = failingTable(() => cancellation('ConditionalCheckFailed', 'None'));
    const refused = new Error('refused');
    await expect(transact(table, [on.create(key, {}, () => refused), on.remove(keys.slug('b'))])).rejects.toBe(refused);
    expect(requests).toHaveLength(1);
  });

  it('a failed condition without a refusal is an unexpected error', async () => {
    const { table } = failingTable(() => cancellation('ConditionalCheckFailed', 'None'));
    await expect(transact(table, TWO)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
  });
});

describe('a busy or broken database', () => {
  const busy: [string, () => EngineAnswer][] = [
    ['throttled', () => refusal(400, 'ThrottlingException')],
    ['out of throughput', () => refusal(400, 'ProvisionedThroughputExceededException')],
    ['over its request limit', () => refusal(400, 'RequestLimitExceeded')],
    ['broken', () => refusal(500, 'InternalServerError')],
    ['out of service', () => refusal(503, 'ServiceUnavailable')],
    [
      'cut off',
      () => {
        throw connectionLost();
      },
    ],
  ];

  it.each(busy)('a database that is %s for a moment is called again', async (_, answer) => {
    const { table, requests } = failingTable((__, index) =>
      index === 0 ? answer() : success({ Item: { PK: { S: 'x' } } }),
    );
    expect(await getItem(table, key)).toEqual({ PK: 'x' });
    expect(requests).toHaveLength(2);
  });

  it.each(busy)('a database that stays %s is a 503 with Retry-After and without details', async (_, answer) => {
    const { table } = failingTable(answer);
    const create = thingFunction(table, systemSource, async (name) => {
      await getItem(table, key);
      return { name, made: 1 };
    });
    const { statusCode, headers, body } = await create('a');
    expect(statusCode).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' });
    expect(JSON.parse(body ?? '')).toMatchObject({ type: '/problems/unavailable', status: 503, instance: 'request-1' });
    expect(body).not.toMatch(/secret|dynamo|aws|Exception/i);
  });

  it.each([
    ['an unexpected error', () => new TypeError('x is not a secret function')],
    ['an unexpected error of the table', () => new Error('ValidationException: a secret detail')],
  ])('%s is a 500 without details', async (_, error) => {
    const { table } = failingTable(() => success());
    const create = thingFunction(table, systemSource, () => Promise.reject(error()));
    const { statusCode, headers, body } = await create('a');
    expect(statusCode).toBe(500);
    expect(headers['x-request-id']).toBe('request-1');
    expect(JSON.parse(body ?? '')).toEqual({
      type: '/problems/internal',
      title: 'Internal error',
      status: 500,
      detail: 'The error is in the log under the id of this request.',
      instance: 'request-1',
    });
  });

  it('a missing permission is a 500 without details', async () => {
    const { table } = failingTable(() => refusal(400, 'AccessDeniedException'));
    const create = thingFunction(table, systemSource, async (name) => {
      await getItem(table, key);
      return { name, made: 1 };
    });
    const { statusCode, body } = await create('a');
    expect(statusCode).toBe(500);
    expect(body).not.toMatch(/secret|dynamo|aws|Denied/i);
  });
});

describe('a batch of reads', () => {
  const item = (name: string) => ({ PK: { S: `SLUG#${name}` }, SK: { S: 'GUARD' } });
  const wanted = ['a', 'b', 'c'].map((name) => keys.slug(name));
  const answerOf = (found: string[], left: string[]) =>
    success({
      Responses: { Test: found.map(item) },
      UnprocessedKeys: left.length > 0 ? { Test: { Keys: left.map(item) } } : {},
    });

  it('a batch of reads requests unprocessed keys again, and keeps the order of the keys', async () => {
    const answers = [answerOf(['c'], ['a', 'b']), answerOf([], ['a', 'b']), answerOf(['a'], [])];
    const { table, requests, waits } = failingTable((_, index) => answers[index] ?? success());
    const items = await getItems(table, wanted);
    expect(items.map((found) => found?.PK)).toEqual(['SLUG#a', undefined, 'SLUG#c']);
    expect(requests.map(({ body }) => Object(body.RequestItems).Test.Keys.length)).toEqual([3, 2, 2]);
    expect(waits).toEqual([1, 2]);
  });

  it('a batch of reads gives up with 503 if no key is ever processed', async () => {
    const { table } = failingTable(() => answerOf([], ['a']));
    await expect(getItems(table, wanted)).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });
});

describe('the claim of an Idempotency-Key', () => {
  it('a claim whose answer was lost is recognized as its own', async () => {
    let claimed: unknown;
    const { table, requests } = failingTable(({ operation, body }, index) => {
      if (operation !== 'PutItem') return success();
      if (index === 0) {
        claimed = body.Item;
        throw connectionLost();
      }
      return refusal(400, 'ConditionalCheckFailedException', { Item: claimed });
    });
    const create = thingFunction(table, systemSource, async (name, commit) => {
      await commit([], { name, made: 1 });
      return { name, made: 1 };
    });
    const { statusCode, body } = await create('a', 'key');
    expect({ statusCode, body }).toEqual({ statusCode: 201, body: '{"name":"a","made":1}' });
    expect(requests.map(({ operation }) => operation)).toEqual(['PutItem', 'PutItem', 'UpdateItem']);
  });

  it('a claim that fails because the database is busy does not run the operation', async () => {
    const { table } = failingTable(() => refusal(400, 'ThrottlingException'));
    const run = vi.fn();
    const { statusCode } = await thingFunction(table, systemSource, run)('a', 'key');
    expect(statusCode).toBe(503);
    expect(run).not.toHaveBeenCalled();
  });

  it('a claim is released after an unexpected error', async () => {
    const { table, requests } = failingTable(() => success());
    const fails = thingFunction(table, systemSource, () => Promise.reject(new Error('a fault')));
    expect((await fails('a', 'key')).statusCode).toBe(500);
    expect(requests.map(({ operation }) => operation)).toEqual(['PutItem', 'UpdateItem']);
  });
});

describe('a batch of writes', () => {
  const put = (name: string) => ({ PutRequest: { Item: { PK: { S: `SLUG#${name}` }, SK: { S: 'GUARD' } } } });
  const deletion = (name: string) => ({ DeleteRequest: { Key: { PK: { S: `SLUG#${name}` }, SK: { S: 'GUARD' } } } });
  const left = (...requests: object[]) => success({ UnprocessedItems: { Test: requests } });
  const puts = (...names: string[]) => names.map((name) => ({ ...keys.slug(name) }));
  const sent = ({ requests }: ReturnType<typeof failingTable>) =>
    requests.map(({ body }) => Object(body.RequestItems).Test);
  const always = () => new AbortController().signal;

  it('a batch of writes sends again only what was not processed', async () => {
    const answers = [left(put('b'), deletion('c')), left(deletion('c'))];
    const failing = failingTable((_, index) => answers[index] ?? success());
    const { repeated } = await batchWrite(failing.table, { puts: puts('a', 'b'), deletes: [keys.slug('c')] }, always);
    expect(repeated).toBe(false);
    expect(sent(failing)).toEqual([[put('a'), put('b'), deletion('c')], [put('b'), deletion('c')], [deletion('c')]]);
    expect(failing.waits).toEqual([1, 2]);
  });

  it('a batch of writes gives up with 503 if an item is never processed', async () => {
    const { table, waits } = failingTable(() => left(put('a')));
    const writing = batchWrite(table, { puts: puts('a'), deletes: [] }, always);
    await expect(writing).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('sixty writes take three calls, and the next call is not made once it is forbidden', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const all = failingTable(() => success());
    await batchWrite(all.table, { puts: puts(...names), deletes: [] }, always);
    expect(sent(all).map(({ length }) => length)).toEqual([25, 25, 10]);
    const some = failingTable(() => success());
    const over = new Error('too late');
    const once = () => {
      if (some.requests.length === 1) throw over;
      return always();
    };
    await expect(batchWrite(some.table, { puts: puts(...names), deletes: [] }, once)).rejects.toBe(over);
    expect(some.requests).toHaveLength(1);
  });

  it('a batch of writes reports that a call was sent twice', async () => {
    const { table, requests } = failingTable((_, index) => {
      if (index === 0) throw connectionLost();
      return success();
    });
    expect(await batchWrite(table, { puts: puts('a'), deletes: [] }, always)).toEqual({ repeated: true });
    expect(requests).toHaveLength(2);
  });

  it('a call that is aborted is not sent again', async () => {
    const aborting = new AbortController();
    const { table, requests } = failingTable(() => {
      aborting.abort();
      throw connectionLost();
    });
    await expect(batchWrite(table, { puts: puts('a'), deletes: [] }, () => aborting.signal)).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });
});

it('a request with an API token does not fail because the day of its last use cannot be stored', async () => {
  const { table, requests } = failingTable(() => refusal(400, 'ProvisionedThroughputExceededException'));
  const source = systemSource;
  const [company, token] = [mintId(CompanyId, 'co', source), mintId(ApiTokenId, 'tok', source)];
  await callerRepository(table).markApiTokenUsed(company, token, '2026-01-31');
  expect(requests.length).toBeGreaterThan(0);
});

import { describe, expect, it, vi } from 'vitest';
import { systemSource } from '../../lib/shared/source.ts';
import { type Key, keys } from '../../lib/table/keys.ts';
import { getItem, getItems } from '../../lib/table/query.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem, putItem, updateItem } from '../../lib/table/write.ts';
import { thingFunction } from '../support/call.ts';
import { canceled, connectionLost, done, type EngineAnswer, failingTable, refusal } from '../support/failing-engine.ts';

const on = writes('Test');
const key: Key = keys.slug('a');
const TWO = [on.create(key, {}), on.remove(keys.slug('b'))];
const CONFLICT = canceled('None', 'TransactionConflict');

describe('writes that meet another transaction', () => {
  const tries: [string, EngineAnswer, (table: ReturnType<typeof failingTable>['table']) => Promise<unknown>][] = [
    ['a transaction', CONFLICT, (table) => transact(table, TWO)],
    ['a throttled transaction', canceled('ThrottlingError'), (table) => transact(table, TWO)],
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

  it.each(tries)('%s is tried again, waiting longer each time', async (_, conflict, run) => {
    const { table, asked, waits } = failingTable((__, index) => (index < 3 ? conflict : done()));
    await run(table);
    expect(asked).toHaveLength(4);
    expect(waits).toEqual([1, 2, 3]);
  });

  it.each(tries)('%s that never gets through is a write-conflict with Retry-After', async (_, conflict, run) => {
    const { table, waits } = failingTable(() => conflict);
    await expect(run(table)).rejects.toMatchObject({ code: 'write-conflict', status: 409, retryAfter: 1 });
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('a condition that does not hold is told at once', async () => {
    const { table, asked } = failingTable(() => canceled('ConditionalCheckFailed', 'None'));
    const refused = new Error('taken');
    await expect(transact(table, [on.create(key, {}, () => refused), on.remove(keys.slug('b'))])).rejects.toBe(refused);
    expect(asked).toHaveLength(1);
  });

  it('a condition that nobody expected to fail is no refusal', async () => {
    const { table } = failingTable(() => canceled('ConditionalCheckFailed', 'None'));
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

  it.each(busy)('that is %s for a moment is asked again', async (_, answer) => {
    const { table, asked } = failingTable((__, index) => (index === 0 ? answer() : done({ Item: { PK: { S: 'x' } } })));
    expect(await getItem(table, key)).toEqual({ PK: 'x' });
    expect(asked).toHaveLength(2);
  });

  it.each(busy)('that stays %s is a 503 with Retry-After that says nothing of it', async (_, answer) => {
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
    ['an error of ours', () => new TypeError('x is not a secret function')],
    ['a refusal of the table that nobody thought of', () => new Error('ValidationException: a secret detail')],
  ])('%s is a 500 that says nothing', async (_, error) => {
    const { table } = failingTable(() => done());
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

  it('a permission that is missing is a 500 that says nothing', async () => {
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
    done({
      Responses: { Test: found.map(item) },
      UnprocessedKeys: left.length > 0 ? { Test: { Keys: left.map(item) } } : {},
    });

  it('asks again for what was not processed, and keeps the order of the keys', async () => {
    const answers = [answerOf(['c'], ['a', 'b']), answerOf([], ['a', 'b']), answerOf(['a'], [])];
    const { table, asked, waits } = failingTable((_, index) => answers[index] ?? done());
    const items = await getItems(table, wanted);
    expect(items.map((one) => one?.PK)).toEqual(['SLUG#a', undefined, 'SLUG#c']);
    expect(asked.map(({ body }) => Object(body.RequestItems).Test.Keys.length)).toEqual([3, 2, 2]);
    expect(waits).toEqual([1, 2]);
  });

  it('gives up as busy where nothing is ever processed', async () => {
    const { table } = failingTable(() => answerOf([], ['a']));
    await expect(getItems(table, wanted)).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });
});

describe('the claim of an Idempotency-Key', () => {
  it('whose answer was lost on the way is known as its own', async () => {
    let claimed: unknown;
    const { table, asked } = failingTable(({ operation, body }, index) => {
      if (operation !== 'PutItem') return done();
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
    expect(asked.map(({ operation }) => operation)).toEqual(['PutItem', 'PutItem', 'UpdateItem']);
  });

  it('that cannot be had because the database is busy runs nothing', async () => {
    const { table } = failingTable(() => refusal(400, 'ThrottlingException'));
    const run = vi.fn();
    const { statusCode } = await thingFunction(table, systemSource, run)('a', 'key');
    expect(statusCode).toBe(503);
    expect(run).not.toHaveBeenCalled();
  });

  it('is given back by an operation that failed, and kept by one that was refused', async () => {
    const { table, asked } = failingTable(() => done());
    const fails = thingFunction(table, systemSource, () => Promise.reject(new Error('a fault')));
    expect((await fails('a', 'key')).statusCode).toBe(500);
    expect(asked.map(({ operation }) => operation)).toEqual(['PutItem', 'UpdateItem']);
  });
});

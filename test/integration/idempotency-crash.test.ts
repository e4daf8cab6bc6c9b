import { beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { type Commit, transact, writes } from '../../lib/table/transaction.ts';
import { updateItem } from '../../lib/table/write.ts';
import { type Made, thingFunction } from '../support/call.ts';
import { freshTable, testSource } from '../support/table.ts';

const REMAINING_MS = 10_000;
/** Stands for a killed function: it never answers. */
const never = new Promise<never>(() => undefined);

describe('a function that is killed while it holds an Idempotency-Key', () => {
  let table: Table;
  const source = testSource();
  beforeEach(async () => {
    ({ table } = await freshTable());
  });

  /** Increments a counter in the transaction that stores the answer, so a second execution would show. */
  async function make(name: string, commit: Commit<Made>): Promise<Made> {
    const made = { name, made: (await count()) + 1 };
    const increment = writes(table.name).update(keys.slug('things'), {
      UpdateExpression: 'ADD made :one',
      ExpressionAttributeValues: { ':one': 1 },
    });
    await commit([increment], made);
    return made;
  }

  async function count(): Promise<number> {
    const item = await getItem(table, keys.slug('things'), true);
    return Number(item?.made ?? 0);
  }

  const thing = (create: Parameters<typeof thingFunction>[2]) => thingFunction(table, source, create, REMAINING_MS);
  const plain = () => thing(make);
  const later = (milliseconds: number) => {
    source.at = new Date(source.at.getTime() + milliseconds);
  };

  it('a function killed before its operation leaves the key locked until its lease ends, then free', async () => {
    const started = Promise.withResolvers<void>();
    void thing(() => {
      started.resolve();
      return never;
    })('a', 'key');
    await started.promise;

    const busy = await plain()('a', 'key');
    expect({ status: busy.statusCode, wait: busy.headers['retry-after'] }).toEqual({ status: 409, wait: '1' });
    later(REMAINING_MS);
    expect((await plain()('a', 'key')).statusCode).toBe(409);
    later(1);
    const ran = await plain()('a', 'key');
    expect({ status: ran.statusCode, body: ran.body }).toEqual({ status: 201, body: '{"name":"a","made":1}' });
    expect(await count()).toBe(1);
  });

  it('a function that resumes after its lease cannot finish anything', async () => {
    const started = Promise.withResolvers<void>();
    const wake = Promise.withResolvers<void>();
    const zombie = thing(async (name, commit) => {
      started.resolve();
      await wake.promise;
      return make(name, commit);
    })('a', 'key');
    await started.promise;
    later(REMAINING_MS + 1);
    const second = await plain()('a', 'key');
    expect(second.statusCode).toBe(201);

    wake.resolve();
    expect((await zombie).statusCode).toBe(409);
    expect(await count()).toBe(1);
    const replay = await plain()('a', 'key');
    expect({ body: replay.body, replayed: replay.headers['idempotency-replayed'] }).toEqual({
      body: second.body,
      replayed: 'true',
    });
  });

  it('of a resumed function and its second try one takes effect', async () => {
    const tries = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wakes = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = (index: number) =>
      thing(async (name, commit) => {
        tries[index]?.resolve();
        await wakes[index]?.promise;
        return make(name, commit);
      })('a', 'key');
    const zombie = slow(0);
    await tries[0]?.promise;
    later(REMAINING_MS + 1);
    const second = slow(1);
    await tries[1]?.promise;
    wakes[0]?.resolve();
    expect((await zombie).statusCode).toBe(409);
    wakes[1]?.resolve();
    expect((await second).statusCode).toBe(201);
    expect(await count()).toBe(1);
  });

  it('after a kill behind the transaction the next try replays the answer at once', async () => {
    const committed = Promise.withResolvers<void>();
    void thing(async (name, commit) => {
      await make(name, commit);
      committed.resolve();
      return never;
    })('a', 'key');
    await committed.promise;
    const replay = await plain()('a', 'key');
    expect(replay).toMatchObject({
      statusCode: 201,
      body: '{"name":"a","made":1}',
      headers: { 'idempotency-replayed': 'true' },
    });
    expect(await count()).toBe(1);
  });

  it('a failure behind the transaction keeps the stored answer', async () => {
    const fails = thing(async (name, commit) => {
      await make(name, commit);
      throw new Error('a fault after the commit');
    });
    expect((await fails('a', 'key')).statusCode).toBe(500);
    expect((await plain()('a', 'key')).headers['idempotency-replayed']).toBe('true');
    expect(await count()).toBe(1);
  });

  it('after a failure before the transaction the next try runs', async () => {
    const fails = thing(() => Promise.reject(new Error('a fault')));
    expect((await fails('a', 'key')).statusCode).toBe(500);
    const ran = await plain()('a', 'key');
    expect(ran.headers['idempotency-replayed']).toBeUndefined();
    expect(ran.statusCode).toBe(201);
  });

  it('an Idempotency-Key expires after a day', async () => {
    expect((await plain()('a', 'key')).statusCode).toBe(201);
    later(24 * 3600 * 1000 - 1000);
    expect((await plain()('a', 'key')).headers['idempotency-replayed']).toBe('true');
    later(1000);
    expect((await plain()('a', 'key')).headers['idempotency-replayed']).toBeUndefined();
    expect(await count()).toBe(2);
  });
});

describe('an answer of the database that is lost on the way', () => {
  /** Breaks the connection after the engine has done its work, so that the SDK asks a second time. */
  function loseOnce(table: Table, commandName: string): () => number {
    let sent = 0;
    table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== commandName) return next(args);
        sent += 1;
        const isFirst = sent === 1;
        const answer = await next(args);
        if (isFirst)
          throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'ECONNRESET', $retryable: {} });
        return answer;
      },
      { step: 'deserialize', name: 'loseOnce', priority: 'high' },
    );
    return () => sent;
  }

  it('a transaction whose answer is lost is not run twice', async () => {
    const { table } = await freshTable();
    const sent = loseOnce(table, 'TransactWriteItemsCommand');
    const on = writes(table.name);
    const conflict = new Error('conflict with its own first attempt');
    await transact(table, [
      on.create(keys.slug('guard'), {}, () => conflict),
      on.update(keys.slug('counter'), { UpdateExpression: 'ADD made :one', ExpressionAttributeValues: { ':one': 1 } }),
    ]);
    expect(sent()).toBe(2);
    expect((await getItem(table, keys.slug('counter'), true))?.made).toBe(1);
  });

  it('a single write whose answer is lost is not taken for a conflict', async () => {
    const { table } = await freshTable();
    const sent = loseOnce(table, 'PutItemCommand');
    const conflict = new Error('conflict with its own first attempt');
    const create = (item: object) =>
      transact(table, [writes(table.name).create(keys.slug('a'), { ...item }, () => conflict)]);
    await create({ name: 'n', left: undefined, list: [1, null] });
    expect(sent()).toBe(2);
    await expect(create({ name: 'another' })).rejects.toBe(conflict);
  });

  it('a generated number whose answer is lost is skipped, never given twice', async () => {
    const { table } = await freshTable();
    const sent = loseOnce(table, 'UpdateItemCommand');
    const draw = async () =>
      (
        await updateItem(table, keys.slug('n'), {
          UpdateExpression: 'ADD made :one',
          ExpressionAttributeValues: { ':one': 1 },
        })
      ).made;
    expect([await draw(), await draw()]).toEqual([2, 3]);
    expect(sent()).toBe(3);
  });
});

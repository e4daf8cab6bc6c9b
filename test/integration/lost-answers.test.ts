import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../lib/table/client.ts';
import { type Key, keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { putItem, updateItem } from '../../lib/table/write.ts';
import { connectionLost } from '../support/failing-engine.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let on: ReturnType<typeof writes>;
/**
 * The number of attempts of the SDK. While `loses` is set, the answer to the first one is lost after the engine
 * executed it.
 */
let attempts: number;
let loses: boolean;
/** Runs between the first attempt and the retry. */
let afterLoss: () => Promise<unknown>;

beforeAll(async () => {
  ({ table } = await freshTable());
  on = writes(table.name);
  table.client.middlewareStack.add(
    (next) => async (args) => {
      if (!loses || ++attempts > 1) return next(args);
      await next(args);
      loses = false;
      await afterLoss();
      loses = true;
      throw connectionLost();
    },
    { step: 'deserialize', name: 'loseAnswer', priority: 'high' },
  );
});

let tests = 0;
let key: Key;
beforeEach(async () => {
  key = keys.slug(`s${++tests}`);
  attempts = 0;
  loses = false;
  afterLoss = async () => undefined;
});

const stale = new Error('stale');
const refuse = () => stale;
const atVersion = (expected: number, next = expected + 1) => ({
  UpdateExpression: 'SET version = :next',
  ConditionExpression: 'version = :expected',
  ExpressionAttributeValues: { ':expected': expected, ':next': next },
});

/** Runs one write that loses its first answer. */
async function loseFirstAnswer<T>(write: () => Promise<T>): Promise<T> {
  loses = true;
  try {
    return await write();
  } finally {
    loses = false;
  }
}

describe('a write whose answer is lost, so that the SDK sends it again', () => {
  const onExisting: [string, () => Promise<unknown>][] = [
    ['a replacement', () => transact(table, [on.replace(key, { version: 2 }, 1, refuse)])],
    ['an update', () => updateItem(table, key, atVersion(1), refuse)],
    ['an update in the place of a transaction', () => transact(table, [on.update(key, atVersion(1), refuse)])],
    [
      'a transaction',
      () => transact(table, [on.update(key, atVersion(1), refuse), on.create(keys.slug(`t${tests}`), {}, refuse)]),
    ],
  ];

  it.each(onExisting)('%s succeeds, and is done once', async (_, write) => {
    await transact(table, [on.create(key, { version: 1 })]);
    await loseFirstAnswer(write);
    expect(attempts).toBe(2);
    expect(await getItem(table, key, true)).toMatchObject({ version: 2 });
  });

  it('a creation succeeds', async () => {
    await loseFirstAnswer(() => transact(table, [on.create(key, { version: 1 }, refuse)]));
    expect(attempts).toBe(2);
    expect(await getItem(table, key, true)).toMatchObject({ version: 1 });
  });

  it('a conditional put succeeds', async () => {
    const put = () => putItem(table, key, { version: 1 }, { ConditionExpression: 'attribute_not_exists(PK)' });
    expect(await loseFirstAnswer(put)).toBe('put');
    expect(attempts).toBe(2);
  });

  it('an update returns the item that its first attempt wrote', async () => {
    await transact(table, [on.create(key, { version: 1 })]);
    expect(await loseFirstAnswer(() => updateItem(table, key, atVersion(1), refuse))).toMatchObject({
      ...key,
      version: 2,
    });
  });

  it.each(onExisting.slice(0, 3))('%s is stale if another write has come between', async (_, write) => {
    await transact(table, [on.create(key, { version: 1 })]);
    afterLoss = () => transact(table, [on.replace(key, { version: 3 }, 2, refuse)]);
    await expect(loseFirstAnswer(write)).rejects.toBe(stale);
    expect(await getItem(table, key, true)).toMatchObject({ version: 3 });
  });
});

describe('a write that another call has made already', () => {
  it('is refused although the items are equal', async () => {
    const create = () => transact(table, [on.create(key, { version: 1 }, refuse)]);
    await create();
    await expect(create()).rejects.toBe(stale);
    const replace = () => transact(table, [on.replace(key, { version: 2 }, 1, refuse)]);
    await replace();
    await expect(replace()).rejects.toBe(stale);
    const update = () => updateItem(table, key, atVersion(2), refuse);
    await update();
    await expect(update()).rejects.toBe(stale);
  });
});

import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { claimKey } from '../../lib/http/idempotency.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { type Commit, writes } from '../../lib/table/transaction.ts';
import { type Made, thingFunction } from '../support/call.ts';
import { freshTable, testSource } from '../support/table.ts';

/** The characters of a name with which the answer, encrypted, is as large as is kept. */
const LARGEST_NAME = 294_780;

describe('what is kept for an Idempotency-Key', () => {
  let table: Table;
  const source = testSource();
  beforeEach(async () => {
    ({ table } = await freshTable());
  });

  /** Counts its executions, in the transaction that stores the answer. */
  const creating = (answered: (name: string) => string) =>
    async function create(name: string, commit: Commit<Made>): Promise<Made> {
      const increment = writes(table.name).update(keys.slug('things'), {
        UpdateExpression: 'ADD made :one',
        ExpressionAttributeValues: { ':one': 1 },
      });
      const made = { name: answered(name), made: (await count()) + 1 };
      await commit([increment], made);
      return made;
    };

  const count = async () => Number((await getItem(table, keys.slug('things'), true))?.made ?? 0);
  const withSecret = (secret: string) =>
    thingFunction(
      table,
      source,
      creating((name) => name),
      10_000,
      async () => secret,
    );
  const storedReply = () => getItem(table, keys.reply({ account: '["a"]' }, 'key'), true);

  it('the largest answer that is kept fits into an item, and is replayed', async () => {
    const call = thingFunction(
      table,
      source,
      creating(() => 'x'.repeat(LARGEST_NAME)),
    );
    const first = await call('a', 'key');
    expect(first.headers['idempotency-not-kept']).toBeUndefined();
    const again = await call('a', 'key');
    expect(again).toMatchObject({ statusCode: 201, headers: { 'idempotency-replayed': 'true' } });
    expect(again.body === first.body).toBe(true);
    expect(await count()).toBe(1);
  });

  it.each([LARGEST_NAME + 100, 2_000_000])(
    'an answer with a name of %d characters is sent once, says that it is not kept, and its work is done once',
    async (length) => {
      const call = thingFunction(
        table,
        source,
        creating(() => 'x'.repeat(length)),
      );
      const first = await call('a', 'key');
      expect(first).toMatchObject({ statusCode: 201, headers: { 'idempotency-not-kept': 'true' } });
      expect(first.body?.length).toBeGreaterThan(length);
      const again = await call('a', 'key');
      expect(again.statusCode).toBe(409);
      expect(JSON.parse(again.body ?? '')).toMatchObject({ type: '/problems/answer-not-kept', first: { status: 201 } });
      expect(await count()).toBe(1);
    },
  );

  it('a repetition tells the Location of what the first request created', async () => {
    const request = { holder: { account: 'a' }, key: 'key', operationId: 'x', path: '/', body: {}, remainingMs: 1000 };
    const claim = await claimKey(table, source, 'a secret', request);
    if ('status' in claim) throw new Error('the key was fresh');
    const first = { status: 201, headers: { location: '/v1/things/1' }, body: 'x'.repeat(500_000) };
    expect((await claim.save(first)).headers).toEqual({ location: '/v1/things/1', 'idempotency-not-kept': 'true' });
    await expect(claimKey(table, source, 'a secret', request)).rejects.toMatchObject({
      code: 'answer-not-kept',
      first: { status: 201, location: '/v1/things/1' },
    });
  });

  it('the stored fingerprint tells nothing without the secret of the installation', async () => {
    await withSecret('one')('a', 'key');
    const stored = await storedReply();
    const request = JSON.stringify(['createThing', '/v1/things', { name: 'a' }]);
    expect(stored?.request).toMatch(/^[\w-]{43}$/);
    expect(stored?.request).not.toBe(createHash('sha256').update(request).digest('base64url'));
    const other = await freshTable();
    await thingFunction(
      other.table,
      source,
      creating((name) => name),
      10_000,
      async () => 'two',
    )('a', 'key');
    const elsewhere = await getItem(other.table, keys.reply({ account: '["a"]' }, 'key'), true);
    expect(elsewhere?.request).not.toBe(stored?.request);
  });

  it('after a change of the secret a repetition does nothing, and is told so', async () => {
    expect((await withSecret('old')('a', 'key')).statusCode).toBe(201);
    const again = await withSecret('new')('a', 'key');
    expect(again.statusCode).toBe(409);
    expect(JSON.parse(again.body ?? '')).toMatchObject({ type: '/problems/answer-not-kept', first: { status: 201 } });
    expect(await count()).toBe(1);
    expect((await withSecret('new')('a', 'another')).statusCode).toBe(201);
  });

  it('of a request with a credential nothing is stored, and its work is done each time', async () => {
    const fresh = await freshTable();
    const create = async (name: string) => ({ name, made: 1 });
    const call = thingFunction(fresh.table, source, create, 10_000, () => Promise.reject(new Error('no secret')));
    for (const key of ['key', 'key', 'no valid key']) {
      const { statusCode, headers } = await call('a', key, '/v1/secrets');
      expect({ statusCode, replayed: headers['idempotency-replayed'] }).toEqual({ statusCode: 201 });
    }
    expect(fresh.calls).toEqual([]);
  });

  it('the secret is read only for a request with a key, and before the work', async () => {
    const call = thingFunction(
      table,
      source,
      creating((name) => name),
      10_000,
      () => Promise.reject(new Error('no secret')),
    );
    expect((await call('a')).statusCode).toBe(201);
    expect((await call('a', 'key')).statusCode).toBe(500);
    expect(await count()).toBe(1);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { LAST_COUNT, numberingEntity } from '../../lib/numbers/schema.ts';
import type { CompanyId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem, readItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { freshTable, newCompanyId, type TestSource, testSource } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

async function company(
  source: TestSource,
  numbering: { pattern: string; reset: string; period: string; next?: number },
) {
  const id = newCompanyId(source);
  const item = asItem(numberingEntity, numberingEntity.schema.parse({ next: 1, ...numbering }));
  await transact(table, [writes(table.name).create(keys.numbering(id, 'client'), item)]);
  return id;
}

const requestFor = (companyId: CompanyId, timezone = 'UTC') => ({
  companyId,
  timezone,
  groupName: async () => 'Key accounts',
});

async function claimNumber(_source: TestSource, id: CompanyId, number: string): Promise<void> {
  await transact(table, [
    writes(table.name).create(keys.clientNumber(id, number), { entity: 'guard', schemaVersion: 1 }),
  ]);
}

describe('the numbers of clients', () => {
  it('numbers continue from the counter', async () => {
    const source = testSource();
    const id = await company(source, { pattern: '{group}-{counter:3}', reset: 'never', period: '-', next: 41 });
    const { next } = clientNumbers(table, source);
    expect((await next(requestFor(id))).number).toBe('KEY-ACCOUNTS-041');
    expect((await next(requestFor(id))).number).toBe('KEY-ACCOUNTS-042');
  });

  it('a hundred draws at once give different numbers', async () => {
    const source = testSource();
    const id = await company(source, { pattern: '{counter}', reset: 'never', period: '-' });
    const { next } = clientNumbers(table, source);
    const drawn = await Promise.all(Array.from({ length: 100 }, async () => (await next(requestFor(id))).number));
    expect(new Set(drawn)).toEqual(new Set(Array.from({ length: 100 }, (_, index) => String(index + 1))));
  });

  it.each([
    ['yearly', '{year}-{counter}', '2025', '2025-12-31T22:59:00Z', '2025-8', '2025-12-31T23:01:00Z', '2026-1'],
    [
      'monthly',
      '{date:yyyyMM}-{counter}',
      '2025-10',
      '2025-10-31T22:59:00Z',
      '202510-8',
      '2025-10-31T23:01:00Z',
      '202511-1',
    ],
  ])(
    "numbers restart %s, at midnight in the company's time zone",
    async (reset, pattern, period, before, last, after, first) => {
      const source = testSource(before);
      const id = await company(source, { pattern, reset, period, next: 8 });
      const { next } = clientNumbers(table, source);
      expect((await next(requestFor(id, 'Europe/Berlin'))).number).toBe(last);
      source.at = new Date(after);
      expect((await next(requestFor(id, 'Europe/Berlin'))).number).toBe(first);
    },
  );

  it('a new period begins once, however many draws are made at its beginning', async () => {
    const source = testSource('2026-01-01T00:00:00Z');
    const id = await company(source, { pattern: '{year}-{counter}', reset: 'yearly', period: '2025', next: 90 });
    const { next } = clientNumbers(table, source);
    const drawn = await Promise.all(Array.from({ length: 20 }, async () => (await next(requestFor(id))).number));
    expect(new Set(drawn)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => `2026-${index + 1}`)));
  });

  it('a draw skips hundreds of numbers that were given by hand', async () => {
    const source = testSource();
    const id = await company(source, { pattern: 'C{counter:4}', reset: 'never', period: '-' });
    const numbers = Array.from({ length: 250 }, (_, index) => `C${String(index + 1).padStart(4, '0')}`);
    while (numbers.length > 0)
      await Promise.all(numbers.splice(0, 25).map((number) => claimNumber(source, id, number)));
    const { next } = clientNumbers(table, source);
    const drawn = await next(requestFor(id));
    expect(drawn.number).toBe('C0001');
    await drawn.skip();
    expect((await next(requestFor(id))).number).toBe('C0251');
  });

  it('the last value of a counter makes no number, and the counter can still be read', async () => {
    const source = testSource();
    const id = await company(source, { pattern: '{counter}', reset: 'never', period: '-', next: LAST_COUNT - 1 });
    const { next } = clientNumbers(table, source);
    expect((await next(requestFor(id))).number).toBe(String(LAST_COUNT - 1));
    await expect(next(requestFor(id))).rejects.toMatchObject({ code: 'numbers-exhausted', status: 409 });
    const item = await getItem(table, keys.numbering(id, 'client'), true);
    expect(readItem(numberingEntity, item ?? {}).next).toBe(LAST_COUNT);
  });

  it('a counter does not skip taken numbers beyond its last value', async () => {
    const source = testSource();
    const id = await company(source, { pattern: '{counter}', reset: 'never', period: '-', next: LAST_COUNT - 1 });
    await claimNumber(source, id, String(LAST_COUNT));
    const drawn = await clientNumbers(table, source).next(requestFor(id));
    await expect(drawn.skip()).rejects.toMatchObject({ code: 'numbers-exhausted' });
    const item = await getItem(table, keys.numbering(id, 'client'), true);
    expect(readItem(numberingEntity, item ?? {}).next).toBe(LAST_COUNT);
  });

  it('a number that no client can have is refused with a pointer', async () => {
    const source = testSource();
    const long = { pattern: `{counter}${'x'.repeat(64)}`, reset: 'never', period: '-' };
    const id = await company(source, long);
    await expect(clientNumbers(table, source).next(requestFor(id))).rejects.toMatchObject({
      code: 'validation',
      errors: [{ pointer: '/number', code: 'bad-pattern' }],
    });
  });

  it('random numbers need no counter to be skipped', async () => {
    const source = testSource();
    const id = await company(source, { pattern: '{random:8}', reset: 'never', period: '-' });
    const { next } = clientNumbers(table, source);
    const drawn = await next(requestFor(id));
    await drawn.skip();
    expect(drawn.number).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
  });
});

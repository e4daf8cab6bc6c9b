import { beforeAll, describe, expect, it } from 'vitest';
import { ADDRESS_ATTEMPTS, FREE_ATTEMPTS, lockSeconds, signInAttempts } from '../../lib/credentials/rate-limit.ts';
import type { CompanyId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { freshTable, newCompanyId, type TestSource, testSource } from '../support/table.ts';

let table: Table;
const EMAIL = 'ada@northwind.example';

beforeAll(async () => {
  ({ table } = await freshTable());
});

const attemptsOf = (source: TestSource) => signInAttempts(table, source);
const later = (source: TestSource, seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};

async function spend(source: TestSource, company: CompanyId): Promise<void> {
  for (let n = 0; n < FREE_ATTEMPTS; n++) await attemptsOf(source).take(company, EMAIL);
}

describe('attempts to sign in', () => {
  it('attempts to sign in are free at first, then lock for ever longer, up to an hour', () => {
    expect([4, 5, 6, 7, 8, 11, 12, 500].map(lockSeconds)).toEqual([0, 60, 120, 240, 480, 3600, 3600, 3600]);
  });

  it('spent attempts lock the account, and one passes when the lock has expired', async () => {
    const source = testSource();
    const company = newCompanyId(source);
    await spend(source, company);
    later(source, 20);
    await expect(attemptsOf(source).take(company, EMAIL)).rejects.toMatchObject({
      code: 'too-many-attempts',
      retryAfter: 40,
    });
    later(source, 40);
    await attemptsOf(source).take(company, EMAIL);
    await expect(attemptsOf(source).take(company, EMAIL)).rejects.toMatchObject({ retryAfter: 120 });
  });

  it('of fifty attempts at once exactly the free ones pass, and one after the lock', async () => {
    const source = testSource();
    const company = newCompanyId(source);
    const fifty = async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => attemptsOf(source).take(company, EMAIL)),
      );
      return results.filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await fifty()).toBe(FREE_ATTEMPTS);
    later(source, 60);
    expect(await fifty()).toBe(1);
  });

  it('a successful sign-in resets the attempts, which are counted per mailbox and company', async () => {
    const source = testSource();
    const company = newCompanyId(source);
    await spend(source, company);
    await attemptsOf(source).take(newCompanyId(source), EMAIL);
    await expect(attemptsOf(source).take(company, 'ADA@northwind.example')).rejects.toMatchObject({ status: 429 });
    await attemptsOf(source).clear(company, EMAIL);
    await attemptsOf(source).take(company, EMAIL);
  });

  it('attempts of one address are counted over all accounts, window by window', async () => {
    const source = testSource('2026-03-04T10:00:00Z');
    const attempts = attemptsOf(source);
    for (let n = 0; n < ADDRESS_ATTEMPTS; n++) await attempts.failAddress('192.0.2.1');
    await expect(attempts.checkAddress('192.0.2.1')).rejects.toMatchObject({
      code: 'too-many-attempts',
      retryAfter: 900,
    });
    await attempts.checkAddress('192.0.2.2');
    later(source, 900);
    await attempts.checkAddress('192.0.2.1');
  });
});

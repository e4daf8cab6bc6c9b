import { beforeAll, describe, expect, it } from 'vitest';
import { SignUp } from '../../lib/accounts/schema.ts';
import {
  ADDRESS_ATTEMPTS,
  FREE_ATTEMPTS,
  type Origin,
  STRANGER_ATTEMPTS,
  signInAttempts,
  waitSeconds,
} from '../../lib/credentials/sign-in-attempts.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import { type PortalWorld, portalWorld } from '../support/portal-world.ts';
import { freshTable, newCompanyId, type TestSource, testSource } from '../support/table.ts';

const EMAIL = 'ada@northwind.example';
const PASSWORD = 'correct horse battery staple';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

const later = (source: TestSource, seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};
const at = (address: string): Origin => ({ kind: 'address', address });
const addressNumber = (n: number) => `192.0.2.${n}`;
const times = <T>(count: number, run: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

describe('the waits of an origin', () => {
  it('attempts are free at first, then wait for ever longer, up to an hour', () => {
    expect([4, 5, 6, 7, 8, 11, 12, 500].map(waitSeconds)).toEqual([0, 60, 120, 240, 480, 3600, 3600, 3600]);
  });

  it('an origin waits after its free failures, and each further failure doubles the wait', async () => {
    const source = testSource();
    const attempts = signInAttempts(table, source);
    const company = newCompanyId(source);
    await times(FREE_ATTEMPTS, () => attempts.fail(company, EMAIL, at('192.0.2.1')));
    const check = () => attempts.check(company, EMAIL, at('192.0.2.1'));
    later(source, 20);
    await expect(check()).rejects.toMatchObject({ code: 'too-many-attempts', retryAfter: 40 });
    later(source, 40);
    await check();
    await attempts.fail(company, EMAIL, at('192.0.2.1'));
    await expect(check()).rejects.toMatchObject({ retryAfter: 120 });
  });

  it('failures count per mailbox, company, scope and origin', async () => {
    const source = testSource();
    const attempts = signInAttempts(table, source);
    const company = newCompanyId(source);
    await times(FREE_ATTEMPTS, () => attempts.fail(company, EMAIL, at('192.0.2.1')));
    await expect(attempts.check(company, 'ADA@northwind.example', at('192.0.2.1'))).rejects.toMatchObject({
      status: 429,
    });
    await attempts.check(newCompanyId(source), EMAIL, at('192.0.2.1'));
    await attempts.check(company, EMAIL, at('192.0.2.2'));
    await attempts.check(company, EMAIL, { kind: 'device', id: 'a device' });
    await signInAttempts(table, source, 'portal').check(company, EMAIL, at('192.0.2.1'));
  });

  it('many strangers together make all strangers wait, but no known device', async () => {
    const source = testSource('2026-03-04T10:30:00Z');
    const attempts = signInAttempts(table, source);
    const company = newCompanyId(source);
    await times(STRANGER_ATTEMPTS, (index) => attempts.fail(company, EMAIL, at(addressNumber(index))));
    const refused = { code: 'too-many-attempts', retryAfter: 1800 };
    await expect(attempts.check(company, EMAIL, at('198.51.100.7'))).rejects.toMatchObject(refused);
    await attempts.check(company, EMAIL, { kind: 'device', id: 'a device' });
    later(source, 1800);
    await attempts.check(company, EMAIL, at('198.51.100.7'));
  });

  it('one address has a limit over all accounts, window by window', async () => {
    const source = testSource('2026-03-04T10:00:00Z');
    const attempts = signInAttempts(table, source);
    const company = newCompanyId(source);
    const address = '203.0.113.9';
    await times(ADDRESS_ATTEMPTS, (index) => attempts.fail(company, `user${index}@northwind.example`, at(address)));
    const refused = { code: 'too-many-attempts', retryAfter: 900 };
    await expect(attempts.check(company, EMAIL, at(address))).rejects.toMatchObject(refused);
    await expect(attempts.checkAddress(address)).rejects.toMatchObject(refused);
    await attempts.checkAddress('203.0.113.10');
    later(source, 900);
    await attempts.check(company, EMAIL, at(address));
  });

  it('a success clears the failures, and does not commit when failures were counted since the check', async () => {
    const source = testSource();
    const attempts = signInAttempts(table, source);
    const company = newCompanyId(source);
    const attempt = { company, account: EMAIL, origin: at('192.0.2.77') };
    await times(FREE_ATTEMPTS - 1, () => attempts.fail(company, EMAIL, attempt.origin));
    const admitted = await attempts.check(company, EMAIL, attempt.origin);
    await attempts.fail(company, EMAIL, attempt.origin);
    const commit = (clear: Parameters<typeof transact>[1]) => transact(table, clear);
    await expect(attempts.succeed({ ...attempt, admitted }, commit)).rejects.toMatchObject({ retryAfter: 60 });
    later(source, 60);
    const again = await attempts.check(company, EMAIL, attempt.origin);
    await attempts.succeed({ ...attempt, admitted: again }, commit);
    expect(await attempts.check(company, EMAIL, attempt.origin)).toMatchObject({ failures: undefined });
  });
});

describe('a sign-in', () => {
  let world: PortalWorld;
  let source: TestSource;
  let slug: string;
  let made = 0;

  beforeAll(() => {
    source = testSource();
    world = portalWorld(table, source);
  });

  async function openAccount() {
    slug = `guessed-${++made}`;
    const input = SignUp.parse({
      company: { name: 'Guessed', slug, currency: 'EUR' },
      owner: { email: EMAIL, name: 'Ada', password: PASSWORD },
    });
    await world.signUp(input, '192.0.2.1', committing(table));
  }
  const signIn = (password: string, address: string, deviceToken?: string) =>
    world.staffSessions.signIn({ company: slug, email: EMAIL, password, deviceToken }, address);

  it('strangers who guess keep out neither another address nor a device that has signed in before', async () => {
    await openAccount();
    const { deviceToken } = await signIn(PASSWORD, '192.0.2.1');
    for (let n = 0; n < FREE_ATTEMPTS; n++)
      await expect(signIn(`guess ${n}`, '192.0.2.1')).rejects.toMatchObject({ code: 'sign-in-failed' });
    await expect(signIn(PASSWORD, '192.0.2.1')).rejects.toMatchObject({ code: 'too-many-attempts' });
    await signIn(PASSWORD, '192.0.2.1', deviceToken);
    await signIn(PASSWORD, '198.51.100.1');
  });

  it('a device is recognised for its account only, and waits after its own failures', async () => {
    await openAccount();
    const { deviceToken: strange } = await signIn(PASSWORD, '192.0.2.1');
    await openAccount();
    const { deviceToken: known } = await signIn(PASSWORD, '192.0.2.1');
    for (let n = 0; n < FREE_ATTEMPTS; n++)
      await expect(signIn('a guess', '192.0.2.1', known)).rejects.toMatchObject({ code: 'sign-in-failed' });
    await expect(signIn(PASSWORD, '192.0.2.1', known)).rejects.toMatchObject({ code: 'too-many-attempts' });
    await signIn(PASSWORD, '192.0.2.1');
    for (const useless of [strange, `${known.slice(0, -2)}AA`, 'cld_', 'nonsense'])
      expect((await signIn(PASSWORD, '192.0.2.1', useless)).deviceToken).not.toBe(useless);
  });

  it('right passwords at once all get in', async () => {
    await openAccount();
    const signedIn = await times(20, () => signIn(PASSWORD, '192.0.2.1'));
    for (const { accessToken } of signedIn)
      expect(await world.resolve(`Bearer ${accessToken}`)).toMatchObject({ kind: 'user' });
  });

  it('of many guesses at once that include the right password, at most the free ones can succeed', async () => {
    await openAccount();
    const guesses = await Promise.allSettled([
      ...Array.from({ length: 40 }, (_, index) => signIn(`guess ${index}`, '192.0.2.50')),
    ]);
    expect(guesses.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(signIn(PASSWORD, '192.0.2.50')).rejects.toMatchObject({ code: 'too-many-attempts' });
  });

  it('an account that does not exist has the same waits', async () => {
    await openAccount();
    const nobody = (password: string) =>
      world.staffSessions.signIn({ company: slug, email: 'nobody@northwind.example', password }, '192.0.2.1');
    for (let n = 0; n < FREE_ATTEMPTS; n++)
      await expect(nobody(`guess ${n}`)).rejects.toMatchObject({ code: 'sign-in-failed' });
    await expect(nobody(PASSWORD)).rejects.toMatchObject({ code: 'too-many-attempts', retryAfter: 60 });
  });
});

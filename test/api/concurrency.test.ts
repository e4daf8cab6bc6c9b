import { describe, expect, it } from 'vitest';
import { type Answer, createClient, send, signUp } from '../support/api/client.ts';
import { listedInTime } from '../support/api/pages.ts';
import { expectProblem } from '../support/api/problem.ts';

describe('many at once', () => {
  it('200 clients created at once have 200 numbers and no error', async () => {
    const company = await signUp();
    const create = (_: unknown, index: number) =>
      send('/v1/clients', { token: company.token, body: { name: `C ${index}` } });
    const answers = await Promise.all(Array.from({ length: 200 }, create));
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
    const numbers = answers.map(({ json }) => json.number);
    expect(numbers.sort()).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 1).padStart(4, '0')));
    const listed = await listedInTime(company.token, 200);
    expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(answers.map(({ json }) => json.id)));
  });

  it('of several clients created at once with one e-mail address one is created', async () => {
    const company = await signUp();
    const create = (email: string) => send('/v1/clients', { token: company.token, body: { contacts: [{ email }] } });
    for (let round = 1; round <= 5; round++) {
      const answers = await Promise.all(['a', 'A', 'a'].map((name) => create(`${name}${round}@race.example`)));
      const refused = answers.filter(({ status }) => status !== 201);
      expect(refused).toHaveLength(2);
      for (const answer of refused) expectProblem(answer, 'email-taken', ['/contacts/0/email']);
    }
  });

  it('changes of one client at once are all kept', async () => {
    const company = await signUp();
    const { id } = await createClient(company);
    const patch = (_: unknown, index: number) =>
      send(`/v1/clients/${id}`, { method: 'PATCH', token: company.token, body: { metadata: { [`k${index}`]: 'x' } } });
    const answers = await Promise.all(Array.from({ length: 6 }, patch));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const { json } = await send(`/v1/clients/${id}`, company);
    expect(Object.keys(json.metadata)).toHaveLength(6);
    expect(json.version).toBe(7);
  });

  it('changes of the settings at once are all kept', async () => {
    const company = await signUp();
    const patches = [
      { paymentTermsDays: 1 },
      { quoteValidDays: 2 },
      { sendReminders: true },
      { invoiceDelivery: 'post' },
    ];
    const patch = (body: object) => send('/v1/company/settings', { method: 'PATCH', token: company.token, body });
    const answers = await Promise.all(patches.map(patch));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await send('/v1/company/settings', company)).json).toMatchObject(Object.assign({}, ...patches));
  });

  it('of several changes at once with the same If-Match one is made', async () => {
    const company = await signUp();
    const { id } = await createClient(company);
    const headers = { 'if-match': '"1"' };
    const patch = (name: string) =>
      send(`/v1/clients/${id}`, { method: 'PATCH', token: company.token, body: { name }, headers });
    const answers = await Promise.all(['one', 'two', 'three', 'four'].map(patch));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const answer of answers.filter((one: Answer) => one !== won[0])) expectProblem(answer, 'stale-version');
  });

  it('of several refreshes at once with one token one succeeds at most', async () => {
    const { refreshToken } = await signUp();
    const refresh = () => send('/v1/auth/refresh', { body: { refreshToken } });
    const answers = await Promise.all([refresh(), refresh(), refresh()]);
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectProblem(answer, 'unauthenticated');
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answer, PASSWORD, send, signUp, tokenOf } from '../support/api/client.ts';
import { listedInTime } from '../support/api/pages.ts';
import { expectProblem } from '../support/api/problem.ts';

const newKey = () => randomBytes(8).toString('hex');

function post(token: string, path: string, body: unknown, key: string): Promise<Answer> {
  return send(path, { method: 'POST', token, body, headers: { 'idempotency-key': key } });
}

function expectReplay(again: Answer, first: Answer): void {
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.headers.has('idempotency-replayed')).toBe(false);
  expect({ status: again.status, text: again.text }).toEqual({ status: first.status, text: first.text });
  for (const header of ['etag', 'location', 'content-type', 'www-authenticate'])
    expect(again.headers.get(header)).toBe(first.headers.get(header));
  expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
}

describe('an Idempotency-Key', () => {
  it('an Idempotency-Key replays the first answer byte for byte and does nothing twice', async () => {
    const { token } = await signUp();
    const key = newKey();
    const first = await post(token, '/v1/clients', { name: 'N', tags: ['a'] }, key);
    expect(first.status).toBe(201);
    expectReplay(await post(token, '/v1/clients', { name: 'N', tags: ['a'] }, key), first);
    expectReplay(await post(token, '/v1/clients', { tags: ['a'], name: 'N' }, key), first);
    await listedInTime(token, 1);
    // The replay is the stored answer, not the current client.
    await send(`/v1/clients/${first.json.id}`, { method: 'PATCH', token, body: { name: 'Renamed' } });
    expectReplay(await post(token, '/v1/clients', { name: 'N', tags: ['a'] }, key), first);
  });

  it('an Idempotency-Key works on every kind of POST', async () => {
    const { token, slug, email } = await signUp();
    const { json: client } = await post(token, '/v1/clients', { name: 'N' }, newKey());
    const requests: [string, unknown][] = [
      ['/v1/auth/password-reset', { company: slug, email }],
      ['/v1/groups', { name: 'Once' }],
      [`/v1/clients/${client.id}/archive`, undefined],
      [`/v1/clients/${client.id}/archive`, {}],
      [`/v1/clients/${client.id}/restore`, undefined],
    ];
    for (const [path, body] of requests) {
      const key = newKey();
      const first = await post(token, path, body, key);
      expect(first.status, path).toBeLessThan(300);
      expectReplay(await post(token, path, body, key), first);
    }
  });

  it('an Idempotency-Key is ignored on routes with credentials, of which nothing is stored', async () => {
    const { token, slug, email } = await signUp();
    const twice = async (path: string, body: object) => {
      const key = newKey();
      const answers = [await post(token, path, body, key), await post(token, path, body, key)];
      for (const { status, headers } of answers) {
        expect(status, path).toBeLessThan(300);
        expect(headers.has('idempotency-replayed')).toBe(false);
      }
      return answers.map(({ json }) => json);
    };
    const [one, two] = await twice('/v1/auth/sign-in', { company: slug, email, password: PASSWORD });
    expect(one.accessToken).not.toBe(two.accessToken);
    const [first, second] = await twice('/v1/api-tokens', { name: 'T', role: 'viewer' });
    expect(first.id).not.toBe(second.id);
    await twice('/v1/me/password', { currentPassword: PASSWORD, newPassword: PASSWORD });
  });

  it('on a public route, the key of a stranger does not stand in the way of another account', async () => {
    const [one, two] = [await signUp(), await signUp()];
    const key = newKey();
    const reset = ({ slug, email }: { slug: string; email: string }) =>
      send('/v1/auth/password-reset', { body: { company: slug, email }, headers: { 'idempotency-key': key } });
    for (const account of [one, two, { slug: two.slug, email: one.email }]) {
      const answer = await reset(account);
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([202, null]);
    }
    expect((await reset(two)).headers.get('idempotency-replayed')).toBe('true');
  });

  it('an Idempotency-Key is refused with another body or address', async () => {
    const { token } = await signUp();
    const key = newKey();
    const first = await post(token, '/v1/clients', { name: 'N' }, key);
    expectProblem(await post(token, '/v1/clients', { name: 'M' }, key), 'idempotency-key-reused');
    expectProblem(await post(token, '/v1/groups', { name: 'N' }, key), 'idempotency-key-reused');
    const archive = newKey();
    await post(token, `/v1/clients/${first.json.id}/archive`, {}, archive);
    const { json: second } = await post(token, '/v1/clients', { name: 'M' }, newKey());
    expectProblem(await post(token, `/v1/clients/${second.id}/archive`, {}, archive), 'idempotency-key-reused');
    expectProblem(await post(token, `/v1/clients/${first.json.id}/restore`, {}, archive), 'idempotency-key-reused');
    expectReplay(await post(token, '/v1/clients', { name: 'N' }, key), first);
  });

  it('of many requests at once with one Idempotency-Key one runs', async () => {
    const { token } = await signUp();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(token, '/v1/clients', { name: 'N' }, key)));
    const ran = answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'));
    expect(ran).toHaveLength(1);
    for (const answer of answers) {
      if (answer === ran[0]) continue;
      if (answer.status === 201) expect(answer.text).toBe(ran[0]?.text);
      else {
        expectProblem(answer, 'idempotency-key-in-use');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    await listedInTime(token, 1);
  });

  it('an Idempotency-Key replays a refusal too', async () => {
    const { token } = await signUp();
    await post(token, '/v1/clients', { name: 'N', number: 'X' }, newKey());
    const key = newKey();
    const refused = await post(token, '/v1/clients', { name: 'M', number: 'X' }, key);
    expectProblem(refused, 'number-taken', ['/number']);
    expectReplay(await post(token, '/v1/clients', { name: 'M', number: 'X' }, key), refused);
  });

  it('invalid input and forbidden calls do not spend an Idempotency-Key', async () => {
    const company = await signUp();
    const key = newKey();
    expectProblem(await post(company.token, '/v1/clients', {}, key), 'validation');
    expectProblem(await post('nobody', '/v1/clients', { name: 'N' }, key), 'unauthenticated');
    const viewer = await tokenOf(company, 'viewer');
    expectProblem(await post(viewer, '/v1/clients', { name: 'N' }, key), 'role-too-low');
    const answer = await post(company.token, '/v1/clients', { name: 'N' }, key);
    expect({ status: answer.status, replayed: answer.headers.get('idempotency-replayed') }).toEqual({
      status: 201,
      replayed: null,
    });
  });

  it('an Idempotency-Key is of one company only', async () => {
    const [one, two] = [await signUp(), await signUp()];
    const key = newKey();
    const first = await post(one.token, '/v1/clients', { name: 'N' }, key);
    const second = await post(two.token, '/v1/clients', { name: 'N' }, key);
    expect(second.status).toBe(201);
    expect(second.headers.has('idempotency-replayed')).toBe(false);
    expect(second.json.id).not.toBe(first.json.id);
  });

  it('an Idempotency-Key has 1 to 255 visible characters', async () => {
    const { token } = await signUp();
    for (const key of ['x'.repeat(256), 'a b', 'ü', 'a\tb'])
      expectProblem(await post(token, '/v1/clients', { name: 'N' }, key), 'bad-idempotency-key');
    expect((await post(token, '/v1/clients', { name: 'N' }, '~'.repeat(255))).status).toBe(201);
  });

  it('an Idempotency-Key is ignored on other methods than POST', async () => {
    const { token } = await signUp();
    const headers = { 'idempotency-key': newKey() };
    for (let round = 1; round <= 2; round++) {
      const answer = await send('/v1/clients', { token, headers });
      expect({ status: answer.status, replayed: answer.headers.has('idempotency-replayed') }).toEqual({
        status: 200,
        replayed: false,
      });
    }
  });
});

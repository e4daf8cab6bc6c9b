import { describe, expect, it } from 'vitest';
import { send, signUp, signUpVerified, type TestCompany, tokenOf } from '../support/api/client.ts';
import { signedInUser } from '../support/api/links.ts';
import { expectProblem } from '../support/api/problem.ts';

const changeUser = ({ token, userId }: TestCompany, body: object, by = token, headers = {}) =>
  send(`/v1/users/${userId}`, { method: 'PATCH', token: by, body, headers });

describe('users', () => {
  it('users are listed, and read with a version', async () => {
    const { token, userId, email } = await signUp();
    const page = await send('/v1/users', { token });
    expect(page.json).toMatchObject({
      data: [{ id: userId, email, role: 'owner', status: 'active' }],
      nextCursor: null,
    });
    expect(page.text).not.toMatch(/hash|password/i);
    const one = await send(`/v1/users/${userId}`, { token });
    expect(one.json).toEqual(page.json.data[0]);
    expect(one.headers.get('etag')).toBe('"1"');
    const again = await send(`/v1/users/${userId}`, { token, headers: { 'if-none-match': '"1"' } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
  });

  it('a change of the name increments the version of a user', async () => {
    const company = await signUp();
    const changed = await changeUser(company, { name: 'Olive Newname' }, company.token, { 'if-match': '"1"' });
    expect(changed.json).toMatchObject({ name: 'Olive Newname', role: 'owner', version: 2 });
    expect(changed.headers.get('etag')).toBe('"2"');
    expectProblem(await changeUser(company, { name: 'Late' }, company.token, { 'if-match': '"1"' }), 'stale-version');
    expectProblem(await changeUser(company, { name: null }), 'validation', ['/name']);
    expectProblem(await changeUser(company, { role: 'king', email: 'x@y.example' }), 'validation', ['/role', '/email']);
  });

  it('the last owner of a company stays owner', async () => {
    const company = await signUp();
    expectProblem(await changeUser(company, { role: 'admin' }), 'last-owner');
    expectProblem(await changeUser(company, { status: 'deactivated' }), 'last-owner');
    const { json } = await send('/v1/me', { token: company.token });
    expect(json.user).toMatchObject({ role: 'owner', status: 'active', version: 1 });
  });

  it('a user is not changed by somebody of a lower role', async () => {
    const company = await signUp();
    const admin = await tokenOf(company, 'admin');
    for (const change of [{ role: 'viewer' }, { status: 'deactivated' }, { name: 'Renamed' }])
      expectProblem(await changeUser(company, change, admin), 'role-too-low');
    expectProblem(await changeUser(company, { name: 'X' }, await tokenOf(company, 'editor')), 'role-too-low');
  });
});

describe('API tokens', () => {
  const create = (token: string, role: string) =>
    send('/v1/api-tokens', { token, body: { name: 'Nightly export', role } });
  const list = (token: string) => send('/v1/api-tokens', { token });

  it('an API token shows its secret once', async () => {
    const { token, userId } = await signUp();
    const created = await create(token, 'editor');
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: expect.stringMatching(/^tok_/),
      name: 'Nightly export',
      role: 'editor',
      prefix: created.json.secret.slice(0, created.json.prefix.length),
      secret: expect.stringMatching(/^clt_/),
      expiresAt: null,
      lastUsedOn: null,
      createdAt: expect.any(String),
      createdBy: userId,
      createdByName: expect.any(String),
      version: 1,
    });
    const { secret, ...rest } = created.json;
    const listed = await list(token);
    expect(listed.json).toEqual({ data: [rest], nextCursor: null });
    expect(listed.text).not.toContain(secret.slice(-20));
  });

  it('an API token has the day of its last use', async () => {
    const { token } = await signUp();
    const { json } = await create(token, 'viewer');
    const before = new Date().toISOString().slice(0, 10);
    expect((await send('/v1/clients', { token: json.secret })).status).toBe(200);
    const after = new Date().toISOString().slice(0, 10);
    expect([before, after]).toContain((await list(token)).json.data[0].lastUsedOn);
  });

  it('a revoked API token is refused', async () => {
    const { token } = await signUp();
    const { json } = await create(token, 'viewer');
    const use = () => send('/v1/company', { token: json.secret });
    const revoke = () => send(`/v1/api-tokens/${json.id}`, { method: 'DELETE', token });
    expect((await use()).status).toBe(200);
    expect((await revoke()).status).toBe(204);
    expectProblem(await use(), 'unauthenticated');
    expectProblem(await revoke(), 'not-found');
    expect((await list(token)).json.data).toEqual([]);
  });

  it('an API token knows who it is, what it may do and until when', async () => {
    const { token, slug } = await signUp();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const { json } = await send('/v1/api-tokens', {
      token,
      body: { name: 'Nightly export', role: 'viewer', expiresAt },
    });
    expect(json.expiresAt).toBe(expiresAt);
    const own = await send('/v1/me', { token: json.secret });
    expect(own.json).toMatchObject({
      kind: 'token',
      id: json.id,
      name: 'Nightly export',
      role: 'viewer',
      expiresAt,
      company: { slug },
      user: null,
    });
  });

  it('an API token expires in the future and within five years', async () => {
    const { token } = await signUp();
    const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();
    for (const expiresAt of [days(-1), days(6 * 366), 'tomorrow', 5]) {
      const refused = await send('/v1/api-tokens', { token, body: { name: 'x', role: 'viewer', expiresAt } });
      expectProblem(refused, 'validation');
      expect(refused.json.errors).toMatchObject([{ pointer: '/expiresAt' }]);
    }
  });

  it('an API token is read and renamed, and works on', async () => {
    const { token } = await signUp();
    const { secret, id, ...made } = (await create(token, 'viewer')).json;
    const path = `/v1/api-tokens/${id}`;
    expect((await send(path, { token })).json).toEqual({ id, ...made });
    const renamed = await send(path, { token, method: 'PATCH', body: { name: 'Export' } });
    expect(renamed.json).toMatchObject({ name: 'Export', role: 'viewer', version: 2 });
    expectProblem(await send(path, { token, method: 'PATCH', body: { role: 'owner' } }), 'validation');
    const stale = { token, method: 'PATCH', body: { name: 'x' }, headers: { 'if-match': '"1"' } } as const;
    expectProblem(await send(path, stale), 'stale-version');
    expect((await send('/v1/me', { token: secret })).json.name).toBe('Export');
    await send(path, { token, method: 'DELETE' });
    expectProblem(await send(path, { token, method: 'PATCH', body: { name: 'x' } }), 'not-found');
  });

  it('an API token is accepted with its whole secret only', async () => {
    const { token } = await signUp();
    const { secret } = (await create(token, 'viewer')).json;
    for (const bad of [
      secret.slice(0, -1),
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
      secret.split('.')[0],
      `${secret}A`,
    ])
      expectProblem(await send('/v1/company', { token: bad }), 'unauthenticated');
  });

  it('an API token never has a higher role than its creator, and none makes another', async () => {
    const company = await signUpVerified();
    const admin = await signedInUser(company, 'admin');
    expect((await create(admin.token, 'admin')).status).toBe(201);
    expectProblem(await create(admin.token, 'owner'), 'role-too-low');
    expectProblem(await create((await signedInUser(company, 'editor')).token, 'viewer'), 'role-too-low');
    expectProblem(await create(await tokenOf(company, 'owner'), 'viewer'), 'people-only');
  });

  it('an API token ends with the user who made it, and the deactivation names it', async () => {
    const company = await signUpVerified();
    const admin = await signedInUser(company, 'admin');
    const { secret, ...made } = (await create(admin.token, 'admin')).json;
    const use = () => send('/v1/company', { token: secret });
    expect((await use()).status).toBe(200);
    const path = `/v1/users/${admin.id}`;
    const ended = await send(path, { method: 'PATCH', token: company.token, body: { status: 'deactivated' } });
    expect(ended.json.revokedApiTokens).toMatchObject([{ id: made.id, name: made.name, role: 'admin' }]);
    expectProblem(await use(), 'unauthenticated');
    expect((await list(company.token)).json.data).toEqual([]);
  });

  it('an admin revokes no API token of an owner', async () => {
    const company = await signUpVerified();
    const admin = await signedInUser(company, 'admin');
    const { id } = (await create(company.token, 'viewer')).json;
    const revoke = (token: string) => send(`/v1/api-tokens/${id}`, { method: 'DELETE', token });
    expectProblem(await revoke(admin.token), 'role-too-low');
    expect((await revoke(company.token)).status).toBe(204);
  });

  it('API tokens are listed oldest first, on full pages', async () => {
    const company = await signUp();
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.push((await create(company.token, 'user')).json.id);
    const found: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { json }: { json: { data: { id: string }[]; nextCursor: string | null } } = await send(
        `/v1/api-tokens?limit=2${cursor && `&cursor=${cursor}`}`,
        company,
      );
      found.push(...json.data.map(({ id }) => id));
      sizes.push(json.data.length);
      cursor = json.nextCursor;
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect([...found].sort()).toEqual([...made].sort());
    expect(found).toEqual([...found].sort());
  });
});

import { describe, expect, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const link = ({ token }: TestCompany, client: string, user: string, method = 'PUT') =>
  send(`/v1/clients/${client}/users/${user}`, { method, token });

describe('linked users', () => {
  it('users are linked to clients, listed from both sides and unlinked', async () => {
    const company = await signUp();
    const { token, userId } = company;
    const client = await createClient(company, { name: 'Northwind', settings: { currency: 'GBP' } });
    const linked = await link(company, client.id, userId);
    expect(linked.status).toBe(200);
    expect(linked.json).toMatchObject({ id: userId, name: 'Olive Owner', role: 'owner', status: 'active' });
    expect((await link(company, client.id, userId)).json).toEqual(linked.json);
    const users = await send(`/v1/clients/${client.id}/users`, { token });
    expect(users.json).toEqual({ data: [linked.json], nextCursor: null });
    const included = await send(`/v1/clients/${client.id}?include=users`, { token });
    expect(included.json.users).toEqual([linked.json]);
    expect((await send(`/v1/clients/${client.id}`, { token })).json).not.toHaveProperty('users');
    expectProblem(await send(`/v1/clients/${client.id}?include=nothing`, { token }), 'validation', ['?include']);
    const shown = { id: client.id, number: client.number, displayName: 'Northwind', currency: 'GBP', pricingId: null };
    for (const path of ['/v1/me/clients', `/v1/users/${userId}/clients`])
      expect((await send(path, { token })).json).toEqual({ data: [shown], nextCursor: null });
    expect((await link(company, client.id, userId, 'DELETE')).status).toBe(204);
    expectProblem(await link(company, client.id, userId, 'DELETE'), 'not-found');
    expect((await send('/v1/me/clients', { token })).json.data).toEqual([]);
  });

  it('only users of the same company can be linked', async () => {
    const company = await signUp();
    const other = await signUp();
    const client = await createClient(company, { name: 'Ours' });
    expectProblem(await link(company, client.id, other.userId), 'not-found');
    expectProblem(await link(other, client.id, other.userId), 'not-found');
    expectProblem(await send(`/v1/users/${company.userId}/clients`, { token: other.token }), 'not-found');
    expectProblem(await send(`/v1/clients/${client.id}/users`, { token: other.token }), 'not-found');
  });
});

describe('the role user', () => {
  it('the role user sees its own clients only, even if the module is for admins', async () => {
    const company = await signUp();
    const token = await tokenOf(company, 'user');
    const client = await createClient(company, { name: 'Hidden' });
    for (const path of ['/v1/clients', `/v1/clients/${client.id}`, `/v1/clients/${client.id}/users`])
      expectProblem(await send(path, { token }), 'role-too-low');
    expect((await send('/v1/me/clients', { token })).json).toEqual({ data: [], nextCursor: null });
    const module = (status: string) =>
      send('/v1/company/modules/clients', {
        method: 'PUT',
        token: company.token,
        body: { status, minimumRole: 'admin', requiredFields: [] },
      });
    await module('active');
    expect((await send('/v1/me/clients', { token })).status).toBe(200);
    await module('inactive');
    expectProblem(await send('/v1/me/clients', { token }), 'module-inactive');
  });
});

describe('a bulk action', () => {
  it('a bulk action answers for each client, and runs once for an Idempotency-Key', async () => {
    const company = await signUp();
    const { token } = company;
    const made = [await createClient(company, { name: 'A' }), await createClient(company, { name: 'B' })];
    const ids = [made[1].id, 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA', made[0].id, made[1].id];
    const body = { action: 'setStatus', ids, status: 'fraud' };
    const headers = { 'idempotency-key': `bulk-${made[0].id}` };
    const first = await send('/v1/clients/bulk', { token, body, headers });
    expect(first.status).toBe(200);
    expect(first.json.results.map(({ id, status }: Record<string, unknown>) => [id, status])).toEqual([
      [made[1].id, 200],
      ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA', 404],
      [made[0].id, 200],
    ]);
    expect(first.json.results[1].problem).toMatchObject({ type: '/problems/not-found', status: 404 });
    const again = await send('/v1/clients/bulk', { token, body, headers });
    expect([again.headers.get('idempotency-replayed'), again.json]).toEqual(['true', first.json]);
    for (const { id } of made) expect((await send(`/v1/clients/${id}`, { token })).json.status).toBe('fraud');
  });

  it('a bulk action names the invalid fields of its body', async () => {
    const { token } = await signUp();
    const bulk = (body: unknown) => send('/v1/clients/bulk', { token, body });
    expectProblem(await bulk({ action: 'setGroup', ids: ['x'] }), 'validation', ['/groupId']);
    expectProblem(await bulk({ action: 'setStatus', ids: [], status: 'x' }), 'validation', ['/ids', '/status']);
    expectProblem(await bulk({ action: 'archive', ids: ['x'], groupId: null }), 'validation', ['/groupId']);
    expectProblem(await bulk({ action: 'delete', ids: ['x'] }), 'validation', ['/action']);
    expectProblem(await bulk({ ids: ['x'] }), 'validation', ['/action']);
    const many = Array.from({ length: 501 }, (_, index) => `id-${index}`);
    expectProblem(await bulk({ action: 'archive', ids: many }), 'validation', ['/ids']);
  });

  it('a bulk action changes five hundred clients within the time limit of the API', async () => {
    const company = await signUp();
    const { token } = company;
    const ids: string[] = [];
    const one = async () => {
      while (ids.length < 120) ids.push((await createClient(company, { name: `C${ids.length}` })).id);
    };
    await Promise.all(Array.from({ length: 6 }, one));
    const missing = Array.from({ length: 500 - ids.length }, (_, index) => `nobody-${index}`);
    const { status, json } = await send('/v1/clients/bulk', {
      token,
      body: { action: 'archive', ids: [...ids, ...missing] },
    });
    expect(status).toBe(200);
    const statuses = json.results.map((result: { status: number }) => result.status);
    expect(statuses.filter((one: number) => one === 200)).toHaveLength(ids.length);
    expect(statuses.filter((one: number) => one === 404)).toHaveLength(missing.length);
  });
});

it('an overview shows the notes and links to everything of the client', async () => {
  const company = await signUp();
  const { id, groupId } = await createClient(company, { name: 'Seen', publicNotes: 'open', privateNotes: 'closed' });
  const { json } = await send(`/v1/clients/${id}/overview`, { token: company.token });
  expect(json).toMatchObject({ balances: [], publicNotes: 'open', privateNotes: 'closed' });
  expect(json.categories.documents).toEqual({
    count: 0,
    href: `/v1/clients/${id}/documents`,
    createHref: `/v1/clients/${id}/documents`,
  });
  expect(json.categories.groups.href).toBe(`/v1/groups/${groupId}`);
});

import { describe, expect, it, vi } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

async function createGroup({ token }: TestCompany, fields: Record<string, unknown> = { name: 'Key accounts' }) {
  const answer = await send('/v1/groups', { token, body: fields });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`/v1/groups/${answer.json.id}`);
  return answer.json;
}

describe('groups', () => {
  it('groups are created, listed, read and changed', async () => {
    const company = await signUp();
    const { token } = company;
    const group = await createGroup(company, { name: 'Key accounts', settings: { paymentTermsDays: 14 } });
    expect(group).toMatchObject({ status: 'active', deletion: null, version: 1, settings: { paymentTermsDays: 14 } });
    const path = `/v1/groups/${group.id}`;
    const changed = await send(path, {
      method: 'PATCH',
      token,
      body: { settings: { paymentTermsDays: null, language: 'fr' } },
      headers: { 'if-match': '"1"' },
    });
    expect(changed.json).toMatchObject({ settings: { language: 'fr' }, version: 2 });
    const stale = await send(path, { method: 'PATCH', token, body: { name: 'x' }, headers: { 'if-match': '"1"' } });
    expect([stale.status, stale.json.type]).toEqual([412, '/problems/stale-version']);
    expect((await send(path, { token, headers: { 'if-none-match': '"2"' } })).status).toBe(304);
    const { json } = await send('/v1/groups?limit=1', { token });
    expect(json.data.map(({ name }: { name: string }) => name)).toEqual(['General']);
    const next = await send(`/v1/groups?limit=1&cursor=${json.nextCursor}`, { token });
    expect([next.json.data[0].id, next.json.nextCursor]).toEqual([group.id, null]);
  });

  it('a name that differs only in case is taken', async () => {
    const company = await signUp();
    await createGroup(company, { name: 'Key accounts' });
    for (const name of ['KEY ACCOUNTS', 'general'])
      expectProblem(await send('/v1/groups', { token: company.token, body: { name } }), 'group-name-taken', ['/name']);
  });

  it('a group is created once for an Idempotency-Key', async () => {
    const { token } = await signUp();
    const once = () => send('/v1/groups', { token, body: { name: 'Once' }, headers: { 'idempotency-key': 'g-1' } });
    const [first, second] = [await once(), await once()];
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('admins write groups, viewers read them', async () => {
    const company = await signUp();
    const group = await createGroup(company);
    const [editor, viewer, user] = [
      await tokenOf(company, 'editor'),
      await tokenOf(company, 'viewer'),
      await tokenOf(company, 'user'),
    ];
    expect((await send('/v1/groups', { token: editor, body: { name: 'x' } })).status).toBe(403);
    expect((await send(`/v1/groups/${group.id}`, { token: viewer })).status).toBe(200);
    expect((await send('/v1/groups/report', { token: user })).status).toBe(403);
    const other = await signUp();
    expect((await send(`/v1/groups/${group.id}`, { token: other.token })).status).toBe(404);
  });

  it.each([
    [{ name: '' }, '/name', 'required'],
    [{ name: 'x', colour: 'red' }, '/colour', 'unknown-field'],
    [{ name: 'x', settings: { currency: 'XXX' } }, '/settings/currency', 'not-allowed'],
    [{ name: 'x', settings: { timezone: 'Mars/Base' } }, '/settings/timezone', 'not-allowed'],
    [{ name: 'x', settings: { language: '!' } }, '/settings/language', 'not-allowed'],
    [{ name: 'x', settings: { paymentTermsDays: -1 } }, '/settings/paymentTermsDays', 'too-small'],
    [
      { name: 'x', settings: { taskHourlyRate: { amount: -1, currency: 'EUR' } } },
      '/settings/taskHourlyRate/amount',
      'too-small',
    ],
  ])('a group with %j is refused with a pointer', async (body, pointer, code) => {
    const { token } = await signUp();
    const { status, json } = await send('/v1/groups', { token, body });
    expect(status).toBe(400);
    expect(json.errors).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  it('the clients of a deleted group move to General, and then the group is gone', async () => {
    const company = await signUp();
    const { token } = company;
    const group = await createGroup(company);
    const clients = [];
    for (let index = 0; index < 3; index++) clients.push(await createClient(company, { name: 'A', groupId: group.id }));
    const begun = await send(`/v1/groups/${group.id}`, { method: 'DELETE', token });
    expect(begun.status).toBe(202);
    expect(begun.json).toMatchObject({ status: 'deleting', deletion: { moved: 0, remaining: 3 } });
    const refused = await send('/v1/clients', { token, body: { name: 'B', groupId: group.id } });
    expect([refused.status, refused.json.errors?.[0].pointer]).toEqual([400, '/groupId']);
    await vi.waitFor(async () => expect((await send(`/v1/groups/${group.id}`, { token })).status).toBe(404), {
      timeout: 30_000,
      interval: 100,
    });
    const [general] = (await send('/v1/groups', { token })).json.data;
    for (const { id } of clients) expect((await send(`/v1/clients/${id}`, { token })).json.groupId).toBe(general.id);
  });

  it('the General group cannot be deleted', async () => {
    const { token } = await signUp();
    const [general] = (await send('/v1/groups', { token })).json.data;
    const answer = await send(`/v1/groups/${general.id}`, { method: 'DELETE', token });
    expect([answer.status, answer.json.type]).toEqual([409, '/problems/group-protected']);
  });

  it('the report ranks groups by their clients', async () => {
    const company = await signUp();
    const { token } = company;
    const group = await createGroup(company);
    for (let index = 0; index < 2; index++) await createClient(company, { name: 'A', groupId: group.id });
    await createClient(company);
    await vi.waitFor(
      async () => {
        const { json } = await send('/v1/groups/report', { token });
        expect(json.data).toMatchObject([
          { group: { id: group.id, name: 'Key accounts' }, clients: 2 },
          { group: { name: 'General' }, clients: 1 },
        ]);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
});

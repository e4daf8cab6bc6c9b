import { beforeAll, describe, expect, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { documentInputOf, put, waitUntilAvailable } from '../support/api/documents.ts';
import { expectProblem } from '../support/api/problem.ts';

let company: TestCompany;
beforeAll(async () => {
  company = await signUp();
});

const change = (path: string, body: object, token = company.token) => send(path, { method: 'PATCH', token, body });
const activityOf = (id: string, query = '') => send(`/v1/clients/${id}/activity${query}`, company);

describe('the activity of a client', () => {
  it('activity says who did what, whether a person or an API token', async () => {
    const { id } = await createClient(company, { name: 'Seen' });
    await change(
      `/v1/clients/${id}`,
      { industry: 'Design', privateNotes: 'pays late' },
      await tokenOf(company, 'editor'),
    );
    const { status, json, text } = await activityOf(id);
    expect(status).toBe(200);
    const [updated, created] = json.data;
    expect(updated).toEqual({
      id: expect.stringMatching(/^act_/),
      clientId: id,
      at: expect.any(String),
      actor: { kind: 'token', id: expect.stringMatching(/^tok_/), name: expect.any(String) },
      action: 'client.updated',
      subject: { type: 'client', id, label: 'Seen' },
      changes: [
        { field: 'industry', from: null, to: 'Design' },
        { field: 'privateNotes', from: null, to: null, redacted: true },
      ],
      moreChanges: 0,
    });
    expect(created).toMatchObject({
      actor: { kind: 'user', id: company.userId, name: 'Olive Owner' },
      action: 'client.created',
    });
    expect(text).not.toContain('pays late');
    expect(json.nextCursor).toBeNull();
  });

  it('activity is read in pages, also for an archived client', async () => {
    const { id } = await createClient(company, { name: '0' });
    for (const name of ['1', '2', '3']) await change(`/v1/clients/${id}`, { name });
    await send(`/v1/clients/${id}/archive`, { method: 'POST', token: company.token });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { json } = await activityOf(id, `?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(json.data.length).toBeLessThanOrEqual(2);
      seen.push(
        ...json.data.map(({ action, subject }: Record<string, { label: string }>) => `${action} ${subject?.label}`),
      );
      cursor = json.nextCursor;
    }
    expect(seen).toEqual([
      'client.archived 3',
      'client.updated 3',
      'client.updated 2',
      'client.updated 1',
      'client.created 0',
    ]);
    const other = await createClient(company);
    const { json } = await activityOf(id, '?limit=1');
    expectProblem(await activityOf(other.id, `?limit=1&cursor=${json.nextCursor}`), 'bad-cursor');
  });

  it('a day by which activity is filtered is one of the company, wherever that is', async () => {
    const own = await signUp();
    const { id } = await createClient(own);
    const [entry] = (await send('/v1/activity', own)).json.data;
    // One of them has another day than UTC at any time.
    const timezone = new Date(entry.at).getUTCHours() < 11 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati';
    await send('/v1/company/settings', { method: 'PATCH', token: own.token, body: { timezone } });
    const dayIn = (timeZone: string) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(entry.at));
    for (const path of ['/v1/activity', `/v1/clients/${id}/activity`]) {
      const on = async (day: string) => (await send(`${path}?from=${day}&to=${day}`, own)).json.data;
      expect(await on(dayIn(timezone))).toEqual([entry]);
      expect(await on(dayIn('UTC'))).toEqual([]);
    }
  });

  it('a change sent twice with one Idempotency-Key has one activity entry', async () => {
    const { id } = await createClient(company);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const add = () => send(`/v1/clients/${id}/contacts`, { token: company.token, body: { firstName: 'Ada' }, headers });
    for (const _ of [1, 2]) expect((await add()).status).toBe(201);
    expect((await activityOf(id)).json.data.map(({ action }: { action: string }) => action)).toEqual([
      'contact.created',
      'client.created',
    ]);
  });

  it('activity has each change of a document once, and none that the storage made', async () => {
    const { id } = await createClient(company);
    const editor = await tokenOf(company, 'editor');
    const body = documentInputOf('bytes', { name: 'Contract.pdf' });
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const create = () => send(`/v1/clients/${id}/documents`, { token: company.token, body, headers });
    const [{ json: first }] = [await create(), await create()];
    const { document, upload } = first;
    expect(await put(upload, 'bytes')).toBe(200);
    await waitUntilAvailable(company.token, id, document.id);
    const one = `/v1/clients/${id}/documents/${document.id}`;
    for (const name of ['Vertrag.pdf', 'Vertrag.pdf']) expect((await change(one, { name }, editor)).status).toBe(200);
    expect((await send(one, { method: 'DELETE', token: editor })).status).toBe(204);
    const { json } = await activityOf(id);
    expect(json.data.map(({ action }: { action: string }) => action)).toEqual([
      'document.deleted',
      'document.updated',
      'document.created',
      'client.created',
    ]);
    const [deleted, updated, created] = json.data;
    const by = { kind: 'user', id: company.userId };
    expect(created).toMatchObject({ actor: by, subject: { type: 'document', id: document.id, label: 'Contract.pdf' } });
    expect(created.changes).toContainEqual({ field: 'size', from: null, to: 5 });
    expect(updated).toMatchObject({
      actor: { kind: 'token' },
      changes: [{ field: 'name', from: 'Contract.pdf', to: 'Vertrag.pdf' }],
    });
    expect(deleted).toMatchObject({ actor: { kind: 'token' }, subject: { label: 'Vertrag.pdf' } });
  });

  it('activity comes with the profile when included', async () => {
    const { id } = await createClient(company);
    const profile = (include: string) => send(`/v1/clients/${id}?include=${include}`, company);
    const { json } = await activityOf(id);
    for (const include of ['activity', 'users,activity', 'activity,users'])
      expect((await profile(include)).json.activity).toEqual(json.data);
    expect((await profile('users,activity')).json.users).toEqual([]);
    expect((await profile('activity')).json).not.toHaveProperty('users');
    expect((await profile('users')).json).not.toHaveProperty('activity');
    for (const wrong of ['', 'activity,', 'everything', 'activity users'])
      expectProblem(await profile(wrong), 'validation', ['?include']);
  });

  it('activity is kept for as many days as the company has set', async () => {
    const own = await signUp();
    const set = (retention: unknown) =>
      send('/v1/company/settings', { method: 'PATCH', token: own.token, body: { retention } });
    expect((await send('/v1/company/settings', own)).json.retention).toEqual({ activityDays: null });
    expect((await set({ activityDays: 365 })).json.retention).toEqual({ activityDays: 365 });
    for (const wrong of [{ activityDays: 0 }, { activityDays: 29 }, { activityDays: '30' }])
      expectProblem(await set(wrong), 'validation', ['/retention/activityDays']);
    expect((await set(null)).json.retention).toEqual({ activityDays: null });
  });
});

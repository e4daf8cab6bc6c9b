import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Route } from '../../lib/http/contract.ts';
import { send } from '../support/api/client.ts';
import { type FullCompany, fullCompany } from '../support/api/full-company.ts';
import { expectProblem } from '../support/api/problem.ts';
import { pathOf, routes } from '../support/api/routes.ts';

const reads = new Map(routes.filter(({ route }) => route.method === 'GET').map(({ route }) => [route.path, route]));
const changes = routes.filter(
  ({ route: { method, path, body } }) => body && (method === 'PATCH' || method === 'PUT') && reads.has(path),
);

/** Fields of answers that can only be read, by the operation that changes the record: one with a value that it never has. */
const isOfRecord = (name: string) => ['version', 'updatedAt', 'createdAt', 'id', 'source'].includes(name);

describe.skipIf(!inject('inboxIsOpen'))('what was read can be sent back', () => {
  let full: FullCompany;
  beforeAll(async () => {
    full = await fullCompany();
    const { token } = full.company;
    const text = { subject: 'Welcome', body: 'Hello $contact.first_name,\n\n$portal.link' };
    const saved = await send('/v1/templates/invitation/en', { method: 'PUT', token, body: text });
    expect(saved.status).toBe(201);
    const phones = ['+44 20 7946 0001', '020 7946 0002'].map((number) => ({ kind: 'phone', number }));
    const rich = {
      phones,
      publicNotes: '',
      billingAddress: { line1: '1 Harbour Road', country: 'GB' },
      shippingAddress: 'copy-billing',
      vatNumber: 'GB1',
      marketingOptIn: true,
      settings: { language: 'fr', emailSignature: 'Olive' },
      customFields: { custom1: 'gold' },
      metadata: { crm: '' },
    };
    const { clientId } = full.ids;
    expect((await send(`/v1/clients/${clientId}`, { method: 'PATCH', token, body: rich })).status).toBe(200);
  });

  const change = (route: Route, body: unknown, headers = {}) =>
    send(pathOf(route, full.ids), { method: route.method, token: full.company.token, body, headers });
  const read = (route: Route) => send(pathOf(route, full.ids), full.company);
  const entriesOfActivity = async () =>
    (await send(`/v1/clients/${full.ids.clientId}/activity`, full.company)).json.data.length;

  it.each(changes)('$id accepts the whole record and changes nothing', async ({ route }) => {
    const before = await read(route);
    const entries = await entriesOfActivity();
    const answer = await change(route, before.json);
    expect({ status: answer.status, problem: answer.json.errors }).toEqual({ status: 200 });
    expect(answer.json).toMatchObject(before.json);
    const after = await read(route);
    expect([after.json, after.headers.get('etag')]).toEqual([before.json, before.headers.get('etag')]);
    expect(await entriesOfActivity()).toBe(entries);
  });

  it.each(changes)('$id refuses another value of a field that can only be read', async ({ route }) => {
    const { json: before } = await read(route);
    for (const name of Object.keys(before).filter(isOfRecord)) {
      const wrong = typeof before[name] === 'number' ? before[name] + 1 : 'other';
      const answer = await change(route, { ...before, [name]: wrong });
      expectProblem(answer, 'validation', [`/${name}`]);
      expect(answer.json.errors[0].code).toBe('read-only');
    }
    const unknown = await change(route, { ...before, nope: 1 });
    expectProblem(unknown, 'validation', ['/nope']);
    expect(unknown.json.errors[0].code).toBe('unknown-field');
    expect((await read(route)).json).toEqual(before);
  });

  it('a change of a field goes through with all that was read beside it', async () => {
    const path = `/v1/clients/${full.ids.clientId}`;
    const { json: before } = await send(path, full.company);
    const [phone, ...others] = before.phones;
    const phones = [{ ...phone, extension: '12' }, ...others];
    const { token } = full.company;
    const answer = await send(path, { method: 'PATCH', token, body: { ...before, phones, industry: 'Bakery' } });
    expect(answer.json).toMatchObject({ industry: 'Bakery', phones, version: before.version + 1 });
  });

  it('the version that was read protects the change of another editor', async () => {
    const path = `/v1/clients/${full.ids.clientId}`;
    const { token } = full.company;
    const { json: before, headers } = await send(path, full.company);
    await send(path, { method: 'PATCH', token, body: { size: '10' } });
    const body = { ...before, size: '20' };
    const answer = await send(path, { method: 'PATCH', token, body });
    expectProblem(answer, 'validation');
    expect(answer.json.errors).toContainEqual({
      pointer: '/version',
      code: 'read-only',
      detail: `The record has version ${before.version + 1}. Read it again and repeat the change.`,
    });
    const withTag = await send(path, {
      method: 'PATCH',
      token,
      body,
      headers: { 'if-match': headers.get('etag') ?? '' },
    });
    expectProblem(withTag, 'stale-version');
  });
});

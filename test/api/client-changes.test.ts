import { describe, expect, it } from 'vitest';
import { createClient, send, sharedCompany, type TestCompany } from '../support/api/client.ts';
import { expectProblem, seen } from '../support/api/problem.ts';

const profile = ({ token }: TestCompany, id: string, headers = {}) => send(`/v1/clients/${id}`, { token, headers });
const patch = ({ token }: TestCompany, id: string, body: unknown, headers = {}) =>
  send(`/v1/clients/${id}`, { method: 'PATCH', token, body, headers });
const act = ({ token }: TestCompany, id: string, action: string, headers = {}) =>
  send(`/v1/clients/${id}/${action}`, { method: 'POST', token, headers });

const FULL = {
  name: 'Northwind',
  contacts: [{ firstName: 'Ada', lastName: 'Byron' }],
  billingAddress: { line1: '1 Harbour Road', city: 'London', country: 'GB' },
  phones: [{ kind: 'phone', location: 'work', number: '1', extension: null }],
  settings: { currency: 'GBP', reminders: { sendHour: 5, rules: [] } },
  customFields: { custom1: 'gold', custom2: 1 },
  metadata: { crm: '42', erp: '43' },
  tags: ['studio'],
  privateNotes: 'pays late',
  status: 'inactive',
  marketingOptIn: { granted: true, at: '2026-01-31T09:30:00.000Z', how: 'fair' },
};

describe('changing a client', () => {
  it('a patch leaves the fields alone that it does not name', async () => {
    const company = await sharedCompany();
    const before = await createClient(company, FULL);
    const answer = await patch(company, before.id, { publicNotes: 'hello' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.json).toEqual({ ...before, publicNotes: 'hello', version: 2, updatedAt: answer.json.updatedAt });
    expect(answer.json.updatedAt >= before.updatedAt).toBe(true);
    expect((await profile(company, before.id)).json).toEqual(answer.json);
  });

  it('a patch merges objects, replaces arrays and clears fields with null', async () => {
    const company = await sharedCompany();
    const before = await createClient(company, FULL);
    const { json } = await patch(company, before.id, {
      billingAddress: { city: 'Leeds', country: null },
      shippingAddress: { city: 'Hull' },
      phones: [],
      settings: { currency: null, reminders: { sendHour: 6 } },
      customFields: { custom1: null, custom3: true },
      metadata: { crm: null, wms: '1' },
      tags: ['b', 'b'],
      privateNotes: null,
      status: null,
      groupId: null,
    });
    expect(json).toMatchObject({
      billingAddress: { ...before.billingAddress, city: 'Leeds', country: null },
      shippingAddress: { line1: null, city: 'Hull' },
      phones: [],
      privateNotes: '',
      status: 'active',
      tags: ['b'],
      groupId: before.groupId,
    });
    expect(json.settings).toEqual({ reminders: { sendHour: 6, rules: [] } });
    expect(json.customFields).toEqual({ custom2: 1, custom3: true });
    expect(json.metadata).toEqual({ erp: '43', wms: '1' });
    const cleared = await patch(company, before.id, {
      billingAddress: null,
      name: null,
      settings: null,
      metadata: null,
    });
    expect(cleared.json).toMatchObject({ billingAddress: null, name: null, displayName: 'Ada Byron' });
    expect({ settings: cleared.json.settings, metadata: cleared.json.metadata }).toEqual({
      settings: {},
      metadata: {},
    });
  });

  it('copy-billing copies the billing address as the patch leaves it', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company, { ...FULL, shippingAddress: { city: 'Hull' } });
    const { json } = await patch(company, id, { shippingAddress: 'copy-billing', billingAddress: { city: 'Leeds' } });
    expect(json.shippingAddress).toEqual({ ...json.billingAddress, city: 'Leeds', line1: '1 Harbour Road' });
    const later = await patch(company, id, { billingAddress: { city: 'York' } });
    expect(later.json.shippingAddress.city).toBe('Leeds');
  });

  it('a patch of the marketing consent records when it changed', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company, FULL);
    const { json } = await patch(company, id, { marketingOptIn: { granted: false } });
    expect(json.marketingOptIn).toEqual({ granted: false, at: expect.any(String), how: 'fair' });
    expect(json.marketingOptIn.at > FULL.marketingOptIn.at).toBe(true);
    expect((await patch(company, id, { marketingOptIn: null })).json.marketingOptIn).toBeNull();
  });

  it('a patch refuses contacts and read-only fields', async () => {
    const company = await sharedCompany();
    const before = await createClient(company, FULL);
    const fields = [
      'contacts',
      'id',
      'displayName',
      'version',
      'createdAt',
      'balances',
      'sendWelcomeEmail',
      'primaryContact',
    ];
    const body = Object.fromEntries(fields.map((field) => [field, null]));
    expectProblem(
      await patch(company, before.id, body),
      'validation',
      fields.map((field) => `/${field}`),
    );
    expect((await profile(company, before.id)).json).toEqual(before);
  });

  it('a patch is validated as the client it results in, with every invalid field named', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company, { name: 'Alone' });
    expectProblem(await patch(company, id, { name: null }), 'validation', ['/name']);
    expectProblem(
      await patch(company, id, { number: null, billingAddress: { country: 'UK' }, phones: [{}] }),
      'validation',
      ['/number', '/billingAddress/country', '/phones/0/kind', '/phones/0/number'],
    );
    expectProblem(await patch(company, id, { number: null }), 'validation', ['/number']);
    expectProblem(await patch(company, id, { settings: { reminders: { endless: { everyDays: 3 } } } }), 'validation', [
      ...['/settings/reminders/sendHour', '/settings/reminders/rules'],
    ]);
  });

  it('a patch that changes nothing keeps the version', async () => {
    const company = await sharedCompany();
    const before = await createClient(company, FULL);
    for (const body of [{}, { name: 'Northwind' }, { billingAddress: { city: 'London' }, website: null }]) {
      const answer = await patch(company, before.id, body);
      expect(answer.json).toEqual(before);
      expect(answer.headers.get('etag')).toBe('"1"');
    }
  });

  it('a patch refuses a number or idNumber that another client has', async () => {
    const company = await sharedCompany();
    const first = await createClient(company, { name: 'A', idNumber: 'A' });
    const second = await createClient(company, { name: 'B' });
    expectProblem(await patch(company, second.id, { number: first.number }), 'number-taken', ['/number']);
    expectProblem(await patch(company, second.id, { idNumber: 'A' }), 'id-number-taken', ['/idNumber']);
  });

  it('a patch may have the media type of JSON merge patches', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company);
    const headers = { 'content-type': 'application/merge-patch+json; charset=utf-8' };
    expect((await patch(company, id, { name: 'New' }, headers)).json.name).toBe('New');
  });
});

describe('versions', () => {
  it('a stale If-Match is refused; the current version, a list with it and * are accepted', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company);
    const rename = (name: string, ifMatch: string) => patch(company, id, { name }, { 'if-match': ifMatch });
    expect((await rename('one', '"1"')).json.version).toBe(2);
    for (const stale of ['"1"', 'W/"2"', '"two"', '2', '"1", W/"2"'])
      expectProblem(await rename('stale', stale), 'stale-version');
    expect((await rename('two', '"7", "2"')).json.version).toBe(3);
    expect((await rename('three', '*')).json).toMatchObject({ name: 'three', version: 4 });
    expectProblem(await act(company, id, 'archive', { 'if-match': '"3"' }), 'stale-version');
    expect((await act(company, id, 'archive', { 'if-match': '"4"' })).json.version).toBe(5);
  });

  it('a read with the current version in If-None-Match is answered 304', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company);
    for (const tags of ['"1"', 'W/"1"', '"9", "1"', '*']) {
      const answer = await profile(company, id, { 'if-none-match': tags });
      expect({ status: answer.status, text: answer.text, tag: answer.headers.get('etag') }).toEqual({
        status: 304,
        text: '',
        tag: '"1"',
      });
    }
    expect((await profile(company, id, { 'if-none-match': '"2"' })).status).toBe(200);
  });
});

describe('the archive', () => {
  it('an archived client keeps all its data and can be restored', async () => {
    const company = await sharedCompany();
    const before = await createClient(company, FULL);
    const archived = await act(company, before.id, 'archive');
    expect(archived.json).toEqual({
      ...before,
      archivedAt: expect.stringMatching(/Z$/),
      updatedAt: archived.json.updatedAt,
      version: 2,
    });
    expect((await act(company, before.id, 'archive')).json).toEqual(archived.json);
    expect((await profile(company, before.id)).json).toEqual(archived.json);
    const restored = await act(company, before.id, 'restore');
    expect(restored.json).toEqual({ ...before, updatedAt: restored.json.updatedAt, version: 3 });
    expect((await act(company, before.id, 'restore')).json).toEqual(restored.json);
  });

  it('only existing clients can be archived, changed and read', async () => {
    const company = await sharedCompany();
    const missing = 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA';
    for (const id of [missing, 'cli_1', 'x', '%20', 'usr_01JD8X3V5QZ7M2K4N6P8R0S1TA']) {
      expectProblem(await act(company, id, 'archive'), 'not-found');
      expectProblem(await patch(company, id, { name: 'N' }), 'not-found');
      expect(seen(await profile(company, id))).toEqual(seen(await profile(company, missing)));
    }
  });
});

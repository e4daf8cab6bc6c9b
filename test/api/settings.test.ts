import { describe, expect, it } from 'vitest';
import { createClient, send, signUp, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

describe("a client's settings", () => {
  it('the settings of a client come from client, group, company or default, and say which', async () => {
    const company = await signUp();
    const { token } = company;
    const group = await send('/v1/groups', { token, body: { name: 'G', settings: { paymentTermsDays: 14 } } });
    const client = await createClient(company, { name: 'A', groupId: group.json.id, settings: { language: 'fr' } });
    const path = `/v1/clients/${client.id}/settings`;
    const { json } = await send(path, { token });
    expect(json).toMatchObject({
      language: { value: 'fr', source: 'client' },
      paymentTermsDays: { value: 14, source: 'group' },
      currency: { value: 'EUR', source: 'company' },
      quoteValidDays: { value: 30, source: 'default' },
    });
    const changed = await send(path, {
      method: 'PATCH',
      token,
      body: { language: null, invoiceDelivery: 'post', portalPermissions: { ledger: false } },
      headers: { 'if-match': '"1"' },
    });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(changed.json).toMatchObject({
      language: { value: 'en', source: 'company' },
      invoiceDelivery: { value: 'post', source: 'client' },
      portalPermissions: { value: { ledger: false, invoices: true }, source: 'client' },
    });
    const profile = await send(`/v1/clients/${client.id}`, { token });
    expect(profile.json).toMatchObject({
      invoiceDelivery: 'post',
      portalPermissions: { ledger: false },
      settings: { invoiceDelivery: 'post', portalPermissions: { ledger: false } },
    });
    await send(`/v1/groups/${group.json.id}`, { method: 'PATCH', token, body: { settings: { paymentTermsDays: 7 } } });
    expect((await send(path, { token })).json.paymentTermsDays).toEqual({ value: 7, source: 'group' });
  });

  it.each([
    [{ timezone: 'Mars/Base' }, '/timezone', 'not-allowed'],
    [{ colour: 'red' }, '/colour', 'unknown-field'],
    [{ reminders: { sendHour: 24, rules: [] } }, '/reminders/sendHour', 'too-big'],
    [
      {
        reminders: {
          sendHour: 8,
          rules: [{ days: 3, when: 'afterDueDate', lateFee: { amount: 0, currency: 'EUR' } }],
        },
      },
      '/reminders/rules/0/lateFee/amount',
      'too-small',
    ],
    [
      {
        reminders: {
          sendHour: 8,
          rules: [
            { days: 3, when: 'afterDueDate' },
            { days: 3, when: 'afterDueDate' },
          ],
        },
      },
      '/reminders/rules/1',
      'duplicate',
    ],
    [{ currency: null, portalPermissions: { everything: true } }, '/portalPermissions/everything', 'unknown-field'],
  ])('the settings of a client refuse %j', async (body, pointer, code) => {
    const company = await signUp();
    const { id } = await createClient(company);
    const answer = await send(`/v1/clients/${id}/settings`, { method: 'PATCH', token: company.token, body });
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  it('the settings of a client are written by editors of its company only', async () => {
    const company = await signUp();
    const { id } = await createClient(company);
    const path = `/v1/clients/${id}/settings`;
    const body = { paymentTermsDays: 3 };
    expect((await send(path, { method: 'PATCH', token: await tokenOf(company, 'viewer'), body })).status).toBe(403);
    expect((await send(path, { method: 'PATCH', token: await tokenOf(company, 'editor'), body })).status).toBe(200);
    expect((await send(path, { token: (await signUp()).token })).status).toBe(404);
  });
});

describe('custom fields', () => {
  const define = (token: string, customFields: Record<string, unknown>) =>
    send('/v1/company/settings', { method: 'PATCH', token, body: { customFields } });

  it('custom fields are checked against the definitions of the company', async () => {
    const { token } = await signUp();
    const free = await send('/v1/clients', { token, body: { name: 'A', customFields: { custom1: 'bronze' } } });
    expect(free.status).toBe(201);
    const tier = { label: 'Tier', kind: 'choice', choices: ['gold', 'silver'], required: true };
    const defined = await define(token, { client: { custom1: tier } });
    expect(defined.json.customFields).toEqual({ client: { custom1: tier }, contact: {} });
    const refused = await send('/v1/clients', { token, body: { name: 'B', customFields: { custom1: 'bronze' } } });
    expect(refused.json.errors).toMatchObject([{ pointer: '/customFields/custom1', code: 'not-allowed' }]);
    const lacking = await send('/v1/clients', { token, body: { name: 'B' } });
    expect(lacking.json.errors).toMatchObject([{ pointer: '/customFields/custom1', code: 'required' }]);
    const old = `/v1/clients/${free.json.id}`;
    const patched = await send(old, { method: 'PATCH', token, body: { industry: 'Design' } });
    expect([patched.status, patched.json.customFields]).toEqual([200, { custom1: 'bronze' }]);
    expectProblem(await define(token, { client: { custom1: null } }), 'custom-field-in-use', [
      '/customFields/client/custom1',
    ]);
    const removed = await send('/v1/company/settings?force=true', {
      method: 'PATCH',
      token,
      body: { customFields: { client: { custom1: null } } },
    });
    expect(removed.json.customFields.client).toEqual({});
    expect((await send(old, { token })).json.customFields).toEqual({});
    const written = await send(old, { method: 'PATCH', token, body: { customFields: { custom1: 'gold' } } });
    expectProblem(written, 'validation', ['/customFields/custom1']);
    expect((await send('/v1/clients', { token, body: { name: 'B' } })).status).toBe(201);
  });

  it.each([
    [{ client: { custom1: { label: 'A', kind: 'choice' } } }, '/customFields/client/custom1/choices'],
    [{ client: { custom1: { kind: 'text' } } }, '/customFields/client/custom1/label'],
    [{ client: { custom5: { label: 'A', kind: 'text' } } }, '/customFields/client/custom5'],
    [{ contact: { custom1: { label: 'A', kind: 'text', choices: ['a'] } } }, '/customFields/contact/custom1/choices'],
  ])('custom fields cannot be defined by %j', async (customFields, pointer) => {
    const { token } = await signUp();
    const { status, json } = await define(token, customFields);
    expect([status, json.errors[0].pointer]).toEqual([400, pointer]);
  });
});

describe('a number preview', () => {
  const preview = (token: string, body: Record<string, unknown>) =>
    send('/v1/company/settings/number-preview', { token, body });

  it('a number preview shows the next numbers without using them', async () => {
    const company = await signUp();
    const { token } = company;
    expect((await preview(token, {})).json).toMatchObject({ numbers: ['0001', '0002', '0003'], taken: [] });
    const tried = await preview(token, { clientNumber: { pattern: 'C{counter:5}', next: 7 } });
    expect(tried.json.numbers).toEqual(['C00007', 'C00008', 'C00009']);
    expect((await createClient(company)).number).toBe('0001');
    const moved = await send('/v1/company/settings', {
      method: 'PATCH',
      token,
      body: { clientNumber: { next: 100 } },
    });
    expect(moved.json.clientNumber.next).toBe(100);
    expect((await preview(token, {})).json.numbers[0]).toBe('0100');
    expect((await createClient(company)).number).toBe('0100');
    const taken = await send('/v1/clients', { token, body: { name: 'A', number: '0100' } });
    expect([taken.status, taken.json.type]).toEqual([409, '/problems/number-taken']);
  });

  it.each([
    [{ clientNumber: { pattern: 'C-{count}' } }, '/clientNumber/pattern', 'bad-pattern'],
    [{ clientNumber: { pattern: 'C' } }, '/clientNumber/pattern', 'bad-pattern'],
    [{ clientNumber: { reset: 'yearly' } }, '/clientNumber/pattern', 'bad-pattern'],
    [{ clientNumber: { next: 0 } }, '/clientNumber/next', 'too-small'],
    [{ groupId: 'grp_x' }, '/groupId', 'wrong-format'],
    [
      { clientNumber: { pattern: '{group}{counter}' }, groupId: 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA' },
      '/groupId',
      'not-found',
    ],
  ])('a number preview points at the error in %j', async (body, pointer, code) => {
    const { token } = await signUp();
    const { status, json } = await preview(token, body);
    expect(status).toBe(400);
    expect(json.errors).toMatchObject([{ pointer, code }]);
  });
});

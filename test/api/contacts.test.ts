import { describe, expect, it } from 'vitest';
import { createClient, send, sharedCompany, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const at = (client: string, rest = '') => `/v1/clients/${client}/contacts${rest}`;
const create = ({ token }: TestCompany, client: string, body: unknown, headers = {}) =>
  send(at(client), { token, body, headers });
const patch = ({ token }: TestCompany, path: string, body: unknown, headers = {}) =>
  send(path, { method: 'PATCH', token, body, headers });

describe('contacts', () => {
  it('contacts are created, listed, read, changed and deleted', async () => {
    const company = await sharedCompany();
    const { token } = company;
    const client = await createClient(company, { name: 'Northwind' });
    const ada = await create(company, client.id, {
      firstName: 'Ada',
      email: 'ada@northwind.example',
      phone: '030 1234567',
      receives: ['invoices'],
    });
    expect(ada.status).toBe(201);
    expect(ada.headers.get('etag')).toBe('"1"');
    expect(ada.headers.get('location')).toBe(at(client.id, `/${ada.json.id}`));
    expect(ada.json).toMatchObject({
      isPrimary: true,
      phone: '030 1234567',
      phoneE164: '+49301234567',
      username: null,
      portal: { status: 'none', username: 'ada@northwind.example', invitedAt: null, lastSignInAt: null },
    });
    expect(ada.json).not.toHaveProperty('clientId');
    const bob = await create(company, client.id, { firstName: 'Bob', username: 'bob' });
    expect(bob.json.portal.username).toBe('bob');
    const first = await send(at(client.id, '?limit=1'), { token });
    expect(first.json.data).toEqual([ada.json]);
    const second = await send(at(client.id, `?limit=1&cursor=${first.json.nextCursor}`), { token });
    expect(second.json).toEqual({ data: [bob.json], nextCursor: null });

    const own = at(client.id, `/${bob.json.id}`);
    expect((await send(own, { token, headers: { 'if-none-match': '"1"' } })).status).toBe(304);
    const changed = await patch(company, own, { title: 'Head' }, { 'if-match': '"1"' });
    expect(changed.json).toEqual({ ...bob.json, title: 'Head', version: 2, updatedAt: changed.json.updatedAt });
    expectProblem(await patch(company, own, { title: 'x' }, { 'if-match': '"1"' }), 'stale-version');
    const primary = await send(`${own}/make-primary`, { method: 'POST', token });
    expect(primary.json.isPrimary).toBe(true);
    const removed = await send(own, { method: 'DELETE', token });
    expect([removed.status, removed.text]).toEqual([204, '']);
    expectProblem(await send(own, { token }), 'not-found');
    const profile = await send(`/v1/clients/${client.id}`, { token });
    expect(
      profile.json.contacts.map(({ firstName, isPrimary }: Record<string, unknown>) => [firstName, isPrimary]),
    ).toEqual([['Ada', true]]);
    expect(profile.json.version).toBe(6);
  });

  it('a taken address or username is refused without telling whose it is', async () => {
    const company = await sharedCompany();
    const secret = await createClient(company, {
      name: 'Secret Society',
      contacts: [{ firstName: 'Grace', email: 'grace@secret.example', username: 'grace' }],
    });
    const client = await createClient(company, { name: 'Other' });
    const email = await create(company, client.id, { email: 'GRACE@secret.example' });
    expectProblem(email, 'email-taken', ['/email']);
    const username = await create(company, client.id, { firstName: 'G', username: 'Grace' });
    expectProblem(username, 'username-taken', ['/username']);
    for (const { text } of [email, username]) {
      expect(text).not.toContain(secret.id);
      expect(text).not.toMatch(/Secret|Society/);
    }
    const other = await signUp();
    const elsewhere = await createClient(other, { name: 'Elsewhere' });
    expect((await create(other, elsewhere.id, { email: 'grace@secret.example', username: 'grace' })).status).toBe(201);
  });

  it('invalid contacts are refused with every field named, and the last contact of a client stays', async () => {
    const company = await sharedCompany();
    const client = await createClient(company, { contacts: [{ firstName: 'Only' }] });
    const faulty = await create(company, client.id, { email: 'x', phone: 1, username: 'with space', age: 3 });
    expectProblem(faulty, 'validation', ['/email', '/phone', '/username', '/age']);
    expectProblem(await create(company, client.id, { title: 'Nobody' }), 'validation', ['']);
    const [only] = client.contacts;
    const own = at(client.id, `/${only.id}`);
    expectProblem(await patch(company, own, { firstName: null }), 'validation', ['']);
    expectProblem(await patch(company, own, { isPrimary: false }), 'validation', ['/isPrimary']);
    expectProblem(await patch(company, own, { portal: { status: 'active' } }), 'validation', ['/portal']);
    expectProblem(await send(own, { method: 'DELETE', token: company.token }), 'contact-needed');
  });

  it('a contact is created once for an Idempotency-Key', async () => {
    const company = await sharedCompany();
    const client = await createClient(company, { name: 'Once' });
    const once = () =>
      create(company, client.id, { email: 'once@once.example' }, { 'idempotency-key': `once-${client.id}` });
    const [first, second] = [await once(), await once()];
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.json).toEqual(first.json);
  });

  it('contacts of another company are not found', async () => {
    const company = await sharedCompany();
    const client = await createClient(company, { contacts: [{ firstName: 'Ada' }] });
    const own = at(client.id, `/${client.contacts[0].id}`);
    const other = await signUp();
    expectProblem(await send(own, { token: other.token }), 'not-found');
    expectProblem(await patch(other, own, { title: 'x' }), 'not-found');
    expectProblem(await send(own, { method: 'DELETE', token: other.token }), 'not-found');
    expectProblem(await send(at(client.id), { token: other.token }), 'not-found');
    expectProblem(await create(other, client.id, { firstName: 'X' }), 'not-found');
    expectProblem(await send(at(client.id), { token: await tokenOf(company, 'user') }), 'role-too-low');
  });
});

describe('a client', () => {
  it('a client answers with warnings about what it accepted all the same', async () => {
    const company = await sharedCompany();
    const client = await createClient(company, {
      name: 'Odd',
      vatNumber: 'GB123456789',
      billingAddress: { state: 'Kent', country: 'US' },
      phones: [{ kind: 'phone', number: '(212) 555-0100' }],
    });
    expect(client.warnings.map(({ pointer, code }: Record<string, unknown>) => [pointer, code])).toEqual([
      ['/vatNumber', 'vat-checksum'],
      ['/billingAddress/state', 'unknown-subdivision'],
    ]);
    expect(client.phones[0]).toMatchObject({ number: '(212) 555-0100', e164: '+12125550100' });
    const path = `/v1/clients/${client.id}`;
    expect((await send(path, { token: company.token })).json.warnings).toEqual(client.warnings);
    const phones = [...client.phones, { kind: 'phone', number: '+44 20 7946 0000', e164: null }];
    const after = await patch(company, path, { vatNumber: 'GB980780684', billingAddress: { state: 'NY' }, phones });
    expect(after.json.warnings).toEqual([]);
    expect(after.json.phones.map(({ e164 }: { e164: string }) => e164)).toEqual(['+12125550100', '+442079460000']);
    const moved = await patch(company, path, { phones: [{ kind: 'phone', number: '030 1234567' }] });
    expect(moved.json.phones[0].e164).toBeNull();
    const home = await patch(company, path, { billingAddress: null });
    expect(home.json.phones[0].e164).toBe('+49301234567');
  });

  it('a client must have the required fields of the company, when created and when changed', async () => {
    const company = await signUp();
    const { token } = company;
    const full = {
      name: 'Full',
      idNumber: 'F-1',
      vatNumber: 'DE136695976',
      invoiceDelivery: 'email',
      billingAddress: { city: 'Bonn' },
      shippingAddress: 'copy-billing',
      contacts: [{ firstName: 'Ada', email: 'ada@full.example', phone: '030 1234567' }],
    };
    const client = await createClient(company, full);
    const requiredFields = [
      'name',
      'email',
      'contactName',
      'phone',
      'invoiceDelivery',
      'idNumber',
      'vatNumber',
      'billingAddress',
      'shippingAddress',
    ];
    const body = { status: 'active', minimumRole: 'viewer', requiredFields };
    await send('/v1/company/modules/clients', { method: 'PUT', token, body });
    const bare = { contacts: [{ lastName: 'Only', title: 'x' }], billingAddress: {} };
    expectProblem(await send('/v1/clients', { token, body: bare }), 'validation', [
      '/name',
      '/contacts/0/email',
      '/phones',
      '/invoiceDelivery',
      '/idNumber',
      '/vatNumber',
      '/billingAddress',
      '/shippingAddress',
    ]);
    const path = `/v1/clients/${client.id}`;
    const taken = { idNumber: null, billingAddress: { city: null }, shippingAddress: null, invoiceDelivery: null };
    expectProblem(await patch(company, path, taken), 'validation', [
      '/idNumber',
      '/billingAddress',
      '/shippingAddress',
      '/invoiceDelivery',
    ]);
    const own = `${path}/contacts/${client.contacts[0].id}`;
    expectProblem(await patch(company, own, { email: null }), 'validation', ['/email']);
    expectProblem(await send(own, { method: 'DELETE', token }), 'contact-needed', ['/email', '/firstName', '/phone']);
    expect((await patch(company, path, { industry: 'Design' })).status).toBe(200);
  });
});

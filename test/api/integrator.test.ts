import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { PASSWORD, send, signUpVerified } from '../support/api/client.ts';

/**
 * What an integrator writes with nothing but the reference page: some sixty calls from the sign-up to the sign-out, in one
 * piece, as a business would move in. Every answer is also checked against the OpenAPI document by `send`.
 */
it('a business moves in with sixty calls that the reference page describes', async () => {
  let calls = 0;
  const call = async (status: number, path: string, request: Parameters<typeof send>[1] = {}) => {
    calls++;
    const answer = await send(path, request);
    expect([`${request.method ?? ''} ${path}`, answer.status, answer.text]).toEqual([
      `${request.method ?? ''} ${path}`,
      status,
      answer.text,
    ]);
    return answer;
  };

  // What forms offer.
  const countries = await call(200, '/v1/reference/countries');
  expect(JSON.stringify(countries.json)).toContain('GB');
  await call(200, '/v1/reference/subdivisions?country=US');
  await call(200, '/v1/reference/currencies');
  await call(200, '/v1/reference/problems');

  // The company and its settings.
  const { slug, email, token } = await signUpVerified({ name: 'Harbour Lane', country: 'GB', currency: 'GBP' });
  const { json: signedIn } = await call(200, '/v1/auth/sign-in', {
    body: { company: slug, email, password: PASSWORD },
  });
  const own = { token: signedIn.accessToken };
  const { json: me } = await call(200, '/v1/me', own);
  expect(me).toMatchObject({ kind: 'user', role: 'owner', company: { slug } });
  await call(200, '/v1/company', { ...own, method: 'PATCH', body: { name: 'Harbour Lane Ltd' } });
  const settings = {
    clientNumber: { pattern: 'HL-{counter:4}' },
    customFields: { client: { custom1: { label: 'Level', kind: 'choice', choices: ['gold', 'silver'] } } },
    paymentTermsDays: 14,
  };
  await call(200, '/v1/company/settings', { ...own, method: 'PATCH', body: settings });
  const { json: stored } = await call(200, '/v1/company/settings', own);
  expect(stored).toMatchObject({ clientNumber: { pattern: 'HL-{counter:4}', next: 1 }, paymentTermsDays: 14 });
  const { json: preview } = await call(200, '/v1/company/settings/number-preview', { ...own, body: {} });
  expect(preview.numbers).toEqual(['HL-0001', 'HL-0002', 'HL-0003']);

  // A token for the program.
  const { json: program } = await call(201, '/v1/api-tokens', { ...own, body: { name: 'Import', role: 'admin' } });
  const api = { token: program.secret };
  expect((await call(200, '/v1/me', api)).json).toMatchObject({ kind: 'token', role: 'admin', name: 'Import' });

  // Groups, pricings and items.
  const { json: group } = await call(201, '/v1/groups', {
    ...api,
    body: { name: 'Key accounts', settings: { paymentTermsDays: 30 } },
  });
  await call(200, `/v1/groups/${group.id}`, { ...api, method: 'PATCH', body: { settings: { language: 'de' } } });
  expect((await call(200, '/v1/groups', api)).json.data).toHaveLength(2);
  const { json: pricing } = await call(201, '/v1/pricings', { ...api, body: { name: 'Wholesale' } });
  const { json: item } = await call(201, '/v1/items', {
    ...api,
    body: { name: 'Design hour', unit: 'hour', taxRate: '20' },
  });
  const price = { amount: 9500, currency: 'GBP' };
  await call(200, `/v1/pricings/${pricing.id}/prices/${item.id}`, { ...api, method: 'PUT', body: { price } });
  expect((await call(200, `/v1/pricings/${pricing.id}/prices`, api)).json.data).toHaveLength(1);

  // A client: first with all its faults told at once, then right, then again with the same key.
  const wrong = {
    nome: 'x',
    groupId: group.id.replace(/.{4}$/, '0000'),
    customFields: { custom1: 'bronze' },
    vatNumber: 7,
  };
  const { json: refused } = await call(400, '/v1/clients', { ...api, body: wrong });
  const pointers = refused.errors.map(({ pointer }: { pointer: string }) => pointer);
  expect(pointers).toEqual(expect.arrayContaining(['/nome', '/groupId', '/customFields/custom1', '/vatNumber']));
  const right = {
    name: 'Northwind Studio',
    idNumber: 'NW-7',
    groupId: group.id,
    pricingId: pricing.id,
    contacts: [
      { firstName: 'Ada', lastName: 'Byron', email: `ada@${slug}.example`, phone: '+44 20 7946 0000' },
      { firstName: 'Charles', email: `charles@${slug}.example` },
    ],
    phones: [{ kind: 'phone', number: '+44 20 7946 0001 ext 12' }],
    billingAddress: { line1: '1 Harbour Road', city: 'London', postalCode: 'E1 6AN', country: 'GB' },
    shippingAddress: 'copy-billing',
    customFields: { custom1: 'gold' },
    privateNotes: '',
    tags: ['studio'],
    metadata: { crm: '42' },
  };
  const keyed = { ...api, body: right, headers: { 'idempotency-key': 'northwind' } };
  const created = await call(201, '/v1/clients', keyed);
  const { id, contacts } = created.json;
  expect(created.json).toMatchObject({
    number: 'HL-0001',
    phones: [{ extension: '12' }],
    contacts: [{ isPrimary: true }, {}],
  });
  const replayed = await call(201, '/v1/clients', keyed);
  expect([replayed.json.id, replayed.headers.get('idempotency-replayed')]).toEqual([id, 'true']);
  const path = `/v1/clients/${id}`;
  expect(created.headers.get('location')).toBe(path);

  // Reading and changing it.
  const read = await call(200, path, api);
  const etag = read.headers.get('etag') ?? '';
  await call(304, path, { ...api, headers: { 'if-none-match': etag } });
  const same = await call(200, path, { ...api, method: 'PATCH', body: read.json });
  expect(same.json).toEqual(read.json);
  const byVersion = { ...api, method: 'PATCH', headers: { 'if-match': etag } };
  await call(200, path, { ...byVersion, body: { industry: 'Design', vatNumber: 'GB123456789' } });
  await call(412, path, { ...byVersion, body: { industry: 'Print' } });
  await call(200, path, { ...api, method: 'PATCH', body: { industry: '' } });

  // Contacts.
  const { json: third } = await call(201, `${path}/contacts`, {
    ...api,
    body: { lastName: 'Lovelace', email: `lovelace@${slug}.example`, account: { password: PASSWORD } },
  });
  await call(200, `${path}/contacts/${third.id}`, { ...api, method: 'PATCH', body: { title: 'Buyer' } });
  await call(200, `${path}/contacts/${third.id}/make-primary`, { ...api, body: {} });
  expect((await call(200, `${path}/contacts`, api)).json.data).toHaveLength(3);
  await call(204, `${path}/contacts/${contacts[1].id}`, { ...api, method: 'DELETE' });
  await call(202, `${path}/contacts/${contacts[0].id}/invitation`, { ...api, body: {} });

  // Finding it again. Search follows within seconds.
  const found = async (query: string) => (await call(200, `/v1/clients?${query}`, api)).json.data.length;
  for (const query of ['number=hl-0001', 'idNumber=nw-7', `email=ada%40${slug}.example`])
    expect([query, await found(query)]).toEqual([query, 1]);
  await vi.waitFor(
    async () => {
      const { json } = await send('/v1/clients?q=northwind%20harbour', api);
      expect(json.data).toHaveLength(1);
    },
    { timeout: 20_000, interval: 200 },
  );
  expect(await found('q=7946%200001')).toBe(1);
  expect(await found('metadata%5Bcrm%5D=42&tag=STUDIO&status=active,inactive')).toBe(1);
  expect((await call(200, '/v1/clients/tags', api)).json.data).toMatchObject([{ tag: 'studio' }]);
  const { json: overview } = await call(200, `${path}/overview`, api);
  expect(overview.categories.groups.href).toBe(`/v1/groups/${group.id}`);

  // Its settings, bulk actions, the archive.
  const { json: effective } = await call(200, `${path}/settings`, api);
  expect(effective.paymentTermsDays).toEqual({ value: 30, source: 'group' });
  await call(200, `${path}/settings`, { ...api, method: 'PATCH', body: { paymentTermsDays: 7 } });
  const { json: bulk } = await call(200, '/v1/clients/bulk', {
    ...api,
    body: { action: 'addTags', ids: [id], tags: ['moved in'] },
  });
  expect(bulk.results).toMatchObject([{ id, status: 200 }]);
  await call(200, `${path}/archive`, { ...api, body: {} });
  await call(200, `${path}/restore`, { ...api, body: {} });

  // A document, whose bytes never pass through the API.
  const bytes = Buffer.from('a contract');
  const document = {
    name: 'contract.txt',
    contentType: 'text/plain',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    visibility: 'portal',
  };
  const { json: uploading } = await call(201, `${path}/documents`, { ...api, body: document });
  const { method, url, headers } = uploading.upload;
  expect((await fetch(url, { method, headers, body: bytes })).status).toBe(200);
  const documentPath = `${path}/documents/${uploading.document.id}`;
  await vi.waitFor(
    async () => {
      expect((await send(documentPath, api)).json.status).toBe('available');
    },
    { timeout: 30_000, interval: 200 },
  );
  const { json: download } = await call(200, `${documentPath}/download`, { ...api, body: {} });
  expect(await (await fetch(download.url)).text()).toBe('a contract');
  expect((await call(200, `${path}/documents`, api)).json.data).toHaveLength(1);

  // Who did what.
  const { json: activity } = await call(200, `${path}/activity?action=client.archived,client.restored`, api);
  expect(activity.data.map(({ action }: { action: string }) => action)).toEqual(['client.restored', 'client.archived']);
  expect((await call(200, '/v1/activity?actor=token&limit=5', api)).json.data).toHaveLength(5);
  await call(200, `${path}/system-logs`, api);

  // The team, and the words of mails.
  const { json: user } = await call(201, '/v1/users', {
    ...own,
    body: { email: `una@${slug}.example`, name: 'Una', role: 'editor' },
  });
  await call(200, '/v1/users', api);
  await call(200, `${path}/users/${user.id}`, { ...api, method: 'PUT' });
  expect((await call(200, `${path}/users`, api)).json.data).toHaveLength(1);
  expect((await call(200, `/v1/users/${user.id}/clients`, api)).json.data).toMatchObject([
    { displayName: 'Northwind Studio' },
  ]);
  await call(200, '/v1/templates', api);
  const invitation = { subject: 'Welcome to $company.name', body: 'Hello $contact.name,\n\n[Join]($portal.link)' };
  await call(201, '/v1/templates/invitation/en', { ...api, method: 'PUT', body: invitation });
  const { json: mail } = await call(200, '/v1/templates/invitation/en/preview', { ...api, body: { clientId: id } });
  expect(mail.subject).toBe('Welcome to Harbour Lane Ltd');

  // The contact in the portal.
  const { json: portal } = await call(200, '/v1/portal/sign-in', {
    body: { company: slug, username: `lovelace@${slug}.example`, password: PASSWORD },
  });
  expect((await call(200, '/v1/portal/me', { token: portal.accessToken })).text).toContain('Lovelace');

  // The way out.
  await call(204, `/v1/api-tokens/${program.id}`, { ...own, method: 'DELETE' });
  await call(401, '/v1/me', api);
  await call(204, '/v1/auth/sign-out', { token, body: { refreshToken: signedIn.refreshToken } });
  expect(calls).toBeGreaterThanOrEqual(60);
});

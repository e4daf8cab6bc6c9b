import { describe, expect, inject, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { listedInTime } from '../support/api/pages.ts';

const names = async (company: TestCompany, query: string): Promise<string[]> => {
  const { status, json, text } = await send(`/v1/clients?${query}`, company);
  if (status !== 200) throw new Error(text);
  return json.data.map(({ displayName }: { displayName: string }) => displayName);
};

/** Repeats the query until it finds that many clients. The benchmark measures how long that takes. */
async function soonFinds(company: TestCompany, query: string, expected: readonly string[]): Promise<void> {
  await expect.poll(() => names(company, query), { timeout: 30_000, interval: 20 }).toEqual(expected);
}

const change = (company: TestCompany, id: string, body: unknown) =>
  send(`/v1/clients/${id}`, { method: 'PATCH', token: company.token, body });

describe('search', () => {
  it('search finds a client soon after its creation and change, and no longer by its old values', async () => {
    const company = await signUp();
    const { id } = await createClient(company, {
      name: 'Café Zoë',
      contacts: [{ firstName: 'Renée', email: 'renee@zoe.example', phone: '030 1234567' }],
      billingAddress: { city: 'Łódź', country: 'DE' },
    });
    await createClient(company, { name: 'Cafeteria' });
    await soonFinds(company, 'q=cafe', ['Café Zoë', 'Cafeteria']);
    for (const q of ['ZOE', 'renee@zoe', 'lodz caf', '030123', '%2B49301234567', 'ren%20zo'])
      expect(await names(company, `q=${q}`), q).toEqual(['Café Zoë']);
    await change(company, id, { name: 'Bistro' });
    await soonFinds(company, 'q=bistro', ['Bistro']);
    expect(await names(company, 'q=cafe')).toEqual(['Cafeteria']);
    await send(`/v1/clients/${id}/archive`, { method: 'POST', token: company.token });
    await soonFinds(company, 'q=bistro', []);
    expect(await names(company, 'q=bistro&archived=any')).toEqual(['Bistro']);
  });

  it('search finds a client by each of its thirty contacts, whose words take several batches', async () => {
    const company = await signUp();
    const contacts = Array.from({ length: 30 }, (_, index) => ({
      firstName: `First${index}`,
      lastName: `Last${index}`,
      email: `mail${index}@host.example`,
    }));
    await createClient(company, { name: 'Many', contacts });
    // Each for itself, because the batches are written one after the other.
    for (const q of ['first29', 'first0%20last29', 'mail17@host', 'many']) await soonFinds(company, `q=${q}`, ['Many']);
  });

  it('search never finds clients of another company', async () => {
    const [mine, theirs] = [await signUp(), await signUp()];
    await createClient(theirs, { name: 'Treasure', tags: ['gold'] });
    await soonFinds(theirs, 'q=treasure', ['Treasure']);
    for (const query of ['q=treasure', 'tag=gold', 'archived=any']) expect(await names(mine, query)).toEqual([]);
  });
});

describe('filters and orders', () => {
  it('filters and orders can be combined, and cursors are bound to all of them', async () => {
    const company = await signUp();
    for (let index = 0; index < 9; index++)
      await createClient(company, {
        name: `Client ${index}`,
        number: `N${9 - index}`,
        tags: index % 2 ? ['odd', 'Größe XL'] : [],
        status: index === 3 ? 'fraud' : 'active',
        billingAddress: { country: index < 6 ? 'DE' : 'FR' },
      });
    await soonFinds(company, 'tag=odd', ['Client 1', 'Client 3', 'Client 5', 'Client 7']);
    expect(await names(company, 'tag=odd&country=DE&sort=number')).toEqual(['Client 5', 'Client 3', 'Client 1']);
    expect(await names(company, 'tag=odd&country=DE&status=active&sort=-createdAt')).toEqual(['Client 5', 'Client 1']);
    expect(await names(company, `tag=${encodeURIComponent('Größe XL')}&status=fraud`)).toEqual(['Client 3']);
    expect(await names(company, 'hasBalance=true')).toEqual([]);
    expect(await names(company, 'hasBalance=false&country=FR&sort=-balance')).toHaveLength(3);
    expect(await names(company, 'q=client&tag=odd&country=FR')).toEqual(['Client 7']);
    expect(
      await names(company, 'createdAfter=2020-01-01T00:00:00%2B02:00&updatedAfter=2020-01-01T00:00:00Z'),
    ).toHaveLength(9);
    expect(await names(company, 'createdBefore=2020-01-01T00:00:00Z')).toEqual([]);

    const first = await send('/v1/clients?tag=odd&limit=2', company);
    const { nextCursor } = first.json;
    expect(await names(company, `tag=odd&limit=1&cursor=${nextCursor}`)).toEqual(['Client 5']);
    const found = await send('/v1/clients?q=client&limit=2', company);
    for (const query of [
      `limit=2&cursor=${nextCursor}`,
      `tag=even&cursor=${nextCursor}`,
      `tag=odd&country=DE&cursor=${nextCursor}`,
      `tag=odd&sort=-name&cursor=${nextCursor}`,
      `q=cli&cursor=${found.json.nextCursor}`,
    ])
      expect((await send(`/v1/clients?${query}`, company)).json.type, query).toBe('/problems/bad-cursor');
  });

  it('unknown filters and a sorted search are refused', async () => {
    const company = await signUp();
    for (const [query, pointer] of [
      ['colour=red', '?colour'],
      ['status=gone', '?status'],
      ['archived=maybe', '?archived'],
      ['sort=size', '?sort'],
      ['country=XX', '?country'],
      ['groupId=7', '?groupId'],
      ['hasBalance=1', '?hasBalance'],
      ['createdAfter=yesterday', '?createdAfter'],
      ['createdAfter=2026-02-30', '?createdAfter'],
      ['updatedBefore=2026-13-01', '?updatedBefore'],
      ['status=active,gone', '?status'],
      ['status=', '?status'],
      ['type=robot', '?type'],
      ['phone=none', '?phone'],
      ['vatNumber=x', '?vatNumber'],
      ['metadata=42', '?metadata'],
      ['metadata[a b]=42', '?metadata'],
      ['metadata[__proto__]=42', '?metadata[__proto__]'],
      ['colour[red]=1', '?colour[red]'],
      ['tag[red]=1', '?tag'],
      ['metadata[a]=1&sort=name', '?sort'],
      [Array.from({ length: 6 }, (_, index) => `metadata[k${index}]=1`).join('&'), '?metadata'],
      ['q=', '?q'],
      ['q=ada&sort=name', '?sort'],
      [`q=${'a'.repeat(201)}`, '?q'],
    ]) {
      const { status, json } = await send(`/v1/clients?${query}`, company);
      expect(status, query).toBe(400);
      expect(json.errors[0].pointer, query).toBe(pointer);
    }
  });

  it('whole values, several statuses and dates are found as they come in a query', async () => {
    const company = await signUp();
    await createClient(company, {
      name: 'One',
      number: 'A-1',
      idNumber: 'X 1',
      vatNumber: 'GB123456789',
      phones: [{ kind: 'phone', number: '+44 20 7946 0001' }],
      contacts: [{ email: 'ada@one.example' }],
      tags: ['Studio'],
      metadata: { crm: '42', 'a.b:c': 'x & y' },
    });
    for (const query of ['number=a-1', 'idNumber=x%201', 'email=ADA@one.example', 'email=ada@one.example&type=company'])
      expect(await names(company, query), query).toEqual(['One']);
    await createClient(company, { name: 'Two', status: 'fraud', tags: ['studio'] });
    await createClient(company, { name: 'Three', status: 'inactive' });
    await listedInTime(company.token, 1, 'status=inactive');
    await listedInTime(company.token, 1, 'status=fraud');
    await expect.poll(() => names(company, 'tag=studio'), { timeout: 20_000 }).toEqual(['One', 'Two']);
    for (const query of [
      'metadata[crm]=42',
      'metadata%5Bcrm%5D=42&metadata[a.b:c]=X%20%26%20Y',
      'vatNumber=123%20456%20789',
      'phone=020%207946%200001',
      'phone=%2B442079460001',
    ])
      expect(await names(company, query), query).toEqual(['One']);
    expect(await names(company, 'metadata[crm]=43')).toEqual([]);
    for (const query of ['status=inactive,fraud', 'status=inactive&status=fraud', 'status=fraud%2Cinactive'])
      expect(await names(company, query), query).toEqual(['Three', 'Two']);
    expect(await names(company, 'createdAfter=2020-01-01&updatedBefore=2999-12-31&sort=createdAt')).toHaveLength(3);
    expect(await names(company, 'createdBefore=2020-01-01')).toEqual([]);
    const { json: tags } = await send('/v1/clients/tags', company);
    expect(tags).toEqual({ data: [{ tag: 'Studio', clients: 2 }], nextCursor: null });
  });

  it('groups, items and users are searched by the beginnings of words', async () => {
    const company = await signUp();
    const found = async (path: string) =>
      (await send(path, company)).json.data.map(({ name }: { name: string }) => name);
    const make = (path: string, body: object) => send(path, { token: company.token, body });
    await make('/v1/groups', { name: 'Großkunden Süd' });
    await make('/v1/items', { name: 'Design hour', sku: 'DSN-60', description: 'On site' });
    expect((await make('/v1/items', { name: 'Other', sku: 'dsn-60' })).json.type).toBe('/problems/sku-taken');
    for (const q of ['gross', 'sued', 'süd großk'])
      expect(await found(`/v1/groups?q=${q}`)).toEqual(['Großkunden Süd']);
    for (const q of ['dsn-60', 'dsn', 'site hour']) expect(await found(`/v1/items?q=${q}`)).toEqual(['Design hour']);
    const { json: me } = await send('/v1/me', company);
    expect(await found(`/v1/users?q=${encodeURIComponent(me.email ?? company.email)}`)).toHaveLength(1);
    for (const path of ['groups', 'items', 'users']) expect(await found(`/v1/${path}?q=nobody`)).toEqual([]);
  });

  it('filters and search need the role viewer', async () => {
    const company = await signUp();
    expect((await send('/v1/clients?q=a', { token: await tokenOf(company, 'viewer') })).status).toBe(200);
    expect((await send('/v1/clients?q=a', { token: await tokenOf(company, 'user') })).status).toBe(403);
    expect((await send('/v1/clients?q=a')).status).toBe(401);
  });
});

describe.runIf(inject('apiIsLocal'))('a rebuild', () => {
  it('a rebuild is started by invoking the function, continues by itself, and reports its end', async () => {
    const company = await signUp();
    for (let index = 0; index < 30; index++) await createClient(company, { name: `Client ${index}` });
    const address = `${inject('apiUrl')}/_local/functions/client-index`;
    const invoke = async (body: unknown) =>
      (await fetch(address, { method: 'POST', body: JSON.stringify(body) })).json();
    expect(await invoke({ rebuild: company.id })).toMatchObject({ companies: 1 });
    await expect
      .poll(() => invoke({ progress: company.id }), { timeout: 20_000, interval: 100 })
      .toMatchObject({ clients: 30, finishedAt: expect.any(String) });
    expect(await names(company, 'q=client&limit=200')).toHaveLength(30);
  });
});

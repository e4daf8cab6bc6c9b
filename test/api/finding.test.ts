import { describe, expect, inject, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';

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
      ['q=', '?q'],
      ['q=ada&sort=name', '?sort'],
      [`q=${'a'.repeat(201)}`, '?q'],
    ]) {
      const { status, json } = await send(`/v1/clients?${query}`, company);
      expect(status, query).toBe(400);
      expect(json.errors[0].pointer, query).toBe(pointer);
    }
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

import { describe, expect, it, vi } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';

async function create({ token }: TestCompany, path: string, body: Record<string, unknown>) {
  const answer = await send(path, { token, body });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`${path}/${answer.json.id}`);
  return answer.json;
}

const createPricing = (company: TestCompany, fields = {}) =>
  create(company, '/v1/pricings', { name: 'Wholesale', ...fields });
const createItem = (company: TestCompany, fields = {}) =>
  create(company, '/v1/items', { name: 'Design hour', ...fields });

describe('pricings, items and prices', () => {
  it('pricings, items and prices are created, listed and changed', async () => {
    const company = await signUp();
    const { token } = company;
    const pricing = await createPricing(company, { currency: 'EUR' });
    const item = await createItem(company, { unit: 'hour', taxRate: '20' });
    expect(item).toMatchObject({ kind: 'service', unit: 'hour', taxRate: '20', archived: false });
    const path = `/v1/pricings/${pricing.id}/prices/${item.id}`;
    const price = await send(path, { method: 'PUT', token, body: { price: { amount: 9500, currency: 'EUR' } } });
    expect([price.status, price.json.price]).toEqual([200, { amount: 9500, currency: 'EUR' }]);
    const wrong = await send(path, { method: 'PUT', token, body: { price: { amount: 9500, currency: 'GBP' } } });
    expect([wrong.status, wrong.json.errors[0].pointer]).toEqual([400, '/price/currency']);
    const same = { price: price.json.price };
    expect((await send(path, { method: 'PUT', token, body: same })).json).toMatchObject({ ...same, version: 1 });
    const sent = { price: { amount: 9900, currency: 'EUR' } };
    expect((await send(path, { method: 'PUT', token, body: sent })).json).toMatchObject({ ...sent, version: 2 });
    const { json } = await send(`/v1/pricings/${pricing.id}/prices`, { token });
    expect(json).toMatchObject({ data: [{ itemId: item.id, ...sent, version: 2 }], nextCursor: null });
    const changed = await send(`/v1/items/${item.id}`, { method: 'PATCH', token, body: { archived: true } });
    expect(changed.json).toMatchObject({ archived: true, version: 2 });
    expect((await send('/v1/items', { token })).json.data).toEqual([]);
    expect((await send('/v1/items?archived=any', { token })).json.data).toHaveLength(1);
    const renamed = await send(`/v1/pricings/${pricing.id}`, { method: 'PATCH', token, body: { name: 'Retail' } });
    expect(renamed.json).toMatchObject({ name: 'Retail', currency: 'EUR' });
    const currency = await send(`/v1/pricings/${pricing.id}`, { method: 'PATCH', token, body: { currency: 'GBP' } });
    expect(currency.json.errors).toMatchObject([{ pointer: '/currency', code: 'read-only' }]);
    expect((await send(path, { method: 'DELETE', token })).status).toBe(204);
    expect((await send(`/v1/pricings/${pricing.id}/prices`, { token })).json.data).toEqual([]);
  });

  it('a pricing with clients cannot be deleted, and the refusal says how many they are', async () => {
    const company = await signUp();
    const { token } = company;
    const pricing = await createPricing(company);
    const client = await createClient(company, { name: 'A', pricingId: pricing.id });
    const refused = await send(`/v1/pricings/${pricing.id}`, { method: 'DELETE', token });
    expect([refused.status, refused.json.type]).toEqual([409, '/problems/pricing-in-use']);
    expect(refused.json.detail).toContain('1 client has');
    await send(`/v1/clients/${client.id}`, { method: 'PATCH', token, body: { pricingId: null } });
    expect((await send(`/v1/pricings/${pricing.id}`, { method: 'DELETE', token })).status).toBe(204);
    expect((await send(`/v1/pricings/${pricing.id}`, { token })).status).toBe(404);
    const late = await send('/v1/clients', { token, body: { name: 'B', pricingId: pricing.id } });
    expect([late.status, late.json.errors[0].pointer]).toEqual([400, '/pricingId']);
  });

  it('an item with prices is deleted only by force, and its prices with it', async () => {
    const company = await signUp();
    const { token } = company;
    const [pricing, item] = [await createPricing(company), await createItem(company)];
    const prices = `/v1/pricings/${pricing.id}/prices`;
    await send(`${prices}/${item.id}`, { method: 'PUT', token, body: { price: { amount: 1, currency: 'EUR' } } });
    const path = `/v1/items/${item.id}`;
    const refused = await send(path, { method: 'DELETE', token });
    expect([refused.status, refused.json.type]).toEqual([409, '/problems/item-in-use']);
    expect(refused.json.detail).toContain('a price in 1 pricing');
    expect((await send(`${path}?force=true`, { method: 'DELETE', token })).status).toBe(204);
    await vi.waitFor(async () => expect((await send(prices, { token })).json.data).toEqual([]), {
      timeout: 20_000,
      interval: 100,
    });
    const again = await send(`${prices}/${item.id}`, {
      method: 'PUT',
      token,
      body: { price: { amount: 1, currency: 'EUR' } },
    });
    expect(again.status).toBe(404);
  });

  it('a pricing is required if the company requires it and has one', async () => {
    const company = await signUp();
    const { token } = company;
    const module = { status: 'active', requiredFields: ['pricingId'] };
    await send('/v1/company/modules/clients', { method: 'PUT', token, body: module });
    const none = await send('/v1/clients', { token, body: { name: 'A' } });
    expect([none.status, none.json.type]).toEqual([409, '/problems/pricing-missing']);
    const pricing = await createPricing(company);
    expect((await send('/v1/clients', { token, body: { name: 'A' } })).json.errors[0].pointer).toBe('/pricingId');
    await createClient(company, { name: 'A', pricingId: pricing.id });
  });

  it('editors write pricings, admins delete them, and another company does not find them', async () => {
    const company = await signUp();
    const [editor, viewer] = [await tokenOf(company, 'editor'), await tokenOf(company, 'viewer')];
    const pricing = await send('/v1/pricings', { token: editor, body: { name: 'P' } });
    expect(pricing.status).toBe(201);
    const path = `/v1/pricings/${pricing.json.id}`;
    expect((await send('/v1/items', { token: viewer, body: { name: 'I' } })).status).toBe(403);
    expect((await send(path, { method: 'DELETE', token: editor })).status).toBe(403);
    const other = await signUp();
    for (const method of ['GET', 'DELETE']) expect((await send(path, { method, token: other.token })).status).toBe(404);
    expect((await send(`${path}/prices`, { token: other.token })).status).toBe(404);
  });

  it.each([
    ['/v1/items', { name: 'x', taxRate: '120' }, '/taxRate'],
    ['/v1/items', { name: 'x', taxRate: 20 }, '/taxRate'],
    ['/v1/items', { name: 'x', kind: 'thing' }, '/kind'],
    ['/v1/items', {}, '/name'],
    ['/v1/pricings', { name: 'x', currency: 'XXX' }, '/currency'],
  ])('%s refuses the invalid %j', async (path, body, pointer) => {
    const { token } = await signUp();
    const { status, json } = await send(path, { token, body });
    expect([status, json.errors[0].pointer]).toEqual([400, pointer]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { ItemInput, ItemPatch, PricingInput } from '../../lib/pricings/schema.ts';
import { pricingService } from '../../lib/pricings/service.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { ItemId, mintId, PricingId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { openCompany } from '../support/company.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { freshTable, testSource } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

async function world() {
  const source = testSource();
  const principal = await openCompany(table, source);
  const repository = pricingRepository(table);
  return {
    source,
    principal,
    companyId: principal.companyId,
    repository,
    pricings: pricingService(repository, source),
    clients: clientService({
      clients: clientRepository(table),
      nextNumber: clientNumbers(table, source).next,
      customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
      accounts: newAccountsOf(table, source),
      commit: committing(table),
      source,
    }),
  };
}

type World = Awaited<ReturnType<typeof world>>;

const createClient = ({ clients, principal }: World, fields: Record<string, unknown>) =>
  clients.create(principal, ClientInput.parse({ name: 'A client', ...fields }), committing(table));
const createPricing = ({ pricings, companyId }: World, fields: Record<string, unknown> = {}) =>
  pricings.createPricing(companyId, PricingInput.parse({ name: 'Wholesale', ...fields }), committing(table));
const createItem = ({ pricings, companyId }: World, fields: Record<string, unknown> = {}) =>
  pricings.createItem(companyId, ItemInput.parse({ name: 'Hour', ...fields }), committing(table));

const pricesOf = ({ companyId }: World, id: PricingId) => queryAll(table, ranges.prices(companyId, id));
const euros = (amount: number) => ({ amount, currency: 'EUR' });

describe('an item', () => {
  it('has a SKU that no other item has, until it is given up', async () => {
    const company = await world();
    const { pricings, companyId } = company;
    const patch = (id: ItemId, fields: object) =>
      pricings.changeItem(companyId, id, ItemPatch.parse(fields), undefined);
    const first = await createItem(company, { sku: 'DSN-60' });
    const taken = { code: 'sku-taken', errors: [{ pointer: '/sku' }] };
    await expect(createItem(company, { sku: 'dsn-60' })).rejects.toMatchObject(taken);
    const second = await createItem(company, { sku: 'DSN-61' });
    await expect(patch(second.id, { sku: 'DSN-60' })).rejects.toMatchObject(taken);
    expect(await patch(first.id, { sku: 'dsn-60' })).toMatchObject({ sku: 'dsn-60' });
    await patch(first.id, { sku: null });
    expect(await patch(second.id, { sku: 'DSN-60' })).toMatchObject({ sku: 'DSN-60' });
    await pricings.deleteItem(companyId, second.id, false, undefined);
    expect(await createItem(company, { sku: 'DSN-60' })).toMatchObject({ sku: 'DSN-60' });
    await createItem(company, { sku: 'DSN-61' });
  });

  it('is found by the beginnings of words of name, SKU and description, on full pages', async () => {
    const company = await world();
    for (let index = 0; index < 9; index++)
      await createItem(company, { name: `Möbel ${index}`, sku: `M-${index}`, archived: index === 8 });
    await createItem(company, { name: 'Hour', description: 'For moebel' });
    const sizes: number[] = [];
    let after: Awaited<ReturnType<typeof company.repository.items>>['next'];
    do {
      const filters = { archived: false, kind: undefined, q: 'moebel' };
      const page = await company.repository.items(company.companyId, 3, after, filters);
      sizes.push(page.data.length);
      after = page.next;
    } while (after);
    expect(sizes).toEqual([3, 3, 3]);
    const filters = { archived: 'any', kind: undefined, q: 'm-8' } as const;
    const { data } = await company.repository.items(company.companyId, 50, undefined, filters);
    expect(data.map(({ sku }) => sku)).toEqual(['M-8']);
  });
});

describe('a pricing', () => {
  it('a pricing with clients cannot be deleted, and the refusal says how many they are', async () => {
    const fixture = await world();
    const [pricing, other] = [await createPricing(fixture), await createPricing(fixture)];
    const first = await createClient(fixture, { pricingId: pricing.id });
    await createClient(fixture, { pricingId: pricing.id });
    const refused = fixture.pricings.deletePricing(fixture.companyId, pricing.id, undefined);
    await expect(refused).rejects.toMatchObject({
      code: 'pricing-in-use',
      message: expect.stringMatching(/^2 clients/),
    });
    await fixture.clients.patch(fixture.principal, first.id, { pricingId: other.id }, undefined);
    await expect(fixture.pricings.deletePricing(fixture.companyId, pricing.id, undefined)).rejects.toThrow(
      /^1 client has/,
    );
    await fixture.clients.patch(fixture.principal, first.id, { pricingId: null }, undefined);
    await fixture.pricings.deletePricing(fixture.companyId, other.id, undefined);
    await expect(fixture.pricings.pricing(fixture.companyId, other.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('no client has a deleted pricing, even if assigned at the same moment', async () => {
    for (let round = 0; round < 15; round++) {
      const fixture = await world();
      const { id } = await createPricing(fixture);
      const [deleted, ...created] = await Promise.allSettled([
        fixture.pricings.deletePricing(fixture.companyId, id, undefined),
        ...Array.from({ length: 4 }, () => createClient(fixture, { pricingId: id })),
      ]);
      const members = created.filter(({ status }) => status === 'fulfilled');
      if (deleted?.status === 'fulfilled') expect(members).toHaveLength(0);
      else {
        expect(deleted?.reason).toMatchObject({ code: 'pricing-in-use' });
        expect(await fixture.repository.clientsWith(fixture.companyId, id)).toBe(members.length);
      }
      for (const result of created)
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({
            code: 'validation',
            errors: [{ pointer: '/pricingId', code: 'not-found' }],
          });
    }
  });

  it('a pricing counts every one of many clients created at once', async () => {
    const fixture = await world();
    const { id } = await createPricing(fixture);
    await Promise.all(Array.from({ length: 60 }, () => createClient(fixture, { pricingId: id })));
    expect(await fixture.repository.clientsWith(fixture.companyId, id)).toBe(60);
  });

  it('a deleted pricing and a deleted item take their prices along', async () => {
    const fixture = await world();
    const [pricing, other] = [await createPricing(fixture), await createPricing(fixture)];
    const items = [await createItem(fixture), await createItem(fixture)];
    for (const { id } of [pricing, other])
      for (const item of items) await fixture.pricings.putPrice(fixture.companyId, id, item.id, euros(100), undefined);
    const [first = ''] = items.map(({ id }) => id);
    await fixture.pricings.deleteItem(fixture.companyId, ItemId.parse(first), true, undefined);
    await fixture.repository.finishItem(fixture.companyId, ItemId.parse(first));
    expect(await pricesOf(fixture, pricing.id)).toHaveLength(1);
    expect(await pricesOf(fixture, other.id)).toHaveLength(1);
    await fixture.pricings.deletePricing(fixture.companyId, pricing.id, undefined);
    for (let delivery = 0; delivery < 3; delivery++)
      await fixture.repository.finishPricing(fixture.companyId, pricing.id);
    expect(await pricesOf(fixture, pricing.id)).toHaveLength(0);
    expect(await pricesOf(fixture, other.id)).toHaveLength(1);
    const left = await queryAll(table, { partition: fixture.companyId, prefix: 'REMOVAL#' });
    expect(left.map(({ of }) => of)).toEqual([]);
  });

  it('a client is refused with pricing-missing if a pricing is required and none exists', async () => {
    const fixture = await world();
    const clientsModule = { ...fixture.principal.clientsModule, requiredFields: ['pricingId' as const] };
    const as = { ...fixture.principal, clientsModule };
    const attempt = (fields: object) =>
      fixture.clients.create(as, ClientInput.parse({ name: 'A client', ...fields }), committing(table));
    await expect(attempt({})).rejects.toMatchObject({ code: 'pricing-missing' });
    const { id } = await createPricing(fixture);
    await expect(attempt({})).rejects.toMatchObject({ errors: [{ pointer: '/pricingId', code: 'required' }] });
    expect((await attempt({ pricingId: id })).pricingId).toBe(id);
  });
});

describe('a price', () => {
  it('a price needs its pricing, its item and their currency', async () => {
    const fixture = await world();
    const [pricing, item] = [await createPricing(fixture, { currency: 'GBP' }), await createItem(fixture)];
    const put = (p: PricingId, i: ItemId, price = { amount: 100, currency: 'GBP' }) =>
      fixture.pricings.putPrice(fixture.companyId, p, i, price, undefined);
    const missing = { code: 'not-found' };
    await expect(put(mintId(PricingId, 'prc', fixture.source), item.id)).rejects.toMatchObject(missing);
    await expect(put(pricing.id, mintId(ItemId, 'itm', fixture.source))).rejects.toMatchObject(missing);
    await expect(put(pricing.id, item.id, euros(1))).rejects.toMatchObject({
      errors: [{ pointer: '/price/currency' }],
    });
    expect(await put(pricing.id, item.id)).toMatchObject({ itemId: item.id, version: 1 });
    const again = await put(pricing.id, item.id, { amount: 200, currency: 'GBP' });
    expect(again).toMatchObject({ price: { amount: 200, currency: 'GBP' }, version: 2 });
  });

  it('no price outlives an item that is deleted while the price is set', async () => {
    for (let round = 0; round < 10; round++) {
      const fixture = await world();
      const [pricing, item] = [await createPricing(fixture), await createItem(fixture)];
      await Promise.allSettled([
        fixture.pricings.putPrice(fixture.companyId, pricing.id, item.id, euros(1), undefined),
        fixture.pricings.deleteItem(fixture.companyId, item.id, true, undefined),
      ]);
      await fixture.repository.finishItem(fixture.companyId, item.id);
      expect(await pricesOf(fixture, pricing.id)).toEqual([]);
    }
  });

  it('of two writes of a price with the same version one succeeds', async () => {
    const fixture = await world();
    const [pricing, item] = [await createPricing(fixture), await createItem(fixture)];
    const set = (amount: number, ifMatch?: number[]) =>
      fixture.pricings.putPrice(fixture.companyId, pricing.id, item.id, euros(amount), ifMatch);
    const { version } = await set(1);
    const rivals = await Promise.allSettled([set(2, [version]), set(3, [version])]);
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all([set(4), set(5)]);
    const remove = (ifMatch?: number[]) =>
      fixture.pricings.deletePrice(fixture.companyId, pricing.id, item.id, ifMatch);
    await expect(remove([version])).rejects.toMatchObject({ code: 'stale-version' });
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the lists', () => {
  it('the lists have each pricing and each item once on full pages, without archived items', async () => {
    const fixture = await world();
    const items = [];
    for (let index = 0; index < 12; index++)
      items.push(await createItem(fixture, { name: `Item ${index}`, kind: index % 2 ? 'resource' : 'service' }));
    for (const { id } of items.slice(0, 3))
      await fixture.pricings.changeItem(fixture.companyId, id, { archived: true }, undefined);
    const walk = async (filters: { archived: boolean | 'any'; kind: 'resource' | 'service' | undefined }) => {
      const sizes: number[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await fixture.repository.items(fixture.companyId, 4, after, filters);
        sizes.push(page.data.length);
        after = page.next;
      } while (after);
      return sizes;
    };
    expect(await walk({ archived: 'any', kind: undefined })).toEqual([4, 4, 4]);
    expect(await walk({ archived: false, kind: undefined })).toEqual([4, 4, 1]);
    expect(await walk({ archived: false, kind: 'service' })).toEqual([4]);
    expect(await walk({ archived: true, kind: 'resource' })).toEqual([1]);
  });
});

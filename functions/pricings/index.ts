import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import type { Item, Pricing } from '../../lib/pricings/schema.ts';
import { pricingService } from '../../lib/pricings/service.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { pricings as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const repository = pricingRepository(table);
const pricings = pricingService(repository, source);

const shown = <T extends { version: number }>(body: T) => ({ body, version: body.version });
const createdPricing = (pricing: Pricing) => ({ ...shown(pricing), location: `/v1/pricings/${pricing.id}` });
const createdItem = (item: Item) => ({ ...shown(item), location: `/v1/items/${item.id}` });

const archivedFilter = { true: true, false: false, any: 'any' } as const;

export const handler = httpFunction(
  contract,
  {
    createPricing: async ({ principal, body, remember }) =>
      createdPricing(
        await pricings.createPricing(principal.companyId, body, (pricing) => remember(createdPricing(pricing))),
      ),
    async listPricings({ principal, query, cursor }) {
      const page = await repository.pricings(principal.companyId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.data, nextCursor: await cursor.seal(page.next) } };
    },
    getPricing: async ({ principal, params }) => shown(await pricings.pricing(principal.companyId, params.pricingId)),
    changePricing: async ({ principal, params, body, ifMatch }) =>
      shown(await pricings.changePricing(principal.companyId, params.pricingId, body, ifMatch)),
    async deletePricing({ principal, params, ifMatch }) {
      await pricings.deletePricing(principal.companyId, params.pricingId, ifMatch);
      return { body: undefined };
    },
    async listPrices({ principal, params, query, cursor }) {
      const after = await cursor.open(query.cursor);
      const page = await pricings.prices(principal.companyId, params.pricingId, query.limit, after);
      return { body: { data: page.data, nextCursor: await cursor.seal(page.next) } };
    },
    putPrice: async ({ principal, params, body, ifMatch }) =>
      shown(await pricings.putPrice(principal.companyId, params.pricingId, params.itemId, body, ifMatch)),
    async deletePrice({ principal, params, ifMatch }) {
      await pricings.deletePrice(principal.companyId, params.pricingId, params.itemId, ifMatch);
      return { body: undefined };
    },
    createItem: async ({ principal, body, remember }) =>
      createdItem(await pricings.createItem(principal.companyId, body, (item) => remember(createdItem(item)))),
    async listItems({ principal, query, cursor }) {
      const { archived, kind, limit } = query;
      const filters = { archived: archivedFilter[archived], kind };
      const page = await repository.items(principal.companyId, limit, await cursor.open(query.cursor), filters);
      return { body: { data: page.data, nextCursor: await cursor.seal(page.next) } };
    },
    getItem: async ({ principal, params }) => shown(await pricings.item(principal.companyId, params.itemId)),
    changeItem: async ({ principal, params, body, ifMatch }) =>
      shown(await pricings.changeItem(principal.companyId, params.itemId, body, ifMatch)),
    async deleteItem({ principal, params, ifMatch }) {
      await pricings.deleteItem(principal.companyId, params.itemId, ifMatch);
      return { body: undefined };
    },
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);

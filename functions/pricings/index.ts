import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { pricingServices } from '../../lib/pricings/wiring.ts';
import { pricings as contract } from './contract.ts';

const createdPricing = createdReply('/v1/pricings');
const createdItem = createdReply('/v1/items');

const archivedFilter = { true: true, false: false, any: 'any' } as const;

export const handler = httpFunction(contract, (deps) => {
  const { pricings, repository } = pricingServices(deps);
  return {
    createPricing: async ({ principal, body, commit }) =>
      createdPricing(await pricings.createPricing(principal.companyId, body, commit(createdPricing))),
    async listPricings({ principal, query, cursor }) {
      const page = await repository.pricings(principal.companyId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.data, page.next);
    },
    getPricing: async ({ principal, params }) =>
      versionedReply(await pricings.pricing(principal.companyId, params.pricingId)),
    changePricing: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await pricings.changePricing(principal.companyId, params.pricingId, body, ifMatch)),
    async deletePricing({ principal, params, ifMatch }) {
      await pricings.deletePricing(principal.companyId, params.pricingId, ifMatch);
      return emptyReply;
    },
    async listPrices({ principal, params, query, cursor }) {
      const after = await cursor.open(query.cursor);
      const page = await pricings.prices(principal.companyId, params.pricingId, query.limit, after);
      return pageReply(cursor, page.data, page.next);
    },
    putPrice: {
      run: async ({ principal, params, body, ifMatch }) =>
        versionedReply(
          await pricings.putPrice(principal.companyId, params.pricingId, params.itemId, body.price, ifMatch),
        ),
      findFaults: ({ principal, params, body }) =>
        pricings.faultsOfPrice(principal.companyId, params.pricingId, body.price),
    },
    async deletePrice({ principal, params, ifMatch }) {
      await pricings.deletePrice(principal.companyId, params.pricingId, params.itemId, ifMatch);
      return emptyReply;
    },
    createItem: {
      run: async ({ principal, body, commit }) =>
        createdItem(await pricings.createItem(principal.companyId, body, commit(createdItem))),
      findFaults: ({ principal, body }) => repository.skuFaults(principal.companyId, body.sku),
    },
    async listItems({ principal, query, cursor }) {
      const { archived, kind, limit, q } = query;
      const filters = { archived: archivedFilter[archived], kind, q };
      const page = await repository.items(principal.companyId, limit, await cursor.open(query.cursor), filters);
      return pageReply(cursor, page.data, page.next);
    },
    getItem: async ({ principal, params }) => versionedReply(await pricings.item(principal.companyId, params.itemId)),
    changeItem: {
      run: async ({ principal, params, body, ifMatch }) =>
        versionedReply(await pricings.changeItem(principal.companyId, params.itemId, body, ifMatch)),
      findFaults: ({ principal, params, body }) => repository.skuFaults(principal.companyId, body.sku, params.itemId),
    },
    async deleteItem({ principal, params, query, ifMatch }) {
      await pricings.deleteItem(principal.companyId, params.itemId, query.force === 'true', ifMatch);
      return emptyReply;
    },
  };
});

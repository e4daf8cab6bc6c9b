import { isDeepStrictEqual } from 'node:util';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { type CompanyId, ItemId, mintId, PricingId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Money } from '../shared/money.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Position } from '../table/query.ts';
import type { Commit } from '../table/transaction.ts';
import type { PricingRepository } from './repository.ts';
import {
  type Item,
  ItemInput,
  type ItemPatch,
  type ItemPrice,
  type Pricing,
  PricingChange,
  type PricingInput,
  type PricingPatch,
} from './schema.ts';

type IfMatch = readonly number[] | undefined;

/** Pricings, the catalogue of items, and the price of each item in each pricing. */
export function pricingService(pricings: PricingRepository, source: Source) {
  const now = () => source.now().toISOString();

  async function changeRecord<T extends { version: number }, R>(
    read: () => Promise<T | undefined>,
    ifMatch: IfMatch,
    write: (present: T) => Promise<R>,
  ): Promise<R> {
    return retryOnStaleVersion(ifMatch, async () => {
      const present = await getOrThrow(read());
      if (ifMatch && !ifMatch.includes(present.version)) throw new Problem('stale-version');
      return write(present);
    });
  }

  async function getOrThrow<T>(read: Promise<T | undefined>): Promise<T> {
    const record = await read;
    if (!record) throw new Problem('not-found');
    return record;
  }

  return {
    async createPricing(company: CompanyId, input: PricingInput, commit: Commit<Pricing>): Promise<Pricing> {
      const at = now();
      const id = mintId(PricingId, 'prc', source);
      const pricing = { id, ...input, createdAt: at, updatedAt: at, version: 1 };
      await commit(pricings.writesToCreatePricing(company, pricing), pricing);
      return pricing;
    },

    /** @throws Problem `not-found` */
    pricing: (company: CompanyId, id: PricingId) => getOrThrow(pricings.pricing(company, id)),

    /** Applies a merge patch. Two calls. @throws Problem `not-found`, `validation`, `stale-version` */
    changePricing(company: CompanyId, id: PricingId, patch: PricingPatch, ifMatch: IfMatch): Promise<Pricing> {
      return changeRecord(
        () => pricings.pricing(company, id),
        ifMatch,
        async (present) => {
          const { name, description } = present;
          const change = validated(PricingChange, mergePatch({ name, description }, patch));
          if (isDeepStrictEqual({ ...present, ...change }, present)) return present;
          const next = { ...present, ...change, updatedAt: now(), version: present.version + 1 };
          await pricings.replacePricing(company, next, present.version);
          return next;
        },
      );
    },

    /**
     * Deletes a pricing that no client has. Its prices are removed in the background. Two calls.
     * @throws Problem `not-found`, `stale-version`, `pricing-in-use` with the number of clients
     */
    deletePricing(company: CompanyId, id: PricingId, ifMatch: IfMatch): Promise<void> {
      return changeRecord(
        () => pricings.pricing(company, id),
        ifMatch,
        async (present) => {
          try {
            await pricings.deletePricing(company, present, source.now());
          } catch (error) {
            if (!(error instanceof Problem) || error.code !== 'pricing-in-use') throw error;
            const clients = Math.max(1, await pricings.clientsWith(company, id));
            const clientsHave = clients === 1 ? '1 client has' : `${clients} clients have`;
            throw new Problem('pricing-in-use', {
              detail: `${clientsHave} this pricing. Give them another pricing first.`,
            });
          }
        },
      );
    },

    async createItem(company: CompanyId, input: ItemInput, commit: Commit<Item>): Promise<Item> {
      const at = now();
      const item = { id: mintId(ItemId, 'itm', source), ...input, createdAt: at, updatedAt: at, version: 1 };
      await commit(pricings.writesToCreateItem(company, item), item);
      return item;
    },

    /** @throws Problem `not-found` */
    item: (company: CompanyId, id: ItemId) => getOrThrow(pricings.item(company, id)),

    /** Applies a merge patch. Two calls. @throws Problem `not-found`, `validation`, `stale-version` */
    changeItem(company: CompanyId, id: ItemId, patch: ItemPatch, ifMatch: IfMatch): Promise<Item> {
      return changeRecord(
        () => pricings.item(company, id),
        ifMatch,
        async (present) => {
          const { id: _id, createdAt: _created, updatedAt: _updated, version, ...fields } = present;
          const change = validated(ItemInput, mergePatch(fields, patch));
          if (isDeepStrictEqual({ ...present, ...change }, present)) return present;
          const next = { ...present, ...change, updatedAt: now(), version: version + 1 };
          await pricings.replaceItem(company, present, next);
          return next;
        },
      );
    },

    /**
     * Deletes an item. With `force` its prices are removed too, in the background. Two calls; without `force` two more.
     * @throws Problem `not-found`, `stale-version`, `item-in-use` with the number of prices
     */
    deleteItem(company: CompanyId, id: ItemId, force: boolean, ifMatch: IfMatch): Promise<void> {
      return changeRecord(
        () => pricings.item(company, id),
        ifMatch,
        async (present) => {
          const prices = force ? 0 : await pricings.countPrices(company, id);
          if (prices > 0) throw itemInUse(prices);
          await pricings.deleteItem(company, present, source.now());
        },
      );
    },

    /**
     * A page of a pricing's prices, in the order of the item ids. One call; a second if the page is empty, to check that the
     * pricing exists.
     * @throws Problem `not-found`
     */
    async prices(company: CompanyId, id: PricingId, limit: number, after: Position | undefined) {
      const page = await pricings.prices(company, id, limit, after);
      if (page.data.length === 0) await getOrThrow(pricings.pricing(company, id));
      return page;
    },

    /**
     * Sets the price of an item in a pricing. Two calls.
     * @throws Problem `not-found`, `validation` if the pricing has another currency, `stale-version`
     */
    async putPrice(
      company: CompanyId,
      pricingId: PricingId,
      itemId: ItemId,
      price: Money,
      ifMatch: IfMatch,
    ): Promise<ItemPrice> {
      return retryOnStaleVersion(ifMatch, async () => {
        const present = await pricings.priceInContext(company, pricingId, itemId);
        if (!present.pricing || !present.item) throw new Problem('not-found');
        const faults = currencyFaults(present.pricing, price);
        if (faults.length > 0) throw invalid(...faults);
        const seen = present.price?.version ?? 0;
        if (ifMatch && !ifMatch.includes(seen)) throw new Problem('stale-version');
        if (present.price && isDeepStrictEqual(present.price.price, price)) return present.price;
        const at = now();
        const createdAt = present.price?.createdAt ?? at;
        const next = { itemId, price, createdAt, updatedAt: at, version: seen + 1 };
        await pricings.putPrice(company, pricingId, next, seen);
        return next;
      });
    },

    /** What `putPrice` would refuse about the right fields of a partly wrong body. One call; none without a price. */
    async faultsOfPrice(company: CompanyId, id: PricingId, price: Money | undefined): Promise<InputFault[]> {
      const pricing = price && (await pricings.pricing(company, id));
      return pricing ? currencyFaults(pricing, price) : [];
    },

    /** Deletes the price of an item in a pricing. One call, two with If-Match. @throws Problem `not-found`, `stale-version` */
    async deletePrice(company: CompanyId, pricingId: PricingId, itemId: ItemId, ifMatch: IfMatch): Promise<void> {
      if (!ifMatch) {
        if (!(await pricings.deletePrice(company, pricingId, itemId))) throw new Problem('not-found');
        return;
      }
      const { price } = await pricings.priceInContext(company, pricingId, itemId);
      if (!price) throw new Problem('not-found');
      const allowed =
        ifMatch.includes(price.version) && (await pricings.deletePrice(company, pricingId, itemId, price.version));
      if (!allowed) throw new Problem('stale-version');
    },
  };
}

function currencyFaults({ currency }: Pricing, price: Money): InputFault[] {
  if (currency === null || currency === price.currency) return [];
  const detail = `The prices of this pricing are in ${currency}.`;
  return [{ pointer: '/price/currency', code: 'not-allowed', detail }];
}

function itemInUse(prices: number): Problem {
  const has = prices === 1 ? 'a price in 1 pricing' : `prices in ${prices} pricings`;
  return new Problem('item-in-use', {
    detail: `The item has ${has}. Repeat the request with force=true to delete it with its prices.`,
  });
}

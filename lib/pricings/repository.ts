import type * as z from 'zod';
import { type InputFault, Problem } from '../shared/errors.ts';
import type { CompanyId, ItemId, PricingId } from '../shared/ids.ts';
import { matchesQuery } from '../shared/words.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, type ItemSchema, readItem } from '../table/entity.ts';
import { type Key, keys, type Range, ranges } from '../table/keys.ts';
import { getItem, getItems, type Position, queryAll, queryMatching, queryPage } from '../table/query.ts';
import { SEALED_SECONDS, shardedCounter } from '../table/sharded-counter.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { deleteItem } from '../table/write.ts';
import {
  type Item,
  type ItemPrice,
  itemEntity,
  type Pricing,
  priceEntity,
  pricingEntity,
  removalEntity,
  skuEntity,
} from './schema.ts';

/** The maximum number of writes in one transaction. */
const MAX_WRITES = 100;
/** The maximum number of items in one BatchGetItem. */
const MAX_READS = 100;

const SKU_TAKEN: InputFault = { pointer: '/sku', code: 'taken', detail: 'Another item has this SKU.' };
const skuTaken = () => new Problem('sku-taken', { errors: [SKU_TAKEN] });

/** One call reads 100 items of the table: each item of the catalogue with its price. */
const ITEMS_AT_ONCE = 50;

const missingOrStale = (existing: unknown) => new Problem(existing ? 'stale-version' : 'not-found');

/** Pricings, the catalogue of items, and the price of each item in each pricing. */
export function pricingRepository(table: Table) {
  const on = writes(table.name);
  const users = shardedCounter(table);

  async function readOne<S extends ItemSchema>(entity: Entity<S>, key: Key): Promise<z.output<S> | undefined> {
    const item = await getItem(table, key, true);
    return item && readItem(entity, item);
  }

  async function page<S extends ItemSchema>(
    entity: Entity<S>,
    request: { range: Range; limit: number; after: Position | undefined; filter?: Filter },
  ): Promise<{ data: z.output<S>[]; next: Position | undefined }> {
    const { items, next } = await queryPage(table, request);
    return { data: items.map((item) => readItem(entity, item)), next };
  }

  /** The item whose stream record starts the worker that removes the prices. */
  const removal = (company: CompanyId, of: PricingId | ItemId, createdAt: string): Write =>
    on.create(keys.removal(company, of), asItem(removalEntity, { of, createdAt }));

  /** The writes that move the guard of the SKU. SKUs that differ in their spelling only have the same guard, which stays. */
  function skuChange(company: CompanyId, before: Item | null, after: Item | null): Write[] {
    const keyOf = (item: Item | null) => (item?.sku ? keys.itemSku(company, item.sku) : undefined);
    const [old, next] = [keyOf(before), keyOf(after)];
    if (old?.PK === next?.PK) return [];
    return [
      ...(old ? [on.remove(old)] : []),
      ...(next && after ? [on.create(next, asItem(skuEntity, { itemId: after.id }), skuTaken)] : []),
    ];
  }

  async function removeAll(all: readonly Key[]): Promise<void> {
    for (let from = 0; from < all.length; from += MAX_WRITES)
      await transact(
        table,
        all.slice(from, from + MAX_WRITES).map((key) => on.remove(key)),
      );
  }

  return {
    writesToCreatePricing: (company: CompanyId, pricing: Pricing): Write[] => [
      on.create(keys.pricing(company, pricing.id), asItem(pricingEntity, pricing)),
    ],

    pricing: (company: CompanyId, id: PricingId) => readOne(pricingEntity, keys.pricing(company, id)),

    pricings: (company: CompanyId, limit: number, after: Position | undefined) =>
      page(pricingEntity, { range: ranges.pricings(company), limit, after }),

    async replacePricing(company: CompanyId, pricing: Pricing, seen: number): Promise<void> {
      await transact(table, [
        on.replace(keys.pricing(company, pricing.id), asItem(pricingEntity, pricing), seen, missingOrStale),
      ]);
    },

    /**
     * Removes a pricing that no client has. It also seals the counter, so that no concurrent request can give it to a client. One
     * transaction.
     * @throws Problem `pricing-in-use`, `stale-version`, `not-found`
     */
    async deletePricing(company: CompanyId, { id, version }: Pricing, now: Date): Promise<void> {
      const ttl = Math.floor(now.getTime() / 1000) + SEALED_SECONDS;
      await transact(table, [
        on.removeVersion(keys.pricing(company, id), version, missingOrStale),
        ...users.seal(company, id, { refusal: () => new Problem('pricing-in-use'), ttl }),
        removal(company, id, now.toISOString()),
      ]);
    },

    /** The exact number of clients with the pricing. One call. */
    clientsWith: (company: CompanyId, id: PricingId) => users.total(company, id),

    /** They fail with `sku-taken` if another item has the SKU. */
    writesToCreateItem: (company: CompanyId, item: Item): Write[] => [
      on.create(keys.item(company, item.id), asItem(itemEntity, item)),
      ...skuChange(company, null, item),
    ],

    /** The fault of a SKU that another item than `own` has. One call; none without a SKU. */
    async skuFaults(company: CompanyId, sku: string | null | undefined, own?: ItemId): Promise<InputFault[]> {
      const holder = sku ? await readOne(skuEntity, keys.itemSku(company, sku)) : undefined;
      return holder && holder.itemId !== own ? [SKU_TAKEN] : [];
    },

    item: (company: CompanyId, id: ItemId) => readOne(itemEntity, keys.item(company, id)),

    /** A page of items, with `q` of those whose name, SKU or description has its words. One call. */
    async items(company: CompanyId, limit: number, after: Position | undefined, { q, ...filters }: ItemFilters) {
      const request = { range: ranges.items(company), limit, after, ...itemFilter(filters) };
      if (q === undefined) return page(itemEntity, request);
      const matches = matchesQuery(q);
      const { items, next } = await queryMatching(table, request, (item) => {
        const { name, sku, description } = readItem(itemEntity, item);
        return matches([name, sku, description]);
      });
      return { data: items.map((item) => readItem(itemEntity, item)), next };
    },

    /** Replaces an item that is still `before`. @throws Problem `stale-version`, `not-found`, `sku-taken` */
    async replaceItem(company: CompanyId, before: Item, after: Item): Promise<void> {
      await transact(table, [
        on.replace(keys.item(company, after.id), asItem(itemEntity, after), before.version, missingOrStale),
        ...skuChange(company, before, after),
      ]);
    },

    /** In how many pricings the item has a price. A Query of the pricings, and a BatchGetItem for each hundred of them. */
    async countPrices(company: CompanyId, id: ItemId): Promise<number> {
      const pricings = await queryAll(table, ranges.pricings(company));
      const prices = pricings.map((item) => keys.price(company, readItem(pricingEntity, item).id, id));
      let count = 0;
      for (let from = 0; from < prices.length; from += MAX_READS) {
        const found = await getItems(table, prices.slice(from, from + MAX_READS), true);
        count += found.filter((price) => price !== undefined).length;
      }
      return count;
    },

    /** Removes an item. Its prices are removed in the background. One transaction. */
    async deleteItem(company: CompanyId, item: Item, now: Date): Promise<void> {
      const { id, version } = item;
      await transact(table, [
        on.removeVersion(keys.item(company, id), version, missingOrStale),
        ...skuChange(company, item, null),
        removal(company, id, now.toISOString()),
      ]);
    },

    /** A pricing, an item and its price in the pricing; each is undefined if it does not exist. One call. */
    async priceInContext(company: CompanyId, pricingId: PricingId, itemId: ItemId) {
      const [pricing, item, price] = await getItems(
        table,
        [keys.pricing(company, pricingId), keys.item(company, itemId), keys.price(company, pricingId, itemId)],
        true,
      );
      return {
        pricing: pricing && readItem(pricingEntity, pricing),
        item: item && readItem(itemEntity, item),
        price: price && readItem(priceEntity, price),
      };
    },

    /**
     * The items that exist, each with its price in the pricing; null if there is none. One call for 50 items, strongly
     * consistent.
     */
    async itemsWithPrices(
      company: CompanyId,
      pricing: PricingId | null,
      ids: readonly ItemId[],
    ): Promise<Map<ItemId, { item: Item; price: ItemPrice['price'] | null }>> {
      const found = new Map<ItemId, { item: Item; price: ItemPrice['price'] | null }>();
      for (let from = 0; from < ids.length; from += ITEMS_AT_ONCE) {
        const batch = ids.slice(from, from + ITEMS_AT_ONCE);
        const items = await getItems(
          table,
          [
            ...batch.map((id) => keys.item(company, id)),
            ...(pricing ? batch.map((id) => keys.price(company, pricing, id)) : []),
          ],
          true,
        );
        batch.forEach((id, index) => {
          const [item, price] = [items[index], items[batch.length + index]];
          if (item)
            found.set(id, {
              item: readItem(itemEntity, item),
              price: price ? readItem(priceEntity, price).price : null,
            });
        });
      }
      return found;
    },

    /** A page of a pricing's prices, in the order of the item ids. One call. */
    prices: (company: CompanyId, pricing: PricingId, limit: number, after: Position | undefined) =>
      page(priceEntity, { range: ranges.prices(company, pricing), limit, after }),

    /**
     * Replaces the price that still has version `seen`; 0 means that there is none yet. Pricing and item must exist, so that a
     * price never outlives either. One transaction.
     * @throws Problem `not-found`, `stale-version`
     */
    async putPrice(company: CompanyId, pricingId: PricingId, price: ItemPrice, seen: number): Promise<void> {
      const key = keys.price(company, pricingId, price.itemId);
      const stored = asItem(priceEntity, { ...price, pricingId });
      const missing = () => new Problem('not-found');
      await transact(table, [
        on.exists(keys.pricing(company, pricingId), missing),
        on.exists(keys.item(company, price.itemId), missing),
        seen === 0
          ? on.create(key, stored, () => new Problem('stale-version'))
          : on.replace(key, stored, seen, () => new Problem('stale-version')),
      ]);
    },

    /** Removes a price, only version `seen` if that is given. Returns whether it did. One call. */
    async deletePrice(company: CompanyId, pricing: PricingId, item: ItemId, seen?: number): Promise<boolean> {
      return deleteItem(
        table,
        keys.price(company, pricing, item),
        seen === undefined
          ? { ConditionExpression: 'attribute_exists(PK)' }
          : {
              ConditionExpression: '#version = :seen',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':seen': seen },
            },
      );
    },

    /** Removes the prices of a deleted pricing, then the pending removal. Idempotent. */
    async finishPricing(company: CompanyId, id: PricingId): Promise<void> {
      const prices = await queryAll(table, ranges.prices(company, id));
      await removeAll(prices.map((item) => keys.price(company, id, readItem(priceEntity, item).itemId)));
      await deleteItem(table, keys.removal(company, id));
    },

    /** Removes the prices of a deleted item in all pricings, then the pending removal. Idempotent. */
    async finishItem(company: CompanyId, id: ItemId): Promise<void> {
      const pricings = await queryAll(table, ranges.pricings(company));
      await removeAll(pricings.map((item) => keys.price(company, readItem(pricingEntity, item).id, id)));
      await deleteItem(table, keys.removal(company, id));
    },
  };
}

export type PricingRepository = ReturnType<typeof pricingRepository>;

type Filter = NonNullable<Parameters<typeof queryPage>[1]['filter']>;

export interface ItemFilters {
  archived: boolean | 'any';
  kind: Item['kind'] | undefined;
  q?: string | undefined;
}

function itemFilter({ archived, kind }: ItemFilters): { filter?: Filter } {
  const conditions = { ...(archived !== 'any' && { archived }), ...(kind && { kind }) };
  const names = Object.keys(conditions);
  if (names.length === 0) return {};
  return {
    filter: {
      expression: names.map((name) => `#${name} = :${name}`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(conditions).map(([name, value]) => [`:${name}`, value]),
      ),
    },
  };
}

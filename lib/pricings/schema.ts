import * as z from 'zod';
import { ItemId, PricingId } from '../shared/ids.ts';
import { Currency } from '../shared/locale.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Price } from '../shared/money.ts';
import { Instant, identifier, line, text } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

const recordFields = {
  createdAt: Instant.describe('When the record was created.'),
  updatedAt: Instant.describe('When the record was last changed.'),
  version: z.int().positive().describe('Counts the changes of the record. It is the ETag.'),
};

const pricing = {
  name: line(100)
    .describe('The name of the pricing.')
    .meta({ examples: ['Wholesale'] }),
  description: text(2000).default('').describe('What the pricing is for. Only staff reads it.'),
};
const pricingCurrency = Currency.nullable()
  .default(null)
  .describe('The currency of all prices; null allows any currency. It cannot be changed later.');

export const Pricing = z
  .object({ id: PricingId, ...pricing, currency: pricingCurrency, ...recordFields })
  .meta({ id: 'Pricing' });
export type Pricing = z.output<typeof Pricing>;

export const PricingInput = z.strictObject({ ...pricing, currency: pricingCurrency }).meta({ id: 'PricingInput' });
export type PricingInput = z.output<typeof PricingInput>;

export const PricingChange = z.strictObject(pricing);
export const PricingPatch = mergePatchOf(PricingChange).meta({ id: 'PricingPatch' });
export type PricingPatch = z.output<typeof PricingPatch>;

export const ItemKind = z.enum(['resource', 'service']);

const item = {
  kind: ItemKind.default('service').describe('Whether the item is a resource, such as goods or a room, or a service.'),
  name: line(200)
    .describe('The name of the item.')
    .meta({ examples: ['Design hour'] }),
  sku: identifier(100)
    .nullable()
    .default(null)
    .describe('The article number, unique in the company, whatever its case. Null if the item has none.')
    .meta({ examples: ['DSN-60'] }),
  description: text(5000).default('').describe('What the item is, in more words.'),
  unit: line(30)
    .nullable()
    .default(null)
    .describe('The unit that the price is for.')
    .meta({ examples: ['hour'] }),
  taxRate: z
    .string()
    .max(8, { abort: true })
    .regex(/^(?:100(?:\.0{1,4})?|[1-9]?\d(?:\.\d{1,4})?)$/, 'must be a percentage from 0 to 100 such as 20 or 5.5')
    .nullable()
    .default(null)
    .describe('The tax rate in percent, as a decimal text.')
    .meta({ examples: ['20'] }),
  archived: z.boolean().default(false).describe('An archived item is kept but no longer offered.'),
};

/** An entry of the catalogue. */
export const Item = z.object({ id: ItemId, ...item, ...recordFields }).meta({ id: 'Item' });
export type Item = z.output<typeof Item>;

export const ItemInput = z.strictObject(item).meta({ id: 'ItemInput' });
export type ItemInput = z.output<typeof ItemInput>;
export const ItemPatch = mergePatchOf(ItemInput).meta({ id: 'ItemPatch' });
export type ItemPatch = z.output<typeof ItemPatch>;

const price = Price.describe('The price of one unit of the item.');

/** The price of an item in a pricing, as it is written. It is read in the same shape. */
export const PriceInput = z.strictObject({ price }).meta({ id: 'PriceInput' });

/** The price of an item in a pricing. */
export const ItemPrice = z
  .object({ itemId: ItemId.describe('The item that the price is for.'), price, ...recordFields })
  .meta({ id: 'ItemPrice' });
export type ItemPrice = z.output<typeof ItemPrice>;

export const pricingEntity = { name: 'pricing', version: 1, schema: Pricing } satisfies Entity;
export const itemEntity = { name: 'item', version: 1, schema: Item } satisfies Entity;
/** Exists exactly while an item has the SKU in its key. */
export const skuEntity = { name: 'sku', version: 1, schema: z.object({ itemId: ItemId }) } satisfies Entity;
export const priceEntity = {
  name: 'price',
  version: 1,
  schema: ItemPrice.extend({ pricingId: PricingId }),
} satisfies Entity;

/** A pending removal of the prices of a deleted pricing or item. */
export const removalEntity = {
  name: 'removal',
  version: 1,
  schema: z.object({ of: z.union([PricingId, ItemId]), createdAt: Instant }),
} satisfies Entity;

import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import {
  Item,
  ItemInput,
  ItemKind,
  ItemPatch,
  ItemPrice,
  Pricing,
  PricingInput,
  PricingPatch,
} from '../../lib/pricings/schema.ts';
import { ItemId, PricingId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { Price } from '../../lib/shared/money.ts';

const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'editor', module: 'clients' } as const;
const remover = { role: 'admin', module: 'clients' } as const;

const onePricing = z.strictObject({ pricingId: PricingId });
const oneItem = z.strictObject({ itemId: ItemId });
const onePrice = z.strictObject({ pricingId: PricingId, itemId: ItemId });

/** Pricings, the catalogue of items, and the price of each item in each pricing. */
export const pricings = contract({
  createPricing: {
    method: 'POST',
    path: '/v1/pricings',
    tag: 'Pricings',
    summary: 'Create a pricing',
    access: writer,
    body: PricingInput,
    examples: [{ body: { name: 'Wholesale', currency: 'EUR' } }],
    reply: { status: 201, description: 'The pricing.', schema: Pricing, location: true },
    versioned: true,
    problems: ['write-conflict'],
  },
  listPricings: {
    method: 'GET',
    path: '/v1/pricings',
    tag: 'Pricings',
    summary: 'List the pricings',
    access: reader,
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of pricings, oldest first.', schema: pageOf('PricingPage', Pricing) },
    problems: ['bad-cursor'],
  },
  getPricing: {
    method: 'GET',
    path: '/v1/pricings/{pricingId}',
    tag: 'Pricings',
    summary: 'Read a pricing',
    access: reader,
    params: onePricing,
    reply: { status: 200, description: 'The pricing.', schema: Pricing },
    versioned: true,
    problems: ['not-found'],
  },
  changePricing: {
    method: 'PATCH',
    path: '/v1/pricings/{pricingId}',
    tag: 'Pricings',
    summary: 'Change the name or description of a pricing',
    description: 'JSON merge patch (RFC 7396).',
    access: writer,
    params: onePricing,
    body: PricingPatch,
    examples: [{ body: { description: 'For orders of ten and more.' } }],
    reply: { status: 200, description: 'The pricing.', schema: Pricing },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  deletePricing: {
    method: 'DELETE',
    path: '/v1/pricings/{pricingId}',
    tag: 'Pricings',
    summary: 'Delete a pricing',
    description:
      'Its prices are deleted too. If clients have the pricing, the request fails with 409 `pricing-in-use`, and the detail says how many.',
    access: remover,
    params: onePricing,
    reply: { status: 204, description: 'The pricing is deleted.' },
    versioned: true,
    problems: ['not-found', 'pricing-in-use', 'stale-version', 'write-conflict'],
  },
  listPrices: {
    method: 'GET',
    path: '/v1/pricings/{pricingId}/prices',
    tag: 'Pricings',
    summary: 'List the prices of a pricing',
    access: reader,
    params: onePricing,
    query: z.strictObject(listQuery),
    reply: {
      status: 200,
      description: 'A page of prices, in the order of the item ids.',
      schema: pageOf('PricePage', ItemPrice),
    },
    problems: ['not-found', 'bad-cursor'],
  },
  putPrice: {
    method: 'PUT',
    path: '/v1/pricings/{pricingId}/prices/{itemId}',
    tag: 'Pricings',
    summary: 'Set the price of an item in a pricing',
    access: writer,
    params: onePrice,
    body: Price,
    examples: [{ body: { amount: 9500, currency: 'EUR' } }],
    reply: { status: 200, description: 'The price.', schema: ItemPrice },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  deletePrice: {
    method: 'DELETE',
    path: '/v1/pricings/{pricingId}/prices/{itemId}',
    tag: 'Pricings',
    summary: 'Delete the price of an item in a pricing',
    access: writer,
    params: onePrice,
    reply: { status: 204, description: 'The price is deleted.' },
    versioned: true,
    problems: ['not-found', 'stale-version'],
  },
  createItem: {
    method: 'POST',
    path: '/v1/items',
    tag: 'Items',
    summary: 'Create an item in the catalogue',
    access: writer,
    body: ItemInput,
    examples: [{ body: { kind: 'service', name: 'Design hour', unit: 'hour', taxRate: '20' } }],
    reply: { status: 201, description: 'The item.', schema: Item, location: true },
    versioned: true,
    problems: ['write-conflict'],
  },
  listItems: {
    method: 'GET',
    path: '/v1/items',
    tag: 'Items',
    summary: 'List the items in the catalogue',
    access: reader,
    query: z.strictObject({
      ...listQuery,
      kind: ItemKind.optional(),
      archived: z
        .enum(['true', 'false', 'any'])
        .default('false')
        .describe('`true`: only archived items; `false`: only items that are not archived; `any`: both.'),
    }),
    examples: [{ query: { kind: 'service' } }],
    reply: { status: 200, description: 'A page of items, oldest first.', schema: pageOf('ItemPage', Item) },
    problems: ['bad-cursor'],
  },
  getItem: {
    method: 'GET',
    path: '/v1/items/{itemId}',
    tag: 'Items',
    summary: 'Read an item',
    access: reader,
    params: oneItem,
    reply: { status: 200, description: 'The item.', schema: Item },
    versioned: true,
    problems: ['not-found'],
  },
  changeItem: {
    method: 'PATCH',
    path: '/v1/items/{itemId}',
    tag: 'Items',
    summary: 'Change an item',
    description: 'JSON merge patch (RFC 7396).',
    access: writer,
    params: oneItem,
    body: ItemPatch,
    examples: [{ body: { description: 'An hour of a senior designer.' } }],
    reply: { status: 200, description: 'The item.', schema: Item },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  deleteItem: {
    method: 'DELETE',
    path: '/v1/items/{itemId}',
    tag: 'Items',
    summary: 'Delete an item',
    description: 'Its prices are deleted too. To keep an item that has been sold, archive it instead.',
    access: remover,
    params: oneItem,
    reply: { status: 204, description: 'The item is deleted.' },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
});

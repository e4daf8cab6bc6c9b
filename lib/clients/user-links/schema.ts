import * as z from 'zod';
import { User } from '../../accounts/schema.ts';
import { ClientId, PricingId, UserId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import { Instant } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';
import { ListedClient } from '../schema.ts';

/** A user who may act for a client. */
export const LinkedUser = User.pick({ id: true, name: true, email: true, role: true, status: true })
  .extend({ linkedAt: Instant.describe('When the user was linked to the client.') })
  .meta({ id: 'LinkedUser' });
export type LinkedUser = z.output<typeof LinkedUser>;

/** What a user of the lowest role sees of a client that it may act for. */
export const LinkedClient = z
  .object({
    id: ClientId,
    number: ListedClient.shape.number,
    name: z
      .string()
      .describe('The display name of the client.')
      .meta({ examples: ['Northwind Studio'] }),
    currency: Currency.describe(
      'The effective currency: that of the client if it has one, else that of its group, else that of the company.',
    ),
    pricingId: PricingId.nullable().describe('The pricing of the client; null if it has none.'),
  })
  .meta({ id: 'LinkedClient' });
export type LinkedClient = z.output<typeof LinkedClient>;

/** A link. The items on both sides are equal but for their keys. */
export const linkEntity = {
  name: 'link',
  version: 1,
  schema: z.object({ clientId: ClientId, userId: UserId, linkedAt: Instant }),
} satisfies Entity;
export type StoredLink = z.output<typeof linkEntity.schema>;

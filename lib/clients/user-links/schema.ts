import * as z from 'zod';
import { User } from '../../accounts/schema.ts';
import { InvoiceDelivery } from '../../settings/schema.ts';
import { ClientId, PricingId, UserId } from '../../shared/ids.ts';
import { Currency, Language } from '../../shared/locale.ts';
import { Instant } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';
import { ClientProfile, ListedClient } from '../schema.ts';

/** A user who may act for a client. */
export const LinkedUser = User.pick({ id: true, name: true, email: true, role: true, status: true })
  .extend({ linkedAt: Instant.describe('When the user was linked to the client.') })
  .meta({ id: 'LinkedUser' });
export type LinkedUser = z.output<typeof LinkedUser>;

/** What a user of the lowest role sees of a client that it may act for. */
export const LinkedClient = z
  .object({
    id: ClientId,
    number: ListedClient.shape.number.describe('The client number.'),
    displayName: ListedClient.shape.displayName.describe('What the client is called.'),
    currency: Currency.describe(
      'The effective currency: that of the client if it has one, else that of its group, else that of the company.',
    ),
    pricingId: PricingId.nullable().describe('The pricing of the client; null if it has none.'),
  })
  .meta({ id: 'LinkedClient' });
export type LinkedClient = z.output<typeof LinkedClient>;

const profile = ClientProfile.shape;

/** A client as a user sees it who may act for it, whatever the role: enough to address it and to sell to it. */
export const LinkedClientProfile = z
  .object({
    id: ClientId,
    number: LinkedClient.shape.number,
    idNumber: ListedClient.shape.idNumber.describe(
      'The number of the client in another system; null if there is none.',
    ),
    type: profile.type.unwrap().describe('Whether the client is a person or a company.'),
    name: profile.name.unwrap().describe('The name of the client; null if only its contacts have names.'),
    displayName: LinkedClient.shape.displayName,
    vatNumber: profile.vatNumber.unwrap().describe('The VAT number; null if there is none.'),
    phones: profile.phones.unwrap().describe('Phone and fax numbers.'),
    defaultFax: profile.defaultFax,
    billingAddress: profile.billingAddress.unwrap().describe('The address for invoices; null if there is none.'),
    shippingAddress: profile.shippingAddress.describe('The address for deliveries; null if there is none.'),
    invoiceDelivery: InvoiceDelivery.describe('How invoices are delivered to the client: the effective setting.'),
    pricingId: LinkedClient.shape.pricingId,
    currency: LinkedClient.shape.currency,
    language: Language.describe('The effective language.'),
    archivedAt: profile.archivedAt.describe('When the client was archived; null if it is not.'),
  })
  .meta({ id: 'LinkedClientProfile' });
export type LinkedClientProfile = z.output<typeof LinkedClientProfile>;

/** A link. The items on both sides are equal but for their keys. */
export const linkEntity = {
  name: 'link',
  version: 1,
  schema: z.object({ clientId: ClientId, userId: UserId, linkedAt: Instant }),
} satisfies Entity;
export type StoredLink = z.output<typeof linkEntity.schema>;

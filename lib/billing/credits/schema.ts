import * as z from 'zod';
import { ClientId, CreditId, InvoiceId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import { Fee, Money } from '../../shared/money.ts';
import { Instant, line } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';
import { Day } from '../invoices/schema.ts';

export const CreditInput = z
  .strictObject({
    clientId: ClientId.describe('Who gets the credit.'),
    amount: Fee.describe('How much.'),
    invoiceId: InvoiceId.nullable()
      .default(null)
      .describe('An open invoice that it is for. What is more than is due on it becomes credit of the client.'),
    reason: line(500)
      .nullable()
      .default(null)
      .describe('Why it is given, as it is printed.')
      .meta({ examples: ['Returned goods'] }),
    date: Day.nullable().default(null).describe("If it is left out, today in the company's time zone."),
  })
  .meta({ id: 'CreditInput' });
export type CreditInput = z.output<typeof CreditInput>;

/** How much credit an invoice gets or gives back. */
export const CreditAmount = z
  .strictObject({
    amount: Fee.optional().describe('If it is left out, as much as there is and as the invoice needs.'),
  })
  .meta({ id: 'CreditAmount' });
export type CreditAmount = z.output<typeof CreditAmount>;

const described = {
  id: CreditId,
  number: z
    .string()
    .describe('Its number.')
    .meta({ examples: ['CN-2026-0007'] }),
  status: z.enum(['issued', 'cancelled']).describe('A cancelled one counts for nothing.'),
  clientId: ClientId.describe('Who got the credit.'),
  clientName: z
    .string()
    .describe('The name of the client when it was issued.')
    .meta({ examples: ['Northwind Studio'] }),
  invoiceId: InvoiceId.nullable().describe('The invoice that it is for; null for none.'),
  reason: z
    .string()
    .nullable()
    .describe('Why it was given; null if nothing was said.')
    .meta({ examples: ['Returned goods'] }),
  date: Day.describe('The date of the credit note.'),
};
const stamps = {
  cancelledAt: Instant.nullable().describe('When it was cancelled; null if it was not.'),
  createdAt: Instant.describe('When it was issued.'),
  updatedAt: Instant.describe('When it was last changed.'),
  version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
};

/** A credit note. */
export const Credit = z
  .object({
    ...described,
    amount: Money.describe('How much.'),
    applied: Money.describe('The part that was taken off the invoice when the credit note was issued.'),
    ...stamps,
  })
  .meta({ id: 'Credit', description: 'A credit note.' });
export type Credit = z.output<typeof Credit>;

export const creditEntity = {
  name: 'credit',
  version: 1,
  schema: z.object({
    ...described,
    currency: Currency,
    amount: z.int().positive(),
    applied: z.int().nonnegative(),
    ...stamps,
  }),
} satisfies Entity;
export type StoredCredit = z.output<typeof creditEntity.schema>;

export function toCredit({ currency, amount, applied, ...credit }: StoredCredit): Credit {
  return { ...credit, amount: { amount, currency }, applied: { amount: applied, currency } };
}

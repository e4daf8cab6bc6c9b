import * as z from 'zod';
import { ClientId, InvoiceId, PaymentId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import { Fee, Money } from '../../shared/money.ts';
import { addFault } from '../../shared/rules.ts';
import { Instant, line, text } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';
import { Day } from '../invoices/schema.ts';
import type { Allocation } from './allocation.ts';

/** The most invoices that one payment pays for: they change in one transaction, which has at most 100 writes. */
export const MAX_ALLOCATIONS = 40;
/** The most refunds of a payment. */
export const MAX_REFUNDS = 50;

const PaymentMethod = z
  .enum(['bank-transfer', 'card', 'cash', 'cheque', 'direct-debit', 'online', 'other'])
  .describe('How the money came.')
  .meta({ examples: ['bank-transfer'] });

const AllocationInput = z
  .strictObject({
    invoiceId: InvoiceId.describe('The invoice.'),
    amount: Fee.describe('The part of the money for this invoice.'),
  })
  .meta({ id: 'AllocationInput', description: 'A part of the money and the invoice that it is for.' });

/** Two allocations to one invoice would be two changes of it in one transaction. */
function refuseTwice(allocations: readonly { invoiceId: string }[], context: z.RefinementCtx): void {
  allocations.forEach(({ invoiceId }, index) => {
    if (allocations.findIndex((other) => other.invoiceId === invoiceId) < index)
      addFault(context, {
        path: [index, 'invoiceId'],
        code: 'duplicate',
        message: 'Another allocation has this invoice.',
      });
  });
}

const Allocations = z.array(AllocationInput).max(MAX_ALLOCATIONS, { abort: true }).superRefine(refuseTwice);

export const PaymentInput = z
  .strictObject({
    clientId: ClientId.describe('Who paid.'),
    amount: Fee.describe('What was paid.'),
    date: Day.describe('The day on which the money was received.'),
    method: PaymentMethod.default('bank-transfer'),
    reference: line(200)
      .nullable()
      .default(null)
      .describe('What tells the payment from others, such as the text of the bank transfer.'),
    notes: text(2000).default('').describe('Notes for staff.'),
    allocations: Allocations.optional().describe(
      'The invoices that it pays for. If they are left out, the open invoices of the client in this currency, the oldest due date first. What is left becomes credit of the client.',
    ),
  })
  .meta({ id: 'PaymentInput' });
export type PaymentInput = z.output<typeof PaymentInput>;

export const RefundInput = z
  .strictObject({
    amount: Fee.describe('What goes back to the client.'),
    date: Day.nullable().default(null).describe("If it is left out, today in the company's time zone."),
    allocations: Allocations.optional().describe(
      'The invoices that are owed again. What they do not cover is taken from credit. If they are left out, the refund is taken from credit that the payment left, then from its invoices, the last one first.',
    ),
  })
  .meta({ id: 'RefundInput' });
export type RefundInput = z.output<typeof RefundInput>;

const Allocated = z
  .object({
    invoiceId: InvoiceId.describe('The invoice.'),
    invoiceNumber: z
      .string()
      .describe('Its number.')
      .meta({ examples: ['2026-0042'] }),
    amount: Money.describe('The part of the payment for it, less refunds.'),
  })
  .meta({ id: 'Allocation', description: 'A part of a payment and the invoice that it is for.' });

const PaymentStatus = z
  .enum(['received', 'partially-refunded', 'refunded', 'reversed'])
  .describe('`reversed`: it was recorded by mistake, and counts for nothing.');

const described = {
  id: PaymentId,
  status: PaymentStatus,
  clientId: ClientId.describe('Who paid.'),
  clientName: z
    .string()
    .describe('The name of the client when the payment was recorded.')
    .meta({ examples: ['Northwind Studio'] }),
  date: Day.describe('The day on which the money was received.'),
  method: PaymentMethod,
  reference: z
    .string()
    .nullable()
    .describe('What tells the payment from others; null if there is nothing.')
    .meta({ examples: ['RF18 5390'] }),
  notes: z
    .string()
    .describe('Notes for staff.')
    .meta({ examples: ['First half'] }),
};
const stamps = {
  reversedAt: Instant.nullable().describe('When it was reversed; null if it was not.'),
  createdAt: Instant.describe('When it was recorded.'),
  updatedAt: Instant.describe('When it was last changed.'),
  version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
};

export const Payment = z
  .object({
    ...described,
    amount: Money.describe('What was paid.'),
    allocations: z.array(Allocated).describe('What it pays for, less refunds.'),
    unallocated: Money.describe('The part that became credit of the client, less refunds.'),
    refunded: Money.describe('What went back to the client.'),
    refunds: z
      .array(
        z.object({
          at: Instant.describe('When it was recorded.'),
          date: Day.describe('The day on which the money went back.'),
          amount: Money.describe('What went back.'),
        }),
      )
      .describe('The refunds, the oldest first.'),
    ...stamps,
  })
  .meta({ id: 'Payment', description: 'Money that a client paid.' });
export type Payment = z.output<typeof Payment>;

const minorUnits = z.int().nonnegative();

export const paymentEntity = {
  name: 'payment',
  version: 1,
  schema: z.object({
    ...described,
    currency: Currency,
    amount: z.int().positive(),
    allocations: z.array(z.object({ invoiceId: InvoiceId, invoiceNumber: z.string(), amount: z.int().positive() })),
    unallocated: minorUnits,
    refunded: minorUnits,
    refunds: z.array(z.object({ at: Instant, date: Day, amount: z.int().positive() })),
    ...stamps,
  }),
} satisfies Entity;
export type StoredPayment = z.output<typeof paymentEntity.schema>;

export function toPayment({ currency, ...payment }: StoredPayment): Payment {
  const money = (amount: number) => ({ amount, currency });
  return {
    ...payment,
    amount: money(payment.amount),
    unallocated: money(payment.unallocated),
    refunded: money(payment.refunded),
    allocations: payment.allocations.map((allocation) => ({ ...allocation, amount: money(allocation.amount) })),
    refunds: payment.refunds.map((refund) => ({ ...refund, amount: money(refund.amount) })),
  };
}

/** The status that follows from what was refunded. */
export function statusAfterRefund({
  amount,
  refunded,
}: Pick<StoredPayment, 'amount' | 'refunded'>): StoredPayment['status'] {
  if (refunded === 0) return 'received';
  return refunded === amount ? 'refunded' : 'partially-refunded';
}

/** Amounts by invoice. */
export function amountsByInvoice(allocations: readonly Allocation<InvoiceId>[]): Map<InvoiceId, number> {
  return new Map(allocations.map(({ invoiceId, amount }) => [invoiceId, amount]));
}

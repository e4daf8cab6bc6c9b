import * as z from 'zod';
import { paymentListQuery } from '../../lib/billing/payments/list.ts';
import { Payment, PaymentInput, RefundInput } from '../../lib/billing/payments/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { PaymentId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const paymentParams = z.strictObject({ paymentId: PaymentId });
const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'editor', module: 'clients' } as const;
const reply = { status: 200, description: 'The payment.', schema: Payment } as const;

/** Payments of clients, their refunds and reversals. */
export const payments = contract({
  createPayment: {
    method: 'POST',
    path: '/v1/payments',
    tag: 'Payments',
    summary: 'Record a payment',
    description:
      'It pays for one or several open invoices of one client and currency, up to 40 at once. Without `allocations` it pays the oldest due first. What is left becomes credit of the client.',
    access: writer,
    body: PaymentInput,
    examples: [
      {
        title: 'The oldest invoices first',
        body: {
          clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA',
          amount: { amount: 10000, currency: 'EUR' },
          date: '2026-02-03',
        },
      },
      {
        title: 'Over a chosen invoice',
        body: {
          clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA',
          amount: { amount: 10000, currency: 'EUR' },
          date: '2026-02-03',
          method: 'card',
          reference: 'RF18 5390',
          allocations: [{ invoiceId: 'inv_01JD8X3V5QZ7M2K4N6P8R0S1TA', amount: { amount: 9000, currency: 'EUR' } }],
        },
      },
    ],
    reply: { status: 201, description: 'The payment.', schema: Payment, location: true },
    versioned: true,
    problems: ['balance-too-large', 'write-conflict'],
  },
  listPayments: {
    method: 'GET',
    path: '/v1/payments',
    tag: 'Payments',
    summary: 'List the payments',
    description:
      'A payment must match all given filters. A page that is filtered may be short, even empty, and still have a next page.',
    access: reader,
    query: z.strictObject({ ...listQuery, ...paymentListQuery }),
    reply: { status: 200, description: 'A page of payments.', schema: pageOf('PaymentPage', Payment) },
    problems: ['bad-cursor'],
  },
  getPayment: {
    method: 'GET',
    path: '/v1/payments/{paymentId}',
    tag: 'Payments',
    summary: 'Read a payment',
    description: 'With the invoices that it pays for, and its refunds.',
    access: reader,
    params: paymentParams,
    reply,
    versioned: true,
    problems: ['not-found'],
  },
  refundPayment: {
    method: 'POST',
    path: '/v1/payments/{paymentId}/refund',
    tag: 'Payments',
    summary: 'Refund a payment, or part of it',
    description: 'Money went back to the client. Invoices that the refund is taken from are owed again.',
    access: writer,
    params: paymentParams,
    body: RefundInput,
    examples: [{ body: { amount: { amount: 500, currency: 'EUR' } } }],
    reply,
    versioned: true,
    problems: ['not-found', 'payment-reversed', 'credit-insufficient', 'balance-too-large', 'write-conflict'],
  },
  reversePayment: {
    method: 'POST',
    path: '/v1/payments/{paymentId}/reverse',
    tag: 'Payments',
    summary: 'Reverse a payment that was recorded by mistake',
    description:
      'As if it had not been received: its invoices are owed again, and its credit is gone. Nothing is deleted.',
    access: writer,
    params: paymentParams,
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply,
    versioned: true,
    problems: [
      'not-found',
      'payment-reversed',
      'payment-refunded',
      'credit-insufficient',
      'balance-too-large',
      'write-conflict',
    ],
  },
});

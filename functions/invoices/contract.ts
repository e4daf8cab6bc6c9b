import * as z from 'zod';
import { CreditAmount } from '../../lib/billing/credits/schema.ts';
import { invoiceListQuery } from '../../lib/billing/invoices/list.ts';
import { Invoice, InvoiceInput, InvoicePatch, ListedInvoice } from '../../lib/billing/invoices/schema.ts';
import { contract, type Route } from '../../lib/http/contract.ts';
import { ClientId, InvoiceId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const invoiceParams = z.strictObject({ invoiceId: InvoiceId });
const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'editor', module: 'clients' } as const;
const page = { status: 200, description: 'A page of invoices.', schema: pageOf('InvoicePage', ListedInvoice) } as const;
const { clientId: _clientId, ...ofOneClient } = invoiceListQuery;

const listing =
  'An invoice must match all given filters. A page that is filtered may be short, even empty, and still have a next page.';

/** What happens to an invoice after it was drafted. */
const event = {
  method: 'POST',
  tag: 'Invoices',
  access: writer,
  params: invoiceParams,
  reply: { status: 200, description: 'The invoice.', schema: Invoice },
  versioned: true,
} as const satisfies Partial<Route>;

/** Invoices, from the draft to the last payment. */
export const invoices = contract({
  createInvoice: {
    method: 'POST',
    path: '/v1/invoices',
    tag: 'Invoices',
    summary: 'Create a draft of an invoice',
    description:
      "A draft has no number and is not owed. Its lines are free, or items of the catalogue at the price of the client's pricing. Tax is calculated for each rate on the sum of its lines and rounded once, half away from zero (EN 16931); a client that is exempt pays none.",
    access: writer,
    body: InvoiceInput,
    examples: [
      {
        title: 'With free lines',
        body: {
          clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA',
          lines: [
            {
              description: 'Design of the website',
              quantity: '12.5',
              unitPrice: { amount: 9500, currency: 'EUR' },
              taxRate: '20',
            },
            {
              description: 'Hosting, one year',
              quantity: '1',
              unitPrice: { amount: 12000, currency: 'EUR' },
              taxRate: '20',
            },
          ],
        },
      },
      {
        title: 'With an item, a discount and a reference',
        body: {
          clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA',
          reference: 'PO-2214',
          dueDate: '2030-01-31',
          lines: [
            { itemId: 'itm_01JD8X3V5QZ7M2K4N6P8R0S1TA', quantity: '2', unitPrice: { amount: 4000, currency: 'EUR' } },
          ],
          discount: { rate: '5' },
        },
      },
    ],
    reply: { status: 201, description: 'The draft.', schema: Invoice, location: true },
    versioned: true,
    problems: ['write-conflict'],
  },
  listInvoices: {
    method: 'GET',
    path: '/v1/invoices',
    tag: 'Invoices',
    summary: 'List the invoices',
    description: listing,
    access: reader,
    query: z.strictObject({ ...listQuery, ...invoiceListQuery }),
    reply: page,
    problems: ['bad-cursor'],
  },
  listInvoicesOfClient: {
    method: 'GET',
    path: '/v1/clients/{clientId}/invoices',
    tag: 'Invoices',
    summary: 'List the invoices of a client',
    description: `The same list as \`/v1/invoices?clientId=…\`, except that a client that does not exist is answered 404. ${listing}`,
    access: reader,
    params: z.strictObject({ clientId: ClientId }),
    query: z.strictObject({ ...listQuery, ...ofOneClient }),
    reply: page,
    problems: ['not-found', 'bad-cursor'],
  },
  getInvoice: {
    method: 'GET',
    path: '/v1/invoices/{invoiceId}',
    tag: 'Invoices',
    summary: 'Read an invoice',
    description: 'With its lines, taxes and amounts, and the client as it was when the invoice was sent.',
    access: reader,
    params: invoiceParams,
    reply: { status: 200, description: 'The invoice.', schema: Invoice },
    versioned: true,
    problems: ['not-found'],
  },
  changeInvoice: {
    method: 'PATCH',
    path: '/v1/invoices/{invoiceId}',
    tag: 'Invoices',
    summary: 'Change a draft',
    description: 'JSON merge patch (RFC 7396). An invoice that was sent is not changed: cancel or credit it.',
    access: writer,
    params: invoiceParams,
    body: InvoicePatch,
    examples: [{ body: { reference: 'PO-2215', discount: null } }],
    reply: { status: 200, description: 'The draft.', schema: Invoice },
    versioned: true,
    problems: ['not-found', 'invoice-sent', 'stale-version', 'write-conflict'],
  },
  deleteInvoice: {
    method: 'DELETE',
    path: '/v1/invoices/{invoiceId}',
    tag: 'Invoices',
    summary: 'Delete a draft',
    description: 'It is gone for good. An invoice that was sent is cancelled instead.',
    access: writer,
    params: invoiceParams,
    reply: { status: 204, description: 'The draft is gone.' },
    versioned: true,
    problems: ['not-found', 'invoice-sent', 'stale-version', 'write-conflict'],
  },
  sendInvoice: {
    ...event,
    path: '/v1/invoices/{invoiceId}/send',
    summary: 'Send an invoice',
    description:
      'Gives it the next number, without gaps; keeps the name, addresses and tax data of the client on it as they are now; posts it to the ledger; and mails it to the contacts that receive invoices if invoices are delivered by e-mail. All of it happens or nothing.',
    body: z
      .strictObject({ mail: z.boolean().default(true).describe('`false` does all but the mail.') })
      .meta({ id: 'InvoiceSending' }),
    bodyOptional: true,
    examples: [{ body: { mail: true } }],
    problems: [
      'not-found',
      'invoice-sent',
      'invoice-empty',
      'numbers-exhausted',
      'balance-too-large',
      'email-not-verified',
      'too-many-mails',
      'write-conflict',
    ],
  },
  cancelInvoice: {
    ...event,
    path: '/v1/invoices/{invoiceId}/cancel',
    summary: 'Cancel an invoice',
    description:
      'Posts a reversing entry to the ledger. The number stays used. What was paid or credited on the invoice is refunded, reversed or released first.',
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    problems: ['not-found', 'invoice-not-open', 'invoice-settled', 'write-conflict'],
  },
  copyInvoice: {
    ...event,
    path: '/v1/invoices/{invoiceId}/copy',
    summary: 'Copy an invoice to a draft',
    description: 'The draft has the same client, lines and texts, and is dated today.',
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 201, description: 'The draft.', schema: Invoice, location: true },
    problems: ['not-found', 'write-conflict'],
  },
  applyCredit: {
    ...event,
    path: '/v1/invoices/{invoiceId}/apply-credit',
    summary: "Pay an invoice with the client's credit",
    description: 'Takes the credit of the client in this currency. No money moves.',
    body: CreditAmount,
    bodyOptional: true,
    examples: [{ body: { amount: { amount: 1000, currency: 'EUR' } } }],
    problems: ['not-found', 'invoice-not-open', 'credit-insufficient', 'write-conflict'],
  },
  releaseCredit: {
    ...event,
    path: '/v1/invoices/{invoiceId}/release-credit',
    summary: 'Give credit that paid for an invoice back to the client',
    description: 'The invoice is owed again by that much, and the client has it as credit.',
    body: CreditAmount,
    bodyOptional: true,
    examples: [{ body: { amount: { amount: 1000, currency: 'EUR' } } }],
    problems: ['not-found', 'credit-insufficient', 'write-conflict'],
  },
});

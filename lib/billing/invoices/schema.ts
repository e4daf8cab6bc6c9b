import * as z from 'zod';
import { Quantity, Rate } from '../../money/schema.ts';
import { Address } from '../../shared/address.ts';
import { ClientId, GroupId, InvoiceId, ItemId } from '../../shared/ids.ts';
import { Currency, Language } from '../../shared/locale.ts';
import { mergePatchOf } from '../../shared/merge-patch.ts';
import { Money, Price } from '../../shared/money.ts';
import { Instant, line, text } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';

/** The most lines of an invoice. */
const MAX_LINES = 300;
/** The most bytes of its lines and texts. An item of the table can have 400 KB. */
export const MAX_DETAILS_BYTES = 300_000;
/** The largest amount of an invoice, in minor units. Balances of many invoices stay exact. */
export const MAX_INVOICE_AMOUNT = 100_000_000_000_000;

export const InvoiceStatus = z
  .enum(['draft', 'sent', 'partial', 'paid', 'cancelled'])
  .describe('`partial`: part of it is paid. A draft has no number and is not owed.');
export type InvoiceStatus = z.output<typeof InvoiceStatus>;

export const Day = z.iso
  .date()
  .max(10, { abort: true })
  .meta({ examples: ['2026-01-31'] });

const LineInput = z
  .strictObject({
    itemId: ItemId.nullable()
      .default(null)
      .describe(
        "An item of the catalogue. Its name and its price in the client's pricing are taken where the line has none.",
      ),
    description: text(2000)
      .nullable()
      .default(null)
      .describe('What is invoiced. If it is left out, the name of the item.')
      .meta({ examples: ['Design of the website'] }),
    quantity: Quantity.describe('How many units.'),
    unitPrice: Price.nullable().default(null).describe('The price of one unit. Required for a line without an item.'),
    discountRate: Rate.nullable().default(null).describe('The percentage that is taken off the line.'),
    taxRate: Rate.nullable()
      .default(null)
      .describe(
        'The percentage of tax. If it is left out, that of the tax in `taxName`, or the default tax of the company.',
      ),
    taxName: line(50)
      .nullable()
      .default(null)
      .describe('The name of the tax, as it is printed.')
      .meta({ examples: ['VAT'] }),
  })
  .meta({ id: 'InvoiceLineInput' });
export type LineInput = z.output<typeof LineInput>;

const Discount = z.union([z.strictObject({ rate: Rate }), z.strictObject({ amount: Price })]).meta({
  id: 'InvoiceDiscount',
  description: 'A percentage of the lines, or an amount, taken off before tax.',
  examples: [{ rate: '5' }],
});

const written = {
  issueDate: Day.nullable()
    .default(null)
    .describe("The date of the invoice. If it is left out, today in the company's time zone."),
  dueDate: Day.nullable()
    .default(null)
    .describe('If it is left out, the issue date and the payment terms of the client.'),
  reference: line(100)
    .nullable()
    .default(null)
    .describe('What the client refers to, such as the number of its purchase order.')
    .meta({ examples: ['PO-2214'] }),
  lines: z.array(LineInput).max(MAX_LINES, { abort: true }).default([]).describe('The lines, in their order.'),
  discount: Discount.nullable().default(null).describe('What is taken off the whole invoice, before tax.'),
  pricesIncludeTax: z
    .boolean()
    .nullable()
    .default(null)
    .describe('Whether unit prices include tax. If it is left out, as in the settings of the company.'),
  publicNotes: text(10_000)
    .nullable()
    .default(null)
    .describe('Notes on the invoice. If they are left out, the public notes of the client, or the default notes.'),
  privateNotes: text(10_000).default('').describe('Notes for staff.'),
};

export const InvoiceInput = z.strictObject({ clientId: ClientId, ...written }).meta({ id: 'InvoiceInput' });
export type InvoiceInput = z.output<typeof InvoiceInput>;

/** The fields of a draft after a patch was applied. */
export const InvoiceChange = z.strictObject(written);
export type InvoiceChange = z.output<typeof InvoiceChange>;
export const InvoicePatch = mergePatchOf(InvoiceChange).meta({ id: 'InvoicePatch' });
export type InvoicePatch = z.output<typeof InvoicePatch>;

const InvoiceLine = z
  .object({
    itemId: ItemId.nullable().describe('The item of the catalogue; null for a free line.'),
    description: z
      .string()
      .describe('What is invoiced.')
      .meta({ examples: ['Design of the website'] }),
    quantity: z
      .string()
      .describe('How many units, as a decimal number.')
      .meta({ examples: ['1.5'] }),
    unitPrice: Money.describe('The price of one unit.'),
    discountRate: z
      .string()
      .describe('The percentage that is taken off the line.')
      .meta({ examples: ['0'] }),
    taxRate: z
      .string()
      .describe('The percentage of tax.')
      .meta({ examples: ['20'] }),
    taxName: z
      .string()
      .nullable()
      .describe('The name of the tax; null if it has none.')
      .meta({ examples: ['VAT'] }),
    net: Money.describe('After the discount of the line and its share of the discount of the invoice.'),
    tax: Money.describe('Its share of the tax of its rate.'),
  })
  .meta({ id: 'InvoiceLine', description: 'A line of an invoice, with its amounts.' });

const InvoiceTax = z
  .object({
    name: z
      .string()
      .nullable()
      .describe('The name of the tax; null if it has none.')
      .meta({ examples: ['VAT'] }),
    rate: z
      .string()
      .describe('The percentage.')
      .meta({ examples: ['20'] }),
    net: Money.describe('The sum of the lines with this rate, without tax.'),
    tax: Money.describe('The tax on it.'),
  })
  .meta({ id: 'InvoiceTax', description: 'The tax of one rate.' });

const InvoiceTotals = z
  .object({
    net: Money.describe('Without tax.'),
    tax: Money.describe('The tax of all rates.'),
    gross: Money.describe('With tax: what the invoice amounts to.'),
    paid: Money.describe('What payments have paid.'),
    credited: Money.describe('What credit notes and credit of the client have paid.'),
    due: Money.describe('What is still owed: gross less paid and credited; zero for a cancelled invoice.'),
  })
  .meta({ id: 'InvoiceTotals', description: 'The amounts of an invoice.' });

/** The client as it was when the invoice was sent. */
const InvoicedClient = z
  .object({
    name: z
      .string()
      .describe('The name.')
      .meta({ examples: ['Northwind Studio'] }),
    number: z
      .string()
      .describe('The client number.')
      .meta({ examples: ['0001'] }),
    idNumber: z
      .string()
      .nullable()
      .describe('The number in another system; null if it has none.')
      .meta({ examples: ['NW-7'] }),
    vatNumber: z
      .string()
      .nullable()
      .describe('The VAT number; null if it has none.')
      .meta({ examples: ['GB123456789'] }),
    taxExempt: z.boolean().describe('Whether it was exempt from tax.'),
    billingAddress: Address.nullable().describe('Where the invoice went.'),
    shippingAddress: Address.nullable().describe('Where goods went.'),
    language: Language.describe('The language of the invoice.'),
  })
  .meta({ id: 'InvoicedClient', description: 'A client as it was when the invoice was sent.' });

const listed = {
  id: InvoiceId,
  number: z
    .string()
    .nullable()
    .describe('The number, which it gets when it is sent; null for a draft.')
    .meta({ examples: ['2026-0042'] }),
  status: InvoiceStatus,
  overdue: z
    .boolean()
    .describe("Whether something is still owed after the due date, today in the company's time zone."),
  clientId: ClientId.describe('The client.'),
  clientName: z
    .string()
    .describe('The name of the client when the invoice was sent, or a draft last changed.')
    .meta({ examples: ['Northwind Studio'] }),
  reference: z
    .string()
    .nullable()
    .describe('What the client refers to; null if there is nothing.')
    .meta({ examples: ['PO-2214'] }),
  issueDate: Day.describe('The date of the invoice.'),
  dueDate: Day.describe('The last day on which it can be paid in time.'),
  currency: Currency.describe('The currency of all its amounts.'),
  totals: InvoiceTotals,
  sentAt: Instant.nullable().describe('When it was sent; null for a draft.'),
  cancelledAt: Instant.nullable().describe('When it was cancelled; null if it is not.'),
  createdAt: Instant.describe('When it was created.'),
  updatedAt: Instant.describe('When it was last changed.'),
  version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
};

/** An invoice in a list. */
export const ListedInvoice = z.object(listed).meta({ id: 'ListedInvoice' });
export type ListedInvoice = z.output<typeof ListedInvoice>;

export const Invoice = z
  .object({
    ...listed,
    lines: z.array(InvoiceLine).describe('The lines, in their order.'),
    discount: Discount.nullable().describe('What is taken off the whole invoice; null for nothing.'),
    discountAmount: Money.describe('What the discount of the invoice takes off.'),
    taxes: z.array(InvoiceTax).describe('The tax of each rate, on the sum of its lines and rounded once.'),
    pricesIncludeTax: z.boolean().describe('Whether unit prices include tax.'),
    publicNotes: z.string().describe('Notes on the invoice.'),
    privateNotes: z.string().describe('Notes for staff.'),
    client: InvoicedClient.nullable().describe('The client as it was when the invoice was sent; null for a draft.'),
  })
  .meta({ id: 'Invoice' });
export type Invoice = z.output<typeof Invoice>;

const minorUnits = z.int().nonnegative();

/** What a list shows of an invoice. A payment changes only this. Amounts are in minor units of its currency. */
export const invoiceEntity = {
  name: 'invoice',
  version: 1,
  schema: z.object({
    id: InvoiceId,
    number: z.string().nullable(),
    status: InvoiceStatus,
    clientId: ClientId,
    clientName: z.string(),
    /** The group of the client when the invoice was sent. */
    groupId: GroupId.nullable(),
    reference: z.string().nullable(),
    issueDate: Day,
    dueDate: Day,
    currency: Currency,
    net: minorUnits,
    tax: minorUnits,
    gross: minorUnits,
    paid: minorUnits,
    credited: minorUnits,
    due: minorUnits,
    sentAt: Instant.nullable(),
    cancelledAt: Instant.nullable(),
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().positive(),
  }),
} satisfies Entity;
export type StoredInvoice = z.output<typeof invoiceEntity.schema>;

const StoredLine = z.object({
  itemId: ItemId.nullable(),
  description: z.string(),
  quantity: z.string(),
  unitPrice: minorUnits,
  discountRate: z.string(),
  taxRate: z.string(),
  taxName: z.string().nullable(),
  net: minorUnits,
  tax: minorUnits,
});
export type StoredLine = z.output<typeof StoredLine>;

const StoredDiscount = z.union([z.object({ rate: z.string() }), z.object({ amount: minorUnits })]);

export const invoiceDetailsEntity = {
  name: 'invoice-details',
  version: 1,
  schema: z.object({
    invoiceId: InvoiceId,
    lines: z.array(StoredLine),
    discount: StoredDiscount.nullable(),
    discountAmount: minorUnits,
    taxes: z.array(z.object({ name: z.string().nullable(), rate: z.string(), net: minorUnits, tax: minorUnits })),
    pricesIncludeTax: z.boolean(),
    publicNotes: z.string(),
    privateNotes: z.string(),
    client: InvoicedClient.nullable(),
  }),
} satisfies Entity;
export type StoredDetails = z.output<typeof invoiceDetailsEntity.schema>;

/** An invoice that waits for money, in the partition of its client. `due` is in minor units. */
export const openInvoiceEntity = {
  name: 'open-invoice',
  version: 1,
  schema: z.object({
    id: InvoiceId,
    number: z.string(),
    currency: Currency,
    dueDate: Day,
    due: z.int().positive(),
  }),
} satisfies Entity;
export type OpenInvoice = z.output<typeof openInvoiceEntity.schema>;

/** The list of `statusRecords` that an invoice is in. */
export type InvoiceStatusList = 'draft' | 'open' | 'paid' | 'cancelled';

export function statusListOf(status: StoredInvoice['status']): InvoiceStatusList {
  return status === 'sent' || status === 'partial' ? 'open' : status;
}

/** An invoice as a list shows it. `today` is the day in the company's time zone. */
export function toListedInvoice(invoice: StoredInvoice, today: string): ListedInvoice {
  const { currency, net, tax, gross, paid, credited, due, groupId: _groupId, ...fields } = invoice;
  const money = (amount: number) => ({ amount, currency });
  return {
    ...fields,
    currency,
    overdue: statusListOf(invoice.status) === 'open' && invoice.dueDate < today,
    totals: {
      net: money(net),
      tax: money(tax),
      gross: money(gross),
      paid: money(paid),
      credited: money(credited),
      due: money(due),
    },
  };
}

export function toInvoice(invoice: StoredInvoice, details: StoredDetails, today: string): Invoice {
  const money = (amount: number) => ({ amount, currency: invoice.currency });
  const { invoiceId: _invoiceId, lines, taxes, discount, discountAmount, ...rest } = details;
  return {
    ...toListedInvoice(invoice, today),
    ...rest,
    lines: lines.map(({ unitPrice, net, tax, ...other }) => ({
      ...other,
      unitPrice: money(unitPrice),
      net: money(net),
      tax: money(tax),
    })),
    discount: discount && 'amount' in discount ? { amount: money(discount.amount) } : discount,
    discountAmount: money(discountAmount),
    taxes: taxes.map(({ net, tax, ...other }) => ({ ...other, net: money(net), tax: money(tax) })),
  };
}

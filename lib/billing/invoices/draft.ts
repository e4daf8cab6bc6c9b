import { shortest } from '../../money/decimal.ts';
import type { InputFault } from '../../shared/errors.ts';
import { invalid } from '../../shared/errors.ts';
import type { FaultCode } from '../../shared/faults.ts';
import type { ItemId } from '../../shared/ids.ts';
import type { Money } from '../../shared/money.ts';
import {
  type InvoiceChange,
  type LineInput,
  MAX_INVOICE_AMOUNT,
  type StoredDetails,
  type StoredLine,
} from './schema.ts';
import { type InvoiceTotals, invoiceTotals, type TotalsRequest } from './totals.ts';

/** An item of the catalogue with its price in the client's pricing. */
export interface PricedItem {
  readonly name: string;
  readonly taxRate: string | null;
  /** Null if the pricing of the client has no price for it, or the client has no pricing. */
  readonly price: Money | null;
}

/** A tax that a company has named in its settings. */
export interface NamedTax {
  readonly name: string;
  readonly rate: string;
  readonly isDefault: boolean;
}

/** What the lines of an invoice are resolved with. */
export interface LineContext {
  readonly currency: string;
  readonly taxes: readonly NamedTax[];
  readonly items: ReadonlyMap<ItemId, PricedItem>;
}

type UnpricedLine = Omit<StoredLine, 'net' | 'tax'>;

/** The lines with names, prices and taxes from the catalogue and the settings, and every fault of every line. */
export function resolveLines(
  lines: readonly LineInput[],
  context: LineContext,
): { lines: UnpricedLine[]; faults: InputFault[] } {
  const results = lines.map((line, index) => resolveLine(line, context, `/lines/${index}`));
  return { lines: results.map(({ line }) => line), faults: results.flatMap(({ faults }) => faults) };
}

function resolveLine(
  line: LineInput,
  { currency, taxes, items }: LineContext,
  pointer: string,
): { line: UnpricedLine; faults: InputFault[] } {
  const faults: InputFault[] = [];
  const fault = (member: string, code: FaultCode, detail: string) =>
    faults.push({ pointer: `${pointer}/${member}`, code, detail });
  const item = line.itemId ? items.get(line.itemId) : undefined;
  if (line.itemId && !item) fault('itemId', 'not-found', 'There is no such item.');
  const description = line.description ?? item?.name ?? '';
  if (description === '' && !line.itemId)
    fault('description', 'required', 'A line without an item needs a description.');
  const price = line.unitPrice ?? item?.price ?? null;
  if (price === null && !line.itemId) fault('unitPrice', 'required', 'A line without an item needs a price.');
  if (price === null && item)
    fault(
      'unitPrice',
      'required',
      "The client's pricing has no price for this item. Give a price, or add one to the pricing.",
    );
  if (price && price.currency !== currency)
    fault('unitPrice/currency', 'wrong-currency', `The currency of the invoice is ${currency}.`);
  const named = taxes.find(({ name }) => name === line.taxName);
  const standard = taxes.find(({ isDefault }) => isDefault);
  const ownRate = line.taxRate ?? named?.rate ?? (line.taxName === null ? item?.taxRate : undefined) ?? null;
  if (line.taxName !== null && ownRate === null)
    fault('taxRate', 'required', 'The settings of the company have no tax with this name, so the line needs a rate.');
  const usesStandard = ownRate === null && line.taxName === null && standard !== undefined;
  const taxRate = shortest(ownRate ?? standard?.rate ?? '0');
  return {
    faults,
    line: {
      itemId: line.itemId,
      description,
      quantity: shortest(line.quantity),
      unitPrice: price?.amount ?? 0,
      discountRate: shortest(line.discountRate ?? '0'),
      taxRate,
      taxName:
        line.taxName ??
        (usesStandard ? standard.name : (taxes.find(({ rate }) => shortest(rate) === taxRate)?.name ?? null)),
    },
  };
}

/** The discount of an invoice as it is stored, and its fault if it is in another currency. */
export function resolveDiscount(
  discount: InvoiceChange['discount'],
  currency: string,
): { discount: StoredDetails['discount']; faults: InputFault[] } {
  if (discount === null) return { discount, faults: [] };
  if ('rate' in discount) return { discount: { rate: shortest(discount.rate) }, faults: [] };
  const fault = {
    pointer: '/discount/amount/currency',
    code: 'wrong-currency',
    detail: `The currency of the invoice is ${currency}.`,
  } as const;
  const { amount } = discount;
  return { discount: { amount: amount.amount }, faults: amount.currency === currency ? [] : [fault] };
}

/** The amounts of an invoice in minor units, and its lines with theirs. */
export interface Amounts {
  readonly net: number;
  readonly tax: number;
  readonly gross: number;
  readonly discountAmount: number;
  readonly lines: StoredLine[];
  readonly taxes: StoredDetails['taxes'];
}

/** Calculates the amounts of an invoice. @throws Problem `validation` if they are too large */
export function amountsOf(
  lines: readonly UnpricedLine[],
  options: { discount: StoredDetails['discount']; pricesIncludeTax: boolean; taxExempt: boolean },
): Amounts {
  const { discount } = options;
  const request: TotalsRequest = {
    ...options,
    lines: lines.map((line) => ({ ...line, unitPrice: BigInt(line.unitPrice) })),
    discount: discount && 'amount' in discount ? { amount: BigInt(discount.amount) } : discount,
  };
  return storedAmounts(lines, invoiceTotals(request));
}

function storedAmounts(lines: readonly UnpricedLine[], totals: InvoiceTotals): Amounts {
  const { gross, net, tax, discount } = totals;
  if (gross > BigInt(MAX_INVOICE_AMOUNT) || discount > BigInt(MAX_INVOICE_AMOUNT))
    throw invalid({
      pointer: '/lines',
      code: 'too-big',
      detail: `The total is more than ${MAX_INVOICE_AMOUNT} minor units.`,
    });
  return {
    net: Number(net),
    tax: Number(tax),
    gross: Number(gross),
    discountAmount: Number(discount),
    lines: lines.map((line, index) => {
      const amounts = totals.lines[index] ?? { net: 0n, tax: 0n };
      return { ...line, net: Number(amounts.net), tax: Number(amounts.tax) };
    }),
    taxes: totals.taxes.map((one) => ({ ...one, net: Number(one.net), tax: Number(one.tax) })),
  };
}

import { spread } from '../../money/allocation.ts';
import { shortest } from '../../money/decimal.ts';
import { percentOf, percentWithin, priceOf } from '../../money/rounding.ts';

/** What the amounts of a line depend on. Rates are percentages as decimal text; prices are in minor units. */
export interface PricedLine {
  readonly quantity: string;
  readonly unitPrice: bigint;
  /** The percentage that is taken off the line. */
  readonly discountRate: string;
  readonly taxRate: string;
  readonly taxName: string | null;
}

/** What is taken off the whole invoice: a percentage, or an amount in minor units. */
export type InvoiceDiscount = { readonly rate: string } | { readonly amount: bigint };

export interface TotalsRequest {
  readonly lines: readonly PricedLine[];
  readonly discount: InvoiceDiscount | null;
  /** Whether unit prices, and a discount by amount, include tax. */
  readonly pricesIncludeTax: boolean;
  readonly taxExempt: boolean;
}

/** Amounts in minor units, after the line's own discount and its share of the invoice's. */
export interface LineAmounts {
  readonly net: bigint;
  readonly tax: bigint;
}

/** The tax of one rate. */
export interface TaxTotal extends LineAmounts {
  readonly name: string | null;
  readonly rate: string;
}

export interface InvoiceTotals {
  readonly lines: readonly LineAmounts[];
  readonly taxes: readonly TaxTotal[];
  /** What the discount of the invoice takes off. It includes tax if prices do. */
  readonly discount: bigint;
  readonly net: bigint;
  readonly tax: bigint;
  readonly gross: bigint;
}

/**
 * The totals of an invoice. A line is rounded once (EN 16931 BT-131). Tax is calculated for each rate on the sum of its
 * lines and rounded once (BR-CO-17), then divided over the lines by largest remainder, so that lines, rates and totals add
 * up to the unit. A discount of the invoice is divided over the lines in the same way, before tax. A client that is exempt
 * pays the net, also where prices include tax.
 */
export function invoiceTotals({ lines, discount, pricesIncludeTax, taxExempt }: TotalsRequest): InvoiceTotals {
  const full = lines.map((line) => priceOf(line.unitPrice, line.quantity, line.discountRate));
  const takenOff = discountOf(discount, sum(full));
  const shares = spread(takenOff, full);
  const amounts = full.map((amount, index) => amount - (shares[index] ?? 0n));
  const results = new Map<number, LineAmounts>();
  const taxes: TaxTotal[] = [];
  for (const { name, rate, indexes } of taxGroups(lines)) {
    const groupAmounts = indexes.map((index) => amounts[index] ?? 0n);
    const groupTax = (pricesIncludeTax ? percentWithin : percentOf)(sum(groupAmounts), rate);
    const lineTaxes = spread(groupTax, groupAmounts);
    indexes.forEach((index, place) => {
      const [amount = 0n, tax = 0n] = [groupAmounts[place], lineTaxes[place]];
      results.set(index, { net: pricesIncludeTax ? amount - tax : amount, tax: taxExempt ? 0n : tax });
    });
    if (!taxExempt)
      taxes.push({ name, rate, net: sum(groupAmounts) - (pricesIncludeTax ? groupTax : 0n), tax: groupTax });
  }
  const lineAmounts = lines.map((_, index) => results.get(index) ?? { net: 0n, tax: 0n });
  const net = sum(lineAmounts.map((line) => line.net));
  const tax = sum(lineAmounts.map((line) => line.tax));
  return { lines: lineAmounts, taxes, discount: takenOff, net, tax, gross: net + tax };
}

/** The lines of each tax: those with the same name and rate. `20` and `20.0` are the same rate. */
function taxGroups(lines: readonly PricedLine[]): { name: string | null; rate: string; indexes: number[] }[] {
  const groups = new Map<string, { name: string | null; rate: string; indexes: number[] }>();
  lines.forEach(({ taxName: name, taxRate }, index) => {
    const rate = shortest(taxRate);
    const key = JSON.stringify([rate, name]);
    const group = groups.get(key);
    if (group) group.indexes.push(index);
    else groups.set(key, { name, rate, indexes: [index] });
  });
  return [...groups.values()];
}

/** A discount is never more than what it is taken off. */
function discountOf(discount: InvoiceDiscount | null, total: bigint): bigint {
  if (discount === null) return 0n;
  if ('rate' in discount) return percentOf(total, discount.rate);
  return discount.amount < total ? discount.amount : total;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invoiceTotals, type PricedLine } from '../../lib/billing/invoices/totals.ts';

const line = (unitPrice: bigint, changes: Partial<PricedLine> = {}): PricedLine => ({
  quantity: '1',
  unitPrice,
  discountRate: '0',
  taxRate: '20',
  taxName: 'VAT',
  ...changes,
});
const plain = { discount: null, pricesIncludeTax: false, taxExempt: false };
const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n);

describe('the totals of an invoice', () => {
  it('has the tax of a rate on the sum of its lines, not the sum of the taxes of lines', () => {
    const totals = invoiceTotals({ ...plain, lines: [line(33n), line(33n), line(33n)] });
    expect(totals).toMatchObject({ net: 99n, tax: 20n, gross: 119n });
    expect(totals.lines.map(({ tax }) => tax)).toEqual([7n, 7n, 6n]);
  });

  it('has one tax for each rate and name, and 20 and 20.0 are one rate', () => {
    const rates = [
      line(1000n),
      line(1000n, { taxRate: '20.0' }),
      line(1000n, { taxRate: '5' }),
      line(1000n, { taxName: 'City' }),
    ];
    const { taxes } = invoiceTotals({ ...plain, lines: rates });
    expect(taxes.map(({ name, rate, net, tax }) => [name, rate, net, tax])).toEqual([
      ['VAT', '20', 2000n, 400n],
      ['VAT', '5', 1000n, 50n],
      ['City', '20', 1000n, 200n],
    ]);
  });

  it('takes the tax out of prices that include it, and leaves it out for an exempt client', () => {
    const lines = [line(12_000n), line(999n)];
    const taxed = invoiceTotals({ ...plain, lines, pricesIncludeTax: true });
    expect(taxed).toMatchObject({ net: 10_832n, tax: 2167n, gross: 12_999n });
    const exempt = invoiceTotals({ ...plain, lines, pricesIncludeTax: true, taxExempt: true });
    expect(exempt).toMatchObject({ net: 10_832n, tax: 0n, gross: 10_832n, taxes: [] });
    expect(invoiceTotals({ ...plain, lines, taxExempt: true })).toMatchObject({
      net: 12_999n,
      tax: 0n,
      gross: 12_999n,
    });
  });

  it('divides a discount of the invoice over the lines before tax', () => {
    const lines = [line(1000n), line(2000n, { taxRate: '5' })];
    const totals = invoiceTotals({ ...plain, lines, discount: { rate: '10' } });
    expect(totals).toMatchObject({ discount: 300n, net: 2700n, tax: 270n, gross: 2970n });
    expect(invoiceTotals({ ...plain, lines, discount: { amount: 100n } })).toMatchObject({
      discount: 100n,
      net: 2900n,
    });
    expect(invoiceTotals({ ...plain, lines, discount: { amount: 9000n } })).toMatchObject({
      discount: 3000n,
      gross: 0n,
    });
  });

  it('is zero without lines', () => {
    expect(invoiceTotals({ ...plain, lines: [] })).toMatchObject({ net: 0n, tax: 0n, gross: 0n, taxes: [] });
  });

  it('adds up by lines, by rates and in total, to the unit', () => {
    const decimalText = (max: number, decimals: number) =>
      fc
        .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: 10 ** decimals - 1 }))
        .map(([whole, part]) => `${whole}.${String(part).padStart(decimals, '0')}`);
    const anyLine = fc.record({
      quantity: decimalText(1000, 6),
      unitPrice: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      discountRate: decimalText(99, 2),
      taxRate: fc.constantFrom('0', '5.5', '19', '20', '20.0'),
      taxName: fc.constantFrom(null, 'VAT'),
    });
    fc.assert(
      fc.property(
        fc.record({
          lines: fc.array(anyLine, { maxLength: 30 }),
          discount: fc.oneof(
            fc.constant(null),
            fc.record({ rate: decimalText(99, 4) }),
            fc.record({ amount: fc.bigInt({ min: 0n, max: 10n ** 9n }) }),
          ),
          pricesIncludeTax: fc.boolean(),
          taxExempt: fc.boolean(),
        }),
        (request) => {
          const { lines, taxes, net, tax, gross } = invoiceTotals(request);
          expect(sum(lines.map((one) => one.net))).toBe(net);
          expect(sum(lines.map((one) => one.tax))).toBe(tax);
          expect(sum(taxes.map((one) => one.tax))).toBe(tax);
          if (!request.taxExempt) expect(sum(taxes.map((one) => one.net))).toBe(net);
          expect(net + tax).toBe(gross);
          expect(lines.every((one) => one.net >= 0n && one.tax >= 0n)).toBe(true);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spread } from '../../lib/money/allocation.ts';
import { compareDecimals, decimal, shortest } from '../../lib/money/decimal.ts';
import { divide, percentOf, percentWithin, priceOf } from '../../lib/money/rounding.ts';

const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const positive = fc.bigInt({ min: 0n, max: 10n ** 15n });
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 40 });
const rate = fc
  .record({ whole: fc.integer({ min: 0, max: 99 }), part: fc.integer({ min: 0, max: 9999 }) })
  .map(({ whole, part }) => `${whole}.${String(part).padStart(4, '0')}`);
const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n);

describe('decimal text', () => {
  it.each([
    ['1.5', 15n, 1],
    ['0', 0n, 0],
    ['0.000001', 1n, 6],
    ['999999999999.999999', 999_999_999_999_999_999n, 6],
  ])('%s is exact', (text, digits, scale) => expect(decimal(text)).toEqual({ digits, scale }));

  it.each(['', '-1', '+1', '1.', '.5', '1,5', '1e3', '01', ' 1', '1.0000001', '1234567890123', 'NaN', '٣'])(
    'refuses %j',
    (text) => expect(() => decimal(text)).toThrow('not a plain decimal number'),
  );

  it('has one shortest notation', () => {
    expect(['20', '20.0', '20.50', '100', '0.10', '0.0'].map(shortest)).toEqual([
      '20',
      '20',
      '20.5',
      '100',
      '0.1',
      '0',
    ]);
  });

  it('is compared by value', () => {
    expect([compareDecimals('1.10', '1.1'), compareDecimals('9', '10'), compareDecimals('0.2', '0.19')]).toEqual([
      0, -1, 1,
    ]);
  });
});

describe('rounding', () => {
  it('is half away from zero, on both sides of it', () => {
    const halves = [5n, 15n, 25n, -5n, -15n, -25n, 4n, -4n, 6n, -6n];
    expect(halves.map((tenths) => divide(tenths, 10n))).toEqual([1n, 2n, 3n, -1n, -2n, -3n, 0n, 0n, 1n, -1n]);
  });

  it('never moves an amount by more than half a unit, and treats both signs alike', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 1n, max: 10n ** 9n }), (dividend, divisor) => {
        const error = divide(dividend, divisor) * divisor - dividend;
        expect(2n * (error < 0n ? -error : error) <= divisor).toBe(true);
        expect(divide(-dividend, divisor)).toBe(-divide(dividend, divisor));
      }),
    );
  });

  it('rounds a price once, after quantity and discount', () => {
    // 333 × 0.003 is 0.999. If that were rounded before the discount, half of it would be rounded to 1.
    expect(priceOf(333n, '0.003', '50')).toBe(0n);
    expect(priceOf(1249n, '1.5')).toBe(1874n);
    expect(priceOf(123_456_789_012n, '12345.6789')).toBe(1_524_157_875_167_200n);
  });

  it('finds the tax of a net in its gross again', () => {
    fc.assert(
      fc.property(positive, rate, (net, percent) => {
        const tax = percentOf(net, percent);
        const found = percentWithin(net + tax, percent);
        expect(found - tax <= 1n && tax - found <= 1n).toBe(true);
      }),
    );
    expect(percentWithin(12_000n, '20')).toBe(2000n);
    expect(percentOf(99n, '20')).toBe(20n);
  });
});

describe('division of a total by weights', () => {
  it('creates and loses no unit, and each share is its exact value rounded up or down', () => {
    fc.assert(
      fc.property(amount, weights, (total, parts) => {
        const shares = spread(total, parts);
        expect(sum(shares)).toBe(total);
        const whole = sum(parts);
        if (whole === 0n) return;
        shares.forEach((share, index) => {
          const error = share * whole - total * (parts[index] ?? 0n);
          expect(error < whole && error > -whole).toBe(true);
        });
      }),
    );
  });

  it('favours the largest remainder, and of equal ones the earlier', () => {
    expect(spread(20n, [33n, 33n, 33n])).toEqual([7n, 7n, 6n]);
    expect(spread(-20n, [33n, 33n, 33n])).toEqual([-7n, -7n, -6n]);
    expect(spread(10n, [1n, 5n, 1n])).toEqual([2n, 7n, 1n]);
  });

  it('gives everything to the first share if all weights are zero', () => {
    expect(spread(5n, [0n, 0n])).toEqual([5n, 0n]);
    expect(spread(0n, [])).toEqual([]);
    expect(() => spread(1n, [])).toThrow('nothing to divide');
  });
});

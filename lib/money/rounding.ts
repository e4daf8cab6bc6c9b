import { decimal } from './decimal.ts';

/** The quotient as a whole number, half away from zero: 2.5 is 3 and -2.5 is -3. The divisor is more than zero. */
export function divide(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend;
  const rounded = (size * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -rounded : rounded;
}

/** A percentage as a fraction: `12.5` is 125 / 1000. */
function fraction(rate: string): { part: bigint; whole: bigint } {
  const { digits, scale } = decimal(rate);
  return { part: digits, whole: 100n * 10n ** BigInt(scale) };
}

/** A quantity at a unit price less a percentage, in minor units. It is multiplied exactly and rounded once. */
export function priceOf(unitPrice: bigint, quantity: string, discountRate = '0'): bigint {
  const { digits, scale } = decimal(quantity);
  const { part, whole } = fraction(discountRate);
  return divide(unitPrice * digits * (whole - part), 10n ** BigInt(scale) * whole);
}

/** A percentage of an amount, rounded once: 20 % of 99 is 20. */
export function percentOf(amount: bigint, rate: string): bigint {
  const { part, whole } = fraction(rate);
  return divide(amount * part, whole);
}

/** The percentage that an amount already contains, rounded once: with 20 %, 120 contains 20. */
export function percentWithin(amount: bigint, rate: string): bigint {
  const { part, whole } = fraction(rate);
  return divide(amount * part, whole + part);
}

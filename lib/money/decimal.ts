/** A decimal number as an integer: 1.25 is 125 with scale 2. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Plain decimal notation without sign and exponent: at most 12 digits before the point and 6 after it. */
export const DECIMAL_PATTERN = /^(?:0|[1-9]\d{0,11})(?:\.\d{1,6})?$/;

/** The value of a decimal text such as `1.5`. @throws Error if it is no plain decimal; validate texts of requests first */
export function decimal(text: string): Decimal {
  if (!DECIMAL_PATTERN.test(text)) throw new Error('not a plain decimal number');
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

/** The same number in its shortest notation: `1.50` is `1.5`, `20.0` is `20`. */
export function shortest(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Compares two decimal texts: negative if the first is less, 0 if they are equal. */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [decimal(a), decimal(b)];
  const difference = left.digits * 10n ** BigInt(right.scale) - right.digits * 10n ** BigInt(left.scale);
  return difference < 0n ? -1 : Number(difference > 0n);
}

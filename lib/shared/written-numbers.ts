import { foldWord, runsOf, truncate } from './folding.ts';
import { fold } from './text.ts';

/** A group of digits inside a phone number is a beginning of its own if this many digits follow from there on. */
const MIN_PHONE_DIGITS = 4;

export const digitsOf = (text: string) => fold(text).replace(/\D+/g, '');

export const withoutZeros = (digits: string) => digits.replace(/^0+(?=\d)/, '');

/** Digits without leading zeros if at least four others are left, as a query has them too. */
export function withoutZerosOfLong(digits: string): string {
  return /^0+[1-9]\d{3,}$/.test(digits) ? withoutZeros(digits) : digits;
}

/** What stands before the number of a VAT number: the code of a country, in Switzerland of three letters. */
export const VAT_PREFIX =
  /^(?:che|at|be|bg|cy|cz|de|dk|ee|el|es|fi|fr|gb|gr|hr|hu|ie|it|lt|lu|lv|mt|nl|no|pl|pt|ro|se|si|sk|xi)/;

/** A VAT number without separators, with and without its prefix. */
export function vatForms(vatNumber: string): { whole: string; number: string } {
  const whole = truncate(runsOf(foldWord(vatNumber)).join(''));
  const rest = whole.replace(VAT_PREFIX, '');
  return { whole, number: /\d/.test(rest) ? rest : whole };
}

/** Country calling codes of one and of two digits. All others have three. */
const CALLING_CODE = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

export interface GivenPhone {
  given: string;
  e164: string | null;
}

/** The digits of a phone number: with its country code if that is known, and as they are dialled within the country. */
export function phoneDigits({ given, e164 }: GivenPhone): { whole: string; national: string } {
  if (e164 === null) {
    const digits = withoutZeros(digitsOf(withoutTrunkZero(given)));
    return { whole: digits, national: digits };
  }
  const whole = digitsOf(e164);
  return { whole, national: withoutZeros(whole.replace(CALLING_CODE, '')) };
}

/** A zero in parentheses after the country code is dialled at home only: +44 (0)20 … */
const withoutTrunkZero = (number: string) => number.replace(/\(0\)/g, ' ');

/** The digits of a phone number from each of its written groups on. */
export function phoneGroups({ given }: GivenPhone): string[] {
  const groups = withoutTrunkZero(fold(given)).match(/\d+/g) ?? [];
  const from = groups.map((_, index) => truncate(groups.slice(index).join('')));
  return from.filter((digits) => digits.length >= MIN_PHONE_DIGITS).map(withoutZerosOfLong);
}

/** The digits of a number as they are indexed: without the zeros that dial a country or an area. */
export function dialledDigits(number: string): string {
  return truncate(withoutZeros(digitsOf(withoutTrunkZero(number))));
}

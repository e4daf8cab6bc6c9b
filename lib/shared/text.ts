import * as z from 'zod';
import type { FaultCode } from './faults.ts';

// Classes of characters for the patterns in the OpenAPI document. They leave out what is rare, and all beyond U+FFFF, which
// not every reader of JSON Schema knows.
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029';
const SPACE = ' \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
const FORMAT = '\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff';
const LINE_PATTERN = `^[${SPACE}${FORMAT}]*[^${SPACE}${FORMAT}${CONTROL}][^${CONTROL}]*$`;
const IDENTIFIER_PATTERN = `^[${SPACE}]*[^${SPACE}${FORMAT}${CONTROL}][^${FORMAT}${CONTROL}]*$`;
const WORD_PATTERN = `^[^${SPACE}${FORMAT}${CONTROL}]+$`;
const TEXT_PATTERN = '^(?:[\\t\\n\\r]|[^\\u0000-\\u001f\\u007f-\\u009f])*$';

const LINE_CONTROL = /[\p{Cc}\u2028\u2029]/u;
const TEXT_CONTROL = /(?![\t\n\r])\p{Cc}/u;
const VISIBLE = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Characters that nobody sees, or that change the direction of others. */
const HIDDEN = /\p{Cf}/u;
/** The same without the two joiners, which Persian and Indic names need. */
const HIDDEN_IN_NAME = /(?![\u200c\u200d])\p{Cf}/u;
const IGNORABLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** What mail programs make a link or an address of: `@`, `://`, `www.` and `name.tld`. */
const ADDRESS_IN_NAME = /@|:\/\/|www\.|[\p{L}\p{N}][.\u3002]\p{L}{2}/iu;

/**
 * A check of a text. If it fails, the checks after it do not run. So a check of the length that stands first keeps long
 * texts away from all others.
 */
export const textCheck = (holds: (value: string) => boolean, code: FaultCode, error: string) =>
  z.refine<string>(holds, { error, params: { code }, abort: true });

/** Counts code points, as JSON Schema does, not UTF-16 units. */
export const atMost = (max: number) =>
  textCheck((value) => isAtMost(value, max), 'too-long', `Too long: ${max} characters at most`);

function isAtMost(value: string, max: number): boolean {
  return value.length <= max || (value.length <= 2 * max && [...value].length <= max);
}

/** No lone surrogates, which UTF-8 cannot encode. */
export const wellFormed = textCheck((value) => value.isWellFormed(), 'wrong-format', 'must be well-formed Unicode');

const oneLine = textCheck((value) => !LINE_CONTROL.test(value), 'wrong-format', 'must be one line of text');
const visible = textCheck((value) => VISIBLE.test(value), 'wrong-format', 'must contain a visible character');

const NOT_HIDDEN = [
  'hidden-character',
  'must not contain characters that are not visible or change the reading direction',
] as const;

/** No character that nobody sees, such as a zero-width space, and none that changes the reading direction. */
const notHidden = textCheck((value) => !HIDDEN.test(value), ...NOT_HIDDEN);
/** The same for names of people and companies: joiners are allowed, because Persian and Indic scripts need them. */
export const notHiddenInName = textCheck((value) => !HIDDEN_IN_NAME.test(value), ...NOT_HIDDEN);

const noAddress = textCheck(
  (value) => !ADDRESS_IN_NAME.test(foldForComparison(value)),
  'contains-address',
  'must not contain an e-mail address, a web address or a domain name, because mail programs would make a link of it',
);

/** Makes one schema for each length and reuses it, because creating schemas takes most of a function's cold start. */
function memoizeByLength<S>(make: (max: number) => S): (max: number) => S {
  const schemas = new Map<number, S>();
  return (max) => {
    const schema = schemas.get(max) ?? make(max);
    schemas.set(max, schema);
    return schema;
  };
}

/** One line of text of 1 to `max` characters. Space around it is counted, then removed. */
export const line = memoizeByLength((max) =>
  z
    .string()
    .check(atMost(max), z.trim(), wellFormed, oneLine, visible)
    .meta({ minLength: 1, maxLength: max, pattern: LINE_PATTERN }),
);

/** One line without hidden characters, for numbers by which records are told apart. */
export const identifier = memoizeByLength((max) => line(max).check(notHidden).meta({ pattern: IDENTIFIER_PATTERN }));

/** An identifier without spaces. */
export const word = memoizeByLength((max) =>
  identifier(max)
    .check(textCheck((value) => !/\s/.test(value), 'wrong-format', 'must not contain spaces'))
    .meta({ pattern: WORD_PATTERN }),
);

/** The name of a person or a company that mails come from or speak of: one line that cannot pass for an address. */
export const senderName = memoizeByLength((max) => line(max).check(notHiddenInName, noAddress));

/** Text of several lines, up to `max` characters. */
export const text = memoizeByLength((max) =>
  z
    .string()
    .check(
      atMost(max),
      wellFormed,
      textCheck((value) => !TEXT_CONTROL.test(value), 'wrong-format', 'must not contain control characters'),
    )
    .meta({ maxLength: max, pattern: TEXT_PATTERN }),
);

/** Text to sort and search by: without accents, in lower case, with single spaces. */
export function fold(value: string): string {
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/**
 * Text to compare for uniqueness: what looks alike is equal. In NFKC and lower case, without characters that are not
 * visible, with single spaces. Accents stay. Takes time in proportion to the length for texts that a schema has accepted.
 */
export function foldForComparison(value: string): string {
  const lower = value.replace(IGNORABLE, '').normalize('NFKC').toLowerCase().replaceAll('ς', 'σ');
  // Lower case can take text out of NFKC.
  return lower.normalize('NFKC').replace(/\s+/g, ' ').trim();
}

/** An RFC 3339 time in UTC, to the millisecond. */
export const Instant = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'A time in UTC (RFC 3339), to the millisecond.', examples: ['2026-01-31T09:30:00.000Z'] });

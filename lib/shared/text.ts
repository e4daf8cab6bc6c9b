import * as z from 'zod';

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
/** At least one visible character, and no control characters. */
const LINE = new RegExp(`^[^${CONTROL}]*[^\\s\\ufeff\\u200b-\\u200f\\u2060${CONTROL}][^${CONTROL}]*$`);
/** No control characters, except tabs and line breaks. */
const TEXT = new RegExp(`^(?:[\\t\\n\\r]|[^${CONTROL}])*$`);

/** Counts code points, as JSON Schema does, not UTF-16 units. */
const atMost = (max: number) =>
  z.refine<string>((value) => value.length <= max || [...value].length <= max, {
    error: `Too long: ${max} characters at most`,
    params: { code: 'too-long' },
  });

const wellFormed = z.refine<string>((value) => value.isWellFormed(), {
  error: 'must be well-formed Unicode',
  params: { code: 'wrong-format' },
});

/** Makes one schema for each length and reuses it, because creating schemas takes most of a function's cold start. */
function memoizeByLength<S>(make: (max: number) => S): (max: number) => S {
  const schemas = new Map<number, S>();
  return (max) => {
    const schema = schemas.get(max) ?? make(max);
    schemas.set(max, schema);
    return schema;
  };
}

/** One line of text of 1 to `max` characters; space around it is removed. */
export const line = memoizeByLength((max) =>
  z
    .string()
    .check(z.trim(), z.regex(LINE, 'must be one line of text'), wellFormed, atMost(max))
    .meta({ minLength: 1, maxLength: max }),
);

/** Text of several lines, up to `max` characters. */
export const text = memoizeByLength((max) =>
  z
    .string()
    .check(z.regex(TEXT, 'must not contain control characters'), wellFormed, atMost(max))
    .meta({ maxLength: max }),
);

/** Text to sort and compare by: without accents, in lower case, with single spaces. */
export function fold(value: string): string {
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** An RFC 3339 time in UTC, to the millisecond. */
export const Instant = z.iso.datetime({ precision: 3 }).meta({ examples: ['2026-01-31T09:30:00.000Z'] });

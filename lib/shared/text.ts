import * as z from 'zod';

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
/** At least one character that is seen, and no control characters. */
const LINE = new RegExp(`^[^${CONTROL}]*[^\\s\\ufeff\\u200b-\\u200f\\u2060${CONTROL}][^${CONTROL}]*$`);
/** Anything but control characters; tabs and line breaks are none here. */
const TEXT = new RegExp(`^(?:[\\t\\n\\r]|[^${CONTROL}])*$`);

/** Length in characters as people count them and as JSON Schema does: code points, not UTF-16 units. */
const atMost = (max: number) =>
  z.refine<string>((value) => value.length <= max || [...value].length <= max, {
    error: `Too long: ${max} characters at most`,
    params: { code: 'too-long' },
  });

const wellFormed = z.refine<string>((value) => value.isWellFormed(), {
  error: 'must be well-formed Unicode',
  params: { code: 'wrong-format' },
});

/** One schema for each length: schemas are many, and making one is what a function's start takes its time for. */
function perLength<S>(make: (max: number) => S): (max: number) => S {
  const made = new Map<number, S>();
  return (max) => {
    const known = made.get(max) ?? make(max);
    made.set(max, known);
    return known;
  };
}

/** One line of text, without space around it, of 1 to `max` characters. */
export const line = perLength((max) =>
  z
    .string()
    .check(z.trim(), z.regex(LINE, 'must be one line of text'), wellFormed, atMost(max))
    .meta({ minLength: 1, maxLength: max }),
);

/** Text of any number of lines, up to `max` characters. */
export const text = perLength((max) =>
  z
    .string()
    .check(z.regex(TEXT, 'must not contain control characters'), wellFormed, atMost(max))
    .meta({ maxLength: max }),
);

/** Text as it sorts and compares for people: no accents, no case, single spaces. */
export function fold(value: string): string {
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** An RFC 3339 time in UTC, to the millisecond. */
export const Instant = z.iso.datetime({ precision: 3 }).meta({ examples: ['2026-01-31T09:30:00.000Z'] });

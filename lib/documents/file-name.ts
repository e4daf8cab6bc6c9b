import * as z from 'zod';

const MAX_LENGTH = 255;

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029';
/** What turns the order of what follows round: `exe.pdf` may be shown of a name that ends in `fdp.exe`. */
const OVERRIDE = '\\u202a-\\u202e\\u2066-\\u2069';
const SEPARATOR = '/\\\\';
const FORBIDDEN = `${CONTROL}${OVERRIDE}${SEPARATOR}`;
const UNSEEN = '\\s\\ufeff\\u200b-\\u200f\\u2060';

/** All the rules but the length in one, for the API's description. */
const PATTERN = `^[^${FORBIDDEN}]*[^${FORBIDDEN}${UNSEEN}.][^${FORBIDDEN}]*$`;

const rule = (holds: RegExp, code: string, error: string) =>
  z.refine<string>((name) => !holds.test(name), { error, params: { code } });

/** The name of a file as people give it: any Unicode, but no path, nothing unseen, nothing that misleads. In NFC. */
export const FileName = z
  .string()
  .check(
    z.trim(),
    z.normalize('NFC'),
    rule(new RegExp(`[${SEPARATOR}]`), 'path-separator', 'must be a name without a path: no / and no \\'),
    rule(new RegExp(`[${CONTROL}]`), 'control-character', 'must not contain control characters or line breaks'),
    rule(
      new RegExp(`[${OVERRIDE}]`),
      'bidi-control',
      'must not contain characters that override the reading direction',
    ),
    rule(new RegExp(`^[.${UNSEEN}]*$`), 'wrong-format', 'must have a character that is seen and is no dot'),
    z.refine<string>((name) => name.isWellFormed(), {
      error: 'must be well-formed Unicode',
      params: { code: 'wrong-format' },
    }),
    z.refine<string>((name) => name.length <= MAX_LENGTH || [...name].length <= MAX_LENGTH, {
      error: `Too long: ${MAX_LENGTH} characters at most`,
      params: { code: 'too-long' },
    }),
  )
  .meta({ minLength: 1, maxLength: MAX_LENGTH, pattern: PATTERN, examples: ['Contract 2026.pdf'] });

/**
 * The header that has a browser save what it gets under that name (RFC 6266): for old ones a form in ASCII, for all others
 * the name itself (RFC 8187).
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]+|["\\%]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${extendedValue(name)}`;
}

/** RFC 8187: what is no attr-char goes in per cent. */
function extendedValue(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

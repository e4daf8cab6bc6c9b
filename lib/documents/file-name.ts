import * as z from 'zod';
import type { FaultCode } from '../shared/faults.ts';
import { atMost } from '../shared/text.ts';

const MAX_LENGTH = 255;

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029';
/** Characters that reverse the order in which text is shown: a name that ends in `fdp.exe` could look like `exe.pdf`. */
const OVERRIDE = '\\u202a-\\u202e\\u2066-\\u2069';
const SEPARATOR = '/\\\\';
const FORBIDDEN = `${CONTROL}${OVERRIDE}${SEPARATOR}`;
const INVISIBLE = '\\s\\ufeff\\u200b-\\u200f\\u2060';

/** All the rules but the length in one pattern, for the OpenAPI document. */
const PATTERN = `^[^${FORBIDDEN}]*[^${FORBIDDEN}${INVISIBLE}.][^${FORBIDDEN}]*$`;

const refuse = (forbidden: RegExp, code: FaultCode, error: string) =>
  z.refine<string>((name) => !forbidden.test(name), { error, params: { code } });

/** A file name: any Unicode in NFC, but no path, no control characters, and not only invisible characters. */
export const FileName = z
  .string()
  .check(
    z.trim(),
    // Normalizing takes long for many accents on one letter. A letter can have some, before they are one character.
    atMost(4 * MAX_LENGTH),
    z.normalize('NFC'),
    atMost(MAX_LENGTH),
    refuse(new RegExp(`[${SEPARATOR}]`), 'path-separator', 'must be a name without a path: no / and no \\'),
    refuse(new RegExp(`[${CONTROL}]`), 'control-character', 'must not contain control characters or line breaks'),
    refuse(
      new RegExp(`[${OVERRIDE}]`),
      'bidi-control',
      'must not contain characters that override the reading direction',
    ),
    refuse(new RegExp(`^[.${INVISIBLE}]*$`), 'wrong-format', 'must contain a visible character other than a dot'),
    z.refine<string>((name) => name.isWellFormed(), {
      error: 'must be well-formed Unicode',
      params: { code: 'wrong-format' satisfies FaultCode },
    }),
  )
  .meta({ minLength: 1, maxLength: MAX_LENGTH, pattern: PATTERN, examples: ['Contract 2026.pdf'] });

/**
 * The Content-Disposition header that makes a browser save a file under the name (RFC 6266). Old browsers read the
 * ASCII form, all others read the name itself (RFC 8187).
 */
export function attachmentHeader(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]+|["\\%]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeExtendedValue(name)}`;
}

/** Percent-encodes every character that is no attr-char (RFC 8187). */
function encodeExtendedValue(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

import { type Country, checkVAT, countries } from 'jsvat';
import type { Warning } from './schema.ts';

/** The countries that jsvat has rules for, by ISO 3166-1 alpha-2. */
const countriesByCode = new Map<string, Country>(
  countries.flatMap((country) => country.codes.slice(0, 1).map((code) => [code, country] as const)),
);
/** Prefixes that are no country code: Greece uses EL, and Northern Ireland uses XI with British digits. */
const CODES_OF_PREFIXES: Readonly<Record<string, string>> = { EL: 'GR', XI: 'GB' };
/** Prefixes by country code, for countries whose prefix is not their code. */
const PREFIXES_OF_CODES: Readonly<Record<string, string>> = { GR: 'EL', CH: 'CHE', BR: '' };

/**
 * The VAT number in the form that jsvat reads, and its country: that of the prefix, else that of billing. Undefined
 * without rules.
 */
function normalize(vatNumber: string, billingCountry: string | null): { text: string; country: Country } | undefined {
  const plain = vatNumber.toUpperCase().replace(/[\s./-]+/g, '');
  const prefix = plain.slice(0, 2);
  const code = CODES_OF_PREFIXES[prefix] ?? prefix;
  const country = countriesByCode.get(code);
  if (country) {
    const digits = plain.slice(code === 'CH' && plain.startsWith('CHE') ? 3 : 2);
    return { text: `${PREFIXES_OF_CODES[code] ?? code}${digits}`, country };
  }
  const fallback = billingCountry === null ? undefined : countriesByCode.get(billingCountry);
  if (!fallback || billingCountry === null) return undefined;
  return { text: `${PREFIXES_OF_CODES[billingCountry] ?? billingCountry}${plain}`, country: fallback };
}

/**
 * What is wrong with a VAT number by the rules of its country, form and check digits; undefined if nothing is, or
 * without rules.
 */
export function vatWarning(vatNumber: string, billingCountry: string | null): Warning | undefined {
  const normalized = normalize(vatNumber, billingCountry);
  if (!normalized) return undefined;
  const { text, country } = normalized;
  const { isValid, isValidFormat } = checkVAT(text, [country]);
  if (isValid) return undefined;
  return isValidFormat
    ? {
        pointer: '/vatNumber',
        code: 'vat-checksum',
        detail: `The check digits do not fit a VAT number (${country.name}).`,
      }
    : { pointer: '/vatNumber', code: 'vat-format', detail: `It does not look like a VAT number (${country.name}).` };
}

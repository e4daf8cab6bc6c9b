import { type Country, checkVAT, countries } from 'jsvat';
import type { Warning } from './schema.ts';

/** By the two letters that a VAT number begins with. Greece writes EL, Northern Ireland XI with British digits. */
const byPrefix = new Map<string, Country>(
  countries.flatMap((country) => country.codes.slice(0, 1).map((code) => [code, country] as const)),
);
const ALIASES: Readonly<Record<string, string>> = { EL: 'GR', XI: 'GB' };
/** What stands before the digits where it is not the country's own code. */
const WRITTEN: Readonly<Record<string, string>> = { GR: 'EL', CH: 'CHE', BR: '' };

/** A VAT number as its country's rules write it, where it has rules: found by its prefix, else by the country of billing. */
function written(vatNumber: string, billingCountry: string | null): { text: string; country: Country } | undefined {
  const plain = vatNumber.toUpperCase().replace(/[\s./-]+/g, '');
  const prefix = plain.slice(0, 2);
  const named = ALIASES[prefix] ?? prefix;
  const own = byPrefix.get(named);
  if (own) {
    const digits = plain.slice(named === 'CH' && plain.startsWith('CHE') ? 3 : 2);
    return { text: `${WRITTEN[named] ?? named}${digits}`, country: own };
  }
  const billed = billingCountry === null ? undefined : byPrefix.get(billingCountry);
  if (!billed || billingCountry === null) return undefined;
  return { text: `${WRITTEN[billingCountry] ?? billingCountry}${plain}`, country: billed };
}

/** What is wrong with a VAT number by the rules of its country (form and check digits); undefined where nothing is known. */
export function vatWarning(vatNumber: string, billingCountry: string | null): Warning | undefined {
  const found = written(vatNumber, billingCountry);
  if (!found) return undefined;
  const { text, country } = found;
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

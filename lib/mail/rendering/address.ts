import type { Address } from '../../shared/address.ts';

/** Countries that write the postal code after the city. */
const POSTAL_CODE_LAST = new Set(['AU', 'CA', 'GB', 'IE', 'IN', 'NZ', 'SG', 'US', 'ZA']);

/** The name of a country in a language; its code if it has no name there, empty without a country. */
export function formatCountry(code: string | null | undefined, locale: string): string {
  return code ? (new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code) : '';
}

/** The lines of a postal address, in the order of its country. */
export function addressLines(address: Address, locale: string): string[] {
  const { attention, line1, line2, postalCode, city, state, country } = address;
  const place =
    country !== null && POSTAL_CODE_LAST.has(country)
      ? [[[city, state].filter(Boolean).join(', '), postalCode].filter(Boolean).join(' ')]
      : [[postalCode, city].filter(Boolean).join(' '), state];
  return [attention, line1, line2, ...place, formatCountry(country, locale)].flatMap((line) => (line ? [line] : []));
}

import type { CountryCode } from 'libphonenumber-js/core';
import type { Phone } from './schema.ts';

/**
 * A phone number in E.164 as far as it can be one; null otherwise. `country` (ISO 3166-1 alpha-2) says where a number
 * without a country code is from.
 */
export async function e164Of(number: string, country: string | null): Promise<string | null> {
  // Loaded with the first number: most requests have none, and parser and numbering plans are 120 KB.
  const [{ parsePhoneNumberFromString }, { default: plans }] = await Promise.all([
    import('libphonenumber-js/core'),
    import('libphonenumber-js/metadata.min.json'),
  ]);
  const known = (code: string | null): code is CountryCode => code !== null && code in plans.countries;
  const parsed = parsePhoneNumberFromString(
    number,
    // Nothing is picked out of prose: the whole text is the number.
    { extract: false, ...(known(country) && { defaultCountry: country }) },
    plans,
  );
  if (!parsed) return null;
  // Whoever writes the country code means it, also where a plan is newer than ours; a guessed country has to fit.
  const fits = /^\s*[+＋]/.test(number) ? parsed.isPossible() : parsed.isValid();
  return fits ? parsed.number : null;
}

/** Phones with their numbers in E.164, whatever stood there before. */
export function withE164(phones: readonly Phone[], country: string | null): Promise<Phone[]> {
  return Promise.all(phones.map(async (phone) => ({ ...phone, e164: await e164Of(phone.number, country) })));
}

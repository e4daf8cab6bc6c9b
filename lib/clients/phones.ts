import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import type { Phone } from './schema.ts';

/**
 * A phone number in E.164 as far as it can be one; null otherwise. `country` (ISO 3166-1 alpha-2) says where a number
 * without a country code is from.
 */
export async function e164Of(number: string, country: string | null): Promise<string | null> {
  // 83 KB of numbering plans, loaded with the first number: in a bundle they lie beside the code (infra/bundles.ts).
  const { default: plans } = await import('libphonenumber-js/metadata.min.json');
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

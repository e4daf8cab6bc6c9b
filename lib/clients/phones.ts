import type { CountryCode } from 'libphonenumber-js/core';
import type { Phone } from './schema.ts';

/**
 * A phone number in E.164; null if it is no possible number. `country` (ISO 3166-1 alpha-2) is the country of a number
 * that has no country code.
 */
export async function toE164(number: string, country: string | null): Promise<string | null> {
  // Loaded when first needed: most requests have no phone number, and parser and numbering plans are 120 KB.
  const [{ parsePhoneNumberFromString }, { default: plans }] = await Promise.all([
    import('libphonenumber-js/core'),
    import('libphonenumber-js/metadata.min.json'),
  ]);
  const isSupported = (code: string | null): code is CountryCode => code !== null && code in plans.countries;
  const parsed = parsePhoneNumberFromString(
    number,
    // Without this the parser would pick a number out of a longer text.
    { extract: false, ...(isSupported(country) && { defaultCountry: country }) },
    plans,
  );
  if (!parsed) return null;
  // An explicit country code is trusted even if the numbering plan is newer than ours. An assumed country must match
  // exactly.
  const isAccepted = /^\s*[+＋]/.test(number) ? parsed.isPossible() : parsed.isValid();
  return isAccepted ? parsed.number : null;
}

/** The phones with `e164` computed anew. */
export function withE164(phones: readonly Phone[], country: string | null): Promise<Phone[]> {
  return Promise.all(phones.map(async (phone) => ({ ...phone, e164: await toE164(phone.number, country) })));
}

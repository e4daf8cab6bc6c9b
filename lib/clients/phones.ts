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
    splitExtension(number)?.number ?? number,
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

/** An extension at the end of a number, as it is written in the four languages of the product, with what is before it. */
const EXTENSION =
  /^(.*?\d\)?)[\s,;/-]*(?:\b(?:ext(?:ension|n)?|durchwahl|dw|nebenstelle|poste|interno|int|anexo)\b\.?|ext\.?|x|#)[\s:]*(\d{1,10})$/iu;
/** Digits of the shortest number that can have an extension. */
const LEAST_DIGITS = 4;

/** The number without the extension at its end, and the extension; undefined if it has none. */
function splitExtension(number: string): { number: string; extension: string } | undefined {
  const [, main = '', extension = ''] = EXTENSION.exec(number.trim()) ?? [];
  return main.replace(/\D/g, '').length < LEAST_DIGITS ? undefined : { number: main, extension };
}

/** The phones with the extensions that their numbers contain, and with `e164` computed anew. */
export function normalizedPhones(phones: readonly Phone[], country: string | null): Promise<Phone[]> {
  return Promise.all(
    phones.map(async (given) => {
      const split = given.extension === null ? splitExtension(given.number) : undefined;
      const phone = { ...given, ...split };
      return { ...phone, e164: await toE164(phone.number, country) };
    }),
  );
}

/** The fax that documents go to: the first one; null if there is none. */
export function defaultFax(phones: readonly Phone[]): Phone | null {
  return phones.find(({ kind }) => kind === 'fax') ?? null;
}

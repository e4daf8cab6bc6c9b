import type * as z from 'zod';
import { problems } from '../shared/errors.ts';
import { faultCodes } from '../shared/faults.ts';
import { Country, Currency, minorUnitDigits } from '../shared/locale.ts';
import {
  type Currencies,
  type Languages,
  NAME_LANGUAGES,
  type Names,
  type Problems,
  type Timezones,
} from './schema.ts';

// The names come from the ICU data that Node contains, so they need no list of our own and follow Node's updates.

type DisplayType = 'region' | 'currency' | 'language';

/** Makes the names of codes. A code that ICU does not know is its own name. */
function namesBy(type: DisplayType): (code: string) => Names {
  const [en, fr, de, es] = NAME_LANGUAGES.map((language) => new Intl.DisplayNames(language, { type }));
  const name = (names: Intl.DisplayNames | undefined, code: string) => names?.of(code) ?? code;
  return (code) => ({ en: name(en, code), fr: name(fr, code), de: name(de, code), es: name(es, code) });
}

/** Every accepted country: code and names. */
export function listCountries(): { code: string; names: Names }[] {
  const namesOf = namesBy('region');
  return Country.options.map((code) => ({ code, names: namesOf(code) }));
}

/** Every accepted currency with the decimals of its minor unit. */
export function listCurrencies(): z.input<typeof Currencies> {
  const namesOf = namesBy('currency');
  return {
    data: Currency.options.map((code) => ({ code, names: namesOf(code), decimals: minorUnitDigits(code) })),
  };
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** The languages of ISO 639-1. `withMailTexts` are the languages that have built-in mail texts. */
export function listLanguages(withMailTexts: readonly string[]): z.input<typeof Languages> {
  const known = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const namesOf = namesBy('language');
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  // A code that is not canonical is an old one of another language.
  const inUse = codes.filter((code) => known.of(code) !== undefined && Intl.getCanonicalLocales(code)[0] === code);
  return { data: inUse.map((code) => ({ code, names: namesOf(code), hasMailTexts: withMailTexts.includes(code) })) };
}

/** The time zones of the IANA database, and UTC. */
export function listTimezones(): z.input<typeof Timezones> {
  const codes = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])].sort();
  return {
    data: codes.map((code) => ({
      code,
      names: {
        en: timezoneName(code, 'en'),
        fr: timezoneName(code, 'fr'),
        de: timezoneName(code, 'de'),
        es: timezoneName(code, 'es'),
      },
    })),
  };
}

/** A day on which zones have their present rules; the name does not depend on it otherwise. */
const AT = Date.UTC(2026, 0, 1);

/** The name of a zone in a language, such as `Central European Time`, which is the same in summer and winter. */
function timezoneName(timeZone: string, language: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'longGeneric' }).formatToParts(AT);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** Every problem and every code of a fault. */
export function listProblems(): z.input<typeof Problems> {
  return {
    problems: Object.entries(problems).map(([code, { status, title, detail }]) => ({
      type: `/problems/${code}`,
      status,
      title,
      detail,
    })),
    faults: Object.entries(faultCodes).map(([code, detail]) => ({ code, detail })),
  };
}

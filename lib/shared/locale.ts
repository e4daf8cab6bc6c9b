import * as z from 'zod';
import type { FaultCode } from './faults.ts';

/** ISO 3166-1 alpha-2. Our own list, because Intl also accepts codes that are not countries in the standard (UK, EU, SU). */
const COUNTRIES =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW';

/** ISO 4217: the currencies in use, without funds, metals and test codes. Our own list, because Intl also accepts former currencies. */
const CURRENCIES =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG';

const refinement = (is: (value: string) => boolean, message: string) =>
  [is, { error: message, params: { code: 'not-allowed' satisfies FaultCode } }] as const;

export const Country = z
  .enum(COUNTRIES.split(' '), 'must be an ISO 3166-1 alpha-2 country code')
  .meta({ id: 'Country', examples: ['GB'], description: 'A country code of ISO 3166-1 alpha-2.' });

export const Currency = z
  .enum(CURRENCIES.split(' '), 'must be an ISO 4217 currency code')
  .meta({ id: 'Currency', examples: ['EUR'], description: 'A currency code of ISO 4217.' });

function canonicalLanguage(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

export const Language = z
  .string()
  .max(35, { abort: true })
  .refine(...refinement((tag) => canonicalLanguage(tag) !== undefined, 'must be a BCP 47 language tag'))
  .overwrite((tag) => canonicalLanguage(tag) ?? tag)
  .meta({ format: 'bcp47', examples: ['en-GB'], description: 'A language tag of BCP 47.' });

function isTimezone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,50}$/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export const Timezone = z
  .string()
  .max(60, { abort: true })
  .refine(...refinement(isTimezone, 'must be an IANA time zone'))
  .meta({ format: 'iana-timezone', examples: ['Europe/London'], description: 'A time zone of the IANA database.' });

/** Decimals of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for BHD. */
export function minorUnitDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

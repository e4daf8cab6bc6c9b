import * as z from 'zod';
import { contract, type Route } from '../../lib/http/contract.ts';
import { Countries, Currencies, Languages, Problems, Subdivisions, Timezones } from '../../lib/reference/schema.ts';
import { Country } from '../../lib/shared/locale.ts';

const reference = {
  method: 'GET',
  tag: 'Reference',
  access: 'public',
  cacheSeconds: 86_400,
  problems: [],
} as const satisfies Partial<Route>;

/** What the API accepts, with names. The same for everybody; it changes only with a deployment. */
export const referenceLists = contract({
  listCountries: {
    ...reference,
    path: '/v1/reference/countries',
    summary: 'List the countries',
    description:
      'With their names in four languages. A country marked so has its states or provinces at `/v1/reference/subdivisions`.',
    reply: { status: 200, description: 'Every country that is accepted.', schema: Countries },
  },
  listSubdivisions: {
    ...reference,
    path: '/v1/reference/subdivisions',
    summary: 'List the states or provinces of a country',
    description: 'Empty for a country whose states or provinces are not listed. Its addresses take any `state`.',
    query: z.strictObject({ country: Country }),
    examples: [{ query: { country: 'US' } }],
    reply: { status: 200, description: 'The states or provinces.', schema: Subdivisions },
  },
  listCurrencies: {
    ...reference,
    path: '/v1/reference/currencies',
    summary: 'List the currencies',
    description: 'With their names in four languages, and the decimals of their minor units.',
    reply: { status: 200, description: 'Every currency that is accepted.', schema: Currencies },
  },
  listLanguages: {
    ...reference,
    path: '/v1/reference/languages',
    summary: 'List the languages',
    description: 'With their names in four languages.',
    reply: { status: 200, description: 'The languages of ISO 639-1.', schema: Languages },
  },
  listTimezones: {
    ...reference,
    path: '/v1/reference/timezones',
    summary: 'List the time zones',
    description: 'With their names in four languages.',
    reply: { status: 200, description: 'The time zones of the IANA database.', schema: Timezones },
  },
  listProblems: {
    ...reference,
    path: '/v1/reference/problems',
    summary: 'List the problems and the codes of faults',
    description: 'Codes are stable. Texts may become better, so programs compare codes.',
    reply: {
      status: 200,
      description: 'Every error that the API answers, and every code in `errors`.',
      schema: Problems,
    },
  },
});

import { isListed, subdivisionsOf } from '../../lib/clients/subdivisions.ts';
import { httpFunction } from '../../lib/http/function.ts';
import {
  listCountries,
  listCurrencies,
  listLanguages,
  listProblems,
  listTimezones,
} from '../../lib/reference/lists.ts';
import { NAME_LANGUAGES } from '../../lib/reference/schema.ts';
import { referenceLists as contract } from './contract.ts';

/** Makes a list when it is first asked for, and keeps it for the life of the process. */
function once<T>(make: () => T): () => Promise<{ body: T }> {
  let reply: { body: T } | undefined;
  return async () => {
    reply ??= { body: make() };
    return reply;
  };
}

export const handler = httpFunction(contract, () => ({
  listCountries: once(() => ({
    data: listCountries().map((country) => ({ ...country, hasSubdivisions: isListed(country.code) })),
  })),
  listSubdivisions: async ({ query }) => ({ body: { data: subdivisionsOf(query.country) } }),
  listCurrencies: once(listCurrencies),
  listLanguages: once(() => listLanguages(NAME_LANGUAGES)),
  listTimezones: once(listTimezones),
  listProblems: once(listProblems),
}));

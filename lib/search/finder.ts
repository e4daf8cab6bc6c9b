import { invalid } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import { wordsOfQuery } from '../shared/words.ts';
import type { Position } from '../table/query.ts';
import type { ClientListRepository, ClientPage } from './list-repository.ts';
import type { ClientLookUp } from './look-up.ts';
import { CLIENT_ORDERS, type ClientQuery, filtersOfQuery } from './query.ts';
import type { ClientSearchRepository } from './search-repository.ts';
import { termsOfQuery } from './terms.ts';

interface FinderDeps {
  lists: ClientListRepository;
  search: ClientSearchRepository;
  lookUp: ClientLookUp;
}

interface FindingCompany {
  companyId: CompanyId;
  timezone: string;
}

/**
 * Finds clients. By number, idNumber or e-mail address: the one client that has it. With `q` or another look-up: clients with
 * all of the words, best match first. Otherwise: all clients, in the order of `sort`.
 */
export function clientFinder({ lists, search, lookUp }: FinderDeps) {
  /** A page of clients. @throws Problem `validation` if the query has `sort` with `q` or a look-up by words */
  return async (
    { companyId, timezone }: FindingCompany,
    query: ClientQuery,
    after: Position | undefined,
  ): Promise<ClientPage> => {
    const { q, sort, limit } = query;
    const filters = filtersOfQuery(query, timezone);
    const words = q === undefined ? [] : wordsOfQuery(q);
    const exact = termsOfQuery(query);
    const isGuarded = query.number !== undefined || query.idNumber !== undefined || query.email !== undefined;
    const isSearch = q !== undefined || exact.length > 0;
    if (isSearch && sort !== undefined)
      throw invalid({
        pointer: '?sort',
        code: 'not-allowed',
        detail: 'A search cannot be sorted: its order is best match first.',
      });
    // Without a word in `q` nothing matches.
    if (q !== undefined && words.length === 0) return { rows: [], next: undefined };
    if (isGuarded) {
      const row = await lookUp(companyId, { lookUps: query, filters, words, exact });
      return { rows: row ? [{ ...row }] : [], next: undefined };
    }
    if (isSearch) return search.search(companyId, { words, exact, filters, limit, after });
    const { by, descending } = CLIENT_ORDERS[sort ?? 'name'];
    return lists.list(companyId, { sort: by, descending, filters, limit, after });
  };
}

import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Position } from '../table/query.ts';
import type { ClientFilters } from './filters.ts';
import type { ClientListRepository, ClientPage } from './list-repository.ts';
import { CLIENT_ORDERS, type ClientQuery } from './query.ts';
import type { ClientSearchRepository } from './search-repository.ts';
import { wordsOfQuery } from './words.ts';

interface FinderDeps {
  lists: ClientListRepository;
  search: ClientSearchRepository;
}

const archivedFilter = { true: true, false: false, any: 'any' } as const;

/** Finds clients: by words, best match first, or all that the filters leave in the order of a list. */
export function clientFinder({ lists, search }: FinderDeps) {
  /** A page of clients. @throws Problem `validation` where a search is to be sorted */
  return async (company: CompanyId, query: ClientQuery, after: Position | undefined): Promise<ClientPage> => {
    const { q, sort, limit } = query;
    const filters = filtersOf(query);
    if (q === undefined) {
      const { by, descending } = CLIENT_ORDERS[sort ?? 'name'];
      return lists.list(company, { sort: by, descending, filters, limit, after });
    }
    if (sort !== undefined)
      throw new Problem('validation', {
        errors: [{ pointer: '?sort', code: 'not-allowed', detail: 'A search has its own order: best match first.' }],
      });
    return search.search(company, { words: wordsOfQuery(q), filters, limit, after });
  };
}

function filtersOf(query: ClientQuery): ClientFilters {
  const { status, archived, tag, groupId, pricingId, userId, country, hasBalance } = query;
  const { createdAfter, createdBefore, updatedAfter } = query;
  return {
    archived: archivedFilter[archived],
    ...{ status, tag, groupId, pricingId, userId, country },
    hasBalance: hasBalance === undefined ? undefined : hasBalance === 'true',
    ...{ createdAfter, createdBefore, updatedAfter },
  };
}

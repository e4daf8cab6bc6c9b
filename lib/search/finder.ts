import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Position } from '../table/query.ts';
import type { ClientListRepository, ClientPage } from './list-repository.ts';
import { CLIENT_ORDERS, type ClientQuery, filtersOfQuery } from './query.ts';
import type { ClientSearchRepository } from './search-repository.ts';
import { wordsOfQuery } from './words.ts';

interface FinderDeps {
  lists: ClientListRepository;
  search: ClientSearchRepository;
}

/** Finds clients. With `q`: clients with all of its words, best match first. Otherwise: all clients, in the order of `sort`. */
export function clientFinder({ lists, search }: FinderDeps) {
  /** A page of clients. @throws Problem `validation` if the query has both `q` and `sort` */
  return async (company: CompanyId, query: ClientQuery, after: Position | undefined): Promise<ClientPage> => {
    const { q, sort, limit } = query;
    const filters = filtersOfQuery(query);
    if (q === undefined) {
      const { by, descending } = CLIENT_ORDERS[sort ?? 'name'];
      return lists.list(company, { sort: by, descending, filters, limit, after });
    }
    if (sort !== undefined)
      throw new Problem('validation', {
        errors: [
          {
            pointer: '?sort',
            code: 'not-allowed',
            detail: 'A search cannot be sorted: its order is best match first.',
          },
        ],
      });
    return search.search(company, { words: wordsOfQuery(q), filters, limit, after });
  };
}

import type { CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { currentItem } from '../table/entity.ts';
import { ranges } from '../table/keys.ts';
import { type Filter, type Page, type Position, queryPage } from '../table/query.ts';
import { conditionsOf, filterOf, type RowCondition } from './filters.ts';
import type { ClientPage } from './list-repository.ts';
import type { ClientFilters } from './query.ts';
import { listedAttributes, postingEntity } from './schema.ts';
import type { ExactTerm } from './terms.ts';

export interface SearchRequest {
  /** Beginnings of words as `wordsOfQuery` makes them, the longest first; each must match. */
  words: readonly string[];
  /** What is looked up as a whole besides. @default nothing */
  exact?: readonly ExactTerm[];
  filters: ClientFilters;
  limit: number;
  after: Position | undefined;
}

/** Search for clients by the beginnings of their words. */
export function clientSearchRepository(table: Table) {
  /** The postings of one word that also match the other words and the filters. */
  function query(company: CompanyId, request: SearchRequest, word: string, maxQueries?: number): Promise<Page> {
    const { PK, SK } = request.after ?? {};
    return queryPage(table, {
      range: ranges.postings(company, word),
      limit: request.limit,
      after: PK !== undefined && SK !== undefined ? { PK, SK } : undefined,
      filter: filterFor(company, word, request),
      attributes: listedAttributes,
      ...(maxQueries !== undefined && { maxQueries }),
    });
  }

  return {
    /**
     * A page of clients with all the words, best match first: whole words before longer ones, and names first among these.
     * It reads the postings of the longest word, because that is usually the rarest, and filters by the other words. If one
     * Query does not fill the page, it tries the next word, one Query each; if none fills it, it reads on under the longest
     * word until `queryPage` ends the page. The cursor keeps the word, so further pages read the same postings.
     */
    async search(company: CompanyId, request: SearchRequest): Promise<ClientPage> {
      // A whole value is rarer than any beginning of a word.
      const candidates = [...(request.exact ?? []).map(({ word }) => word), ...request.words];
      const [longest] = candidates;
      if (longest === undefined) return { rows: [], next: undefined };
      const chosen = request.after?.word;
      if (chosen !== undefined) return toClientPage(await query(company, request, chosen), chosen);
      if (candidates.length > 1)
        for (const word of candidates) {
          const page = await query(company, request, word, 1);
          if (!isShort(page, request)) return toClientPage(page, word);
        }
      return toClientPage(await query(company, request, longest), longest);
    },
  };
}

export type ClientSearchRepository = ReturnType<typeof clientSearchRepository>;

function isShort({ items, next }: Page, { limit }: SearchRequest): boolean {
  return next !== undefined && items.length < limit;
}

function toClientPage({ items, next }: Page, word: string): ClientPage {
  return { rows: items.map((item) => currentItem(postingEntity, item)), next: next && { ...next, word } };
}

function filterFor(
  company: CompanyId,
  word: string,
  { words, exact = [], filters }: SearchRequest,
): Filter | undefined {
  const otherWords = words.filter((other) => other !== word);
  const conditions: RowCondition[] = [
    {
      expression: '#sharedPrefixLength < :length',
      attributes: ['sharedPrefixLength'],
      values: { ':length': word.length },
    },
    ...otherWords.map((other, index) => ({
      expression: `contains(#words, :word${index})`,
      attributes: ['words'],
      values: { [`:word${index}`]: ` ${other}` },
    })),
    ...exact.map(({ term }, index) => ({
      expression: `contains(#words, :term${index})`,
      attributes: ['words'],
      values: { [`:term${index}`]: ` ${term} ` },
    })),
    ...archivedCondition(filters.archived),
    ...conditionsOf(company, filters, {}),
  ];
  // Without further words or filters nearly every posting matches.
  return filterOf(conditions, conditions.length > 2 ? undefined : 1.5);
}

function archivedCondition(archived: ClientFilters['archived']): RowCondition[] {
  if (archived === 'any') return [];
  const expression = `${archived ? 'NOT ' : ''}attribute_type(#archivedAt, :null)`;
  return [{ expression, attributes: ['archivedAt'], values: { ':null': 'NULL' } }];
}

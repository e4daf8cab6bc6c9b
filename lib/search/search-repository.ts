import type { CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { ranges } from '../table/keys.ts';
import { type Filter, type Page, type Position, queryPage } from '../table/query.ts';
import { type ClientFilters, type Condition, conditionsOf, filterOf } from './filters.ts';
import type { ClientPage } from './list-repository.ts';
import { postingEntity } from './schema.ts';

export interface SearchRequest {
  /** Beginnings of words as `wordsOfQuery` makes them, the longest first; each must match. */
  words: readonly string[];
  filters: ClientFilters;
  limit: number;
  after: Position | undefined;
}

/** Search for clients by the beginnings of their words. */
export function clientSearchRepository(table: Table) {
  function query(company: CompanyId, request: SearchRequest, word: string, rounds?: number): Promise<Page> {
    const { PK, SK } = request.after ?? {};
    return queryPage(table, {
      range: ranges.postings(company, word),
      limit: request.limit,
      after: PK !== undefined && SK !== undefined ? { PK, SK } : undefined,
      filter: filterFor(word, request),
      ...(rounds !== undefined && { rounds }),
    });
  }

  return {
    /**
     * A page of clients with all the words, best match first: those with the longest word of the query as a whole word, of
     * these first whom it names, then longer words. One Query, which leaves out who lacks the other words; where it does
     * not fill the page, because the word is common and the others are not, another word is tried, and a Query more.
     */
    async search(company: CompanyId, request: SearchRequest): Promise<ClientPage> {
      const [longest] = request.words;
      if (longest === undefined) return { clients: [], next: undefined };
      const chosen = request.after?.word;
      if (chosen !== undefined) return shown(await query(company, request, chosen), chosen);
      if (request.words.length > 1)
        for (const word of request.words) {
          const page = await query(company, request, word, 1);
          if (!page.cut) return shown(page, word);
        }
      return shown(await query(company, request, longest), longest);
    },
  };
}

export type ClientSearchRepository = ReturnType<typeof clientSearchRepository>;

function shown({ items, next }: Page, word: string): ClientPage {
  return { clients: items.map((item) => readItem(postingEntity, item)), next: next && { ...next, word } };
}

function filterFor(word: string, { words, filters }: SearchRequest): Filter | undefined {
  const others = words.filter((other) => other !== word);
  const conditions: Condition[] = [
    { expression: '#shared < :length', attributes: ['shared'], values: { ':length': word.length } },
    ...others.map((other, index) => ({
      expression: `contains(#words, :word${index})`,
      attributes: ['words'],
      values: { [`:word${index}`]: ` ${other}` },
    })),
    ...archivedCondition(filters.archived),
    ...conditionsOf(filters, {}),
  ];
  return filterOf(conditions, conditions.length > 2 ? undefined : 1.5);
}

function archivedCondition(archived: ClientFilters['archived']): Condition[] {
  if (archived === 'any') return [];
  const expression = `${archived ? 'NOT ' : ''}attribute_type(#archivedAt, :none)`;
  return [{ expression, attributes: ['archivedAt'], values: { ':none': 'NULL' } }];
}

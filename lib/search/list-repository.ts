import { listedClientEntity } from '../clients/schema.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { currentItem, entityOf } from '../table/entity.ts';
import { type Range, ranges, timesBetween } from '../table/keys.ts';
import { type ClientIndex, clientIndexes } from '../table/layout.ts';
import { type Filter, type Page, type Position, positionOf, queryPage } from '../table/query.ts';
import { requiredFacets } from './facets.ts';
import { conditionsOf, filterOf } from './filters.ts';
import type { ClientFilters } from './query.ts';
import { clientRowEntity, listedAttributes } from './schema.ts';

const indexOfSort = {
  name: 'clientsByName',
  createdAt: 'clientsByCreation',
  number: 'clientsByNumber',
  updatedAt: 'clientsByUpdate',
  balance: 'clientsByBalance',
} as const satisfies Record<string, ClientIndex>;

export interface ListRequest {
  sort: keyof typeof indexOfSort;
  descending: boolean;
  filters: ClientFilters;
  limit: number;
  after: Position | undefined;
}

export interface ClientPage {
  /** Rows with the attributes of `ListedClient` and others. Who answers with them parses them. */
  rows: Item[];
  next: Position | undefined;
}

/** Lists of clients, in the order of an index. */
export function clientListRepository(table: Table) {
  return {
    /**
     * A page of clients: one Query of all clients, or of the rows of the rarest facet in the filters; one for each of two
     * statuses, and twice as many if archived and live clients are listed together. The Queries filter by everything else,
     * and are repeated as `queryPage` says.
     */
    async list(company: CompanyId, request: ListRequest): Promise<ClientPage> {
      const { sort, filters } = request;
      const between = timeBounds(request);
      if (between === 'none') return { rows: [], next: undefined };
      const [facets] = requiredFacets(company, filters);
      const conditions = conditionsOf(company, filters, {
        facets,
        createdAt: sort === 'createdAt',
        updatedAt: sort === 'updatedAt',
      });
      const dropsFew = facets === undefined && conditions.every(({ common }) => common);
      const filter = filterOf(conditions, dropsFew ? 1.5 : undefined);
      const archived = filters.archived === 'any' ? [false, true] : [filters.archived];
      const read = archived.flatMap((isArchived) =>
        (facets ?? [undefined]).map(
          (facet): Range => ({
            ...ranges.clients(company, isArchived, indexOfSort[sort], facet),
            ...(between && { between }),
          }),
        ),
      );
      const [range, ...others] = read;
      if (!range) return { rows: [], next: undefined };
      const page =
        others.length > 0
          ? await mergedPage(table, read, request, filter)
          : await queryPage(table, { ...pageOf(request, filter), range });
      return { rows: page.items.map(currentRow), next: page.next };
    },
  };
}

export type ClientListRepository = ReturnType<typeof clientListRepository>;

/** The list reads a client from its own item or from one of its rows. */
function currentRow(item: Item): Item {
  return currentItem(entityOf(item) === listedClientEntity.name ? listedClientEntity : clientRowEntity, item);
}

/** The bounds of the sort key in a list that is sorted by a filtered time; `none` if no time lies between them. */
function timeBounds({ sort, filters }: ListRequest): Range['between'] | 'none' {
  const { createdAfter, createdBefore, updatedAfter, updatedBefore } = filters;
  const [after, before] =
    sort === 'createdAt' ? [createdAfter, createdBefore] : sort === 'updatedAt' ? [updatedAfter, updatedBefore] : [];
  if (after === undefined && before === undefined) return undefined;
  return timesBetween(after, before) ?? 'none';
}

function pageOf({ limit, descending, after }: ListRequest, filter: Filter | undefined) {
  return { limit, descending, after, attributes: listedAttributes, ...(filter && { filter }) };
}

/** Marks a range in a position as read to its end. */
const DONE = 'done';

/** One sorted page of several ranges of the same index. Its position has one entry for each range, by its index in `ranges`. */
async function mergedPage(
  table: Table,
  ranges: readonly Range[],
  request: ListRequest,
  filter: Filter | undefined,
): Promise<Page> {
  const parts = await Promise.all(
    ranges.map(async (range, index) => {
      const state = request.after?.[String(index)];
      const after = state === undefined || state === DONE ? undefined : JSON.parse(state);
      const page: Page =
        state === DONE
          ? { items: [], next: undefined }
          : await queryPage(table, { ...pageOf(request, filter), range, after });
      return { range, state, ...page };
    }),
  );
  const sortKey = (item: Item) => Buffer.from(String(item[clientIndexes[indexOfSort[request.sort]].sort]));
  const order = (a: Item, b: Item) => Buffer.compare(sortKey(a), sortKey(b)) * (request.descending ? -1 : 1);
  // Items beyond the position of an unfinished part must wait, because that part may still have earlier ones.
  const isComplete = (item: Item) => parts.every(({ next }) => next === undefined || order(item, next) <= 0);
  const items = parts
    .flatMap((part) => part.items.filter(isComplete))
    .sort(order)
    .slice(0, request.limit);
  const returned = new Set(items);
  const states = parts.map(({ range, state, items: read, next }) => {
    if (read.every((item) => returned.has(item))) return next ? JSON.stringify(next) : DONE;
    const last = read.findLast((item) => returned.has(item));
    return last ? JSON.stringify(positionOf(last, range)) : state;
  });
  if (states.every((state) => state === DONE)) return { items, next: undefined };
  const entries = states.flatMap((state, index) => (state === undefined ? [] : [[String(index), state]]));
  return { items, next: Object.fromEntries(entries) };
}

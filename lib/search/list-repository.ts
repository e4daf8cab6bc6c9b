import { type ListedClient, listedClientEntity } from '../clients/schema.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { entityOf, readItem } from '../table/entity.ts';
import { type ClientIndex, type Range, ranges, timesBetween } from '../table/keys.ts';
import { type Filter, type Position, positionOf, queryPage } from '../table/query.ts';
import { type ClientFilters, conditionsOf, filterOf, wantedFacets } from './filters.ts';
import { clientRowEntity } from './schema.ts';

const indexes = {
  name: 'GSI1',
  createdAt: 'GSI2',
  number: 'GSI3',
  updatedAt: 'GSI4',
  balance: 'GSI5',
} as const satisfies Record<string, ClientIndex>;

export interface ListRequest {
  sort: keyof typeof indexes;
  descending: boolean;
  filters: ClientFilters;
  limit: number;
  after: Position | undefined;
}

export interface ClientPage {
  clients: ListedClient[];
  next: Position | undefined;
}

/** Lists of clients, in the order of an index. */
export function clientListRepository(table: Table) {
  return {
    /**
     * A page of clients: one Query of all clients, or of those with the rarest of the facets that are asked for; two where
     * archived and live ones are wanted together. Of further filters rows are left out by the Query itself, which is
     * repeated until the page is full.
     */
    async list(company: CompanyId, request: ListRequest): Promise<ClientPage> {
      const { sort, filters } = request;
      const [facet] = wantedFacets(filters);
      const times = { createdAt: sort === 'createdAt', updatedAt: sort === 'updatedAt' };
      const between = betweenTimes(request);
      if (between === 'never') return { clients: [], next: undefined };
      const filter = filterOf(
        conditionsOf(filters, { facet, ...times }),
        mostlyMatching(filters, facet) ? 1.5 : undefined,
      );
      const rangeOf = (archived: boolean): Range => ({
        ...ranges.clients(company, archived, indexes[sort], facet),
        ...(between && { between }),
      });
      const page =
        filters.archived === 'any'
          ? await bothPages(table, rangeOf(false), rangeOf(true), request, filter)
          : await queryPage(table, { ...pageOf(request, filter), range: rangeOf(filters.archived) });
      return { clients: page.items.map(listed), next: page.next };
    },
  };
}

export type ClientListRepository = ReturnType<typeof clientListRepository>;

/** A client as a list shows it, from its own item or from one of its rows. */
function listed(item: Item): ListedClient {
  return entityOf(item) === listedClientEntity.name
    ? readItem(listedClientEntity, item)
    : readItem(clientRowEntity, item);
}

/** The bounds of the index's own time, where the list is sorted by it. */
function betweenTimes({ sort, filters }: ListRequest): Range['between'] | 'never' {
  const { createdAfter, createdBefore, updatedAfter } = filters;
  const [after, before] =
    sort === 'createdAt' ? [createdAfter, createdBefore] : sort === 'updatedAt' ? [updatedAfter, undefined] : [];
  if (after === undefined && before === undefined) return undefined;
  return timesBetween(after, before) ?? 'never';
}

/** Nearly all clients are active, so that filter alone leaves out little. */
function mostlyMatching(filters: ClientFilters, facet: string | undefined): boolean {
  const { archived: _archived, status, ...others } = filters;
  return facet === undefined && status === 'active' && Object.values(others).every((value) => value === undefined);
}

function pageOf({ limit, descending, after }: ListRequest, filter: Filter | undefined) {
  return { limit, descending, after, ...(filter && { filter }) };
}

/** Marks a range that has been read to its end, in the place of a position. */
const DONE = 'done';

/** One sorted page of two ranges. Its position holds one for each of them. */
async function bothPages(
  table: Table,
  live: Range,
  archived: Range,
  request: ListRequest,
  filter: Filter | undefined,
): Promise<{ items: Item[]; next: Position | undefined }> {
  const sides = await Promise.all(
    [live, archived].map(async (range, index) => {
      const state = request.after?.[String(index)];
      const after = state === undefined || state === DONE ? undefined : JSON.parse(state);
      const page =
        state === DONE
          ? { items: [], next: undefined }
          : await queryPage(table, { ...pageOf(request, filter), range, after });
      return { range, state, items: page.items, ended: page.next === undefined };
    }),
  );
  const sortKey = (item: Item) => Buffer.from(String(item[`${live.index}SK`]));
  const order = (a: Item, b: Item) => Buffer.compare(sortKey(a), sortKey(b)) * (request.descending ? -1 : 1);
  const items = sides
    .flatMap((side) => side.items)
    .sort(order)
    .slice(0, request.limit);
  const shown = new Set(items);
  const states = sides.map(({ range, state, items: found, ended }) => {
    const last = found.filter((item) => shown.has(item)).at(-1);
    if (ended && found.every((item) => shown.has(item))) return DONE;
    return last ? JSON.stringify(positionOf(last, range)) : state;
  });
  const next = Object.fromEntries(
    states.flatMap((state, index) => (state === undefined ? [] : [[String(index), state]])),
  );
  return { items, next: states.every((state) => state === DONE) ? undefined : next };
}

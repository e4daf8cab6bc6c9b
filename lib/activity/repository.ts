import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { ranges } from '../table/keys.ts';
import { type Filter, type Position, queryPage } from '../table/query.ts';
import type { ActivityFilter } from './query-schema.ts';
import { type ActivityEntry, activityEntity, companyActivityEntity } from './schema.ts';

interface ActivityPage {
  entries: ActivityEntry[];
  next: Position | undefined;
}

/** Of which entries a page consists. */
export interface ActivityRequest {
  limit: number;
  after: Position | undefined;
  filter?: ActivityFilter;
}

/** Reads the activity of clients and companies. */
export function activityLog(table: Table) {
  async function page(company: CompanyId, client: ClientId | null, { limit, after, filter = {} }: ActivityRequest) {
    const { from, to } = filter;
    if (from !== undefined && to !== undefined && from > to) return { items: [], next: undefined };
    return queryPage(table, {
      range: ranges.activity(company, client, from, to),
      limit,
      after,
      descending: true,
      consistent: true,
      ...expressionOf(filter),
    });
  }

  return {
    /** A page of a client's entries, newest first. One call, up to five if filtered by action or actor. */
    async page(company: CompanyId, client: ClientId, request: ActivityRequest): Promise<ActivityPage> {
      const { items, next } = await page(company, client, request);
      return { entries: items.map((item) => ({ ...readItem(activityEntity, item), clientId: client })), next };
    },

    /** A page of the entries of all clients, newest first. One call, up to five if filtered by action or actor. */
    async companyPage(company: CompanyId, request: ActivityRequest): Promise<ActivityPage> {
      const { items, next } = await page(company, null, request);
      return { entries: items.map((item) => readItem(companyActivityEntity, item)), next };
    },
  };
}

function expressionOf({ action, actor }: ActivityFilter): { filter?: Filter } {
  if (action === undefined && actor === undefined) return {};
  const actions = Object.fromEntries((action ?? []).map((name, index) => [`:action${index}`, name]));
  const conditions = [
    ...(action === undefined ? [] : [`#action IN (${Object.keys(actions).join(', ')})`]),
    ...(actor === undefined ? [] : ['(#actor.#id = :actor OR #actor.#kind = :actor)']),
  ];
  return {
    filter: {
      expression: conditions.join(' AND '),
      ExpressionAttributeNames: {
        ...(action !== undefined && { '#action': 'action' }),
        ...(actor !== undefined && { '#actor': 'actor', '#id': 'id', '#kind': 'kind' }),
      },
      ExpressionAttributeValues: { ...actions, ...(actor !== undefined && { ':actor': actor }) },
    },
  };
}

export type ActivityLog = ReturnType<typeof activityLog>;

import type * as z from 'zod';
import type { ClientStatus } from '../clients/schema.ts';
import type { GroupId, PricingId, UserId } from '../shared/ids.ts';
import { facetName } from '../table/keys.ts';
import type { Filter } from '../table/query.ts';
import { OWING } from './facets.ts';

/** What a list of clients is narrowed down by; what is left out narrows nothing. Times are instants, not included themselves. */
export interface ClientFilters {
  archived: boolean | 'any';
  status?: z.output<typeof ClientStatus> | undefined;
  tag?: string | undefined;
  groupId?: GroupId | undefined;
  pricingId?: PricingId | undefined;
  userId?: UserId | undefined;
  country?: string | undefined;
  hasBalance?: boolean | undefined;
  createdAfter?: string | undefined;
  createdBefore?: string | undefined;
  updatedAfter?: string | undefined;
}

/** The facets that a client has to have, those first that fewer clients have as a rule. */
export function wantedFacets(filters: ClientFilters): string[] {
  const { userId, tag, pricingId, status, hasBalance, country, groupId } = filters;
  return [
    ...(userId === undefined ? [] : [facetName('user', userId)]),
    ...(tag === undefined ? [] : [facetName('tag', tag)]),
    ...(status === undefined || status === 'active' ? [] : [facetName('status', status)]),
    ...(hasBalance ? [facetName('balance', OWING)] : []),
    ...(pricingId === undefined ? [] : [facetName('pricing', pricingId)]),
    ...(country === undefined ? [] : [facetName('country', country)]),
    ...(groupId === undefined ? [] : [facetName('group', groupId)]),
  ];
}

/** A condition on rows; `values` by the names that it uses for them, attributes as `#name`. */
export interface Condition {
  expression: string;
  attributes: readonly string[];
  values: Readonly<Record<string, unknown>>;
}

/** What rows have to fulfil beyond what the range of the Query does already. */
export function conditionsOf(
  filters: ClientFilters,
  by: { facet?: string | undefined; createdAt?: boolean; updatedAt?: boolean },
): Condition[] {
  const { status, hasBalance, createdAfter, createdBefore, updatedAfter } = filters;
  const others = wantedFacets(filters).filter((facet) => facet !== by.facet);
  return [
    ...others.map((facet, index) => ({
      expression: `contains(#facets, :facet${index})`,
      attributes: ['facets'],
      values: { [`:facet${index}`]: facet },
    })),
    ...(status === 'active' ? [compare('status', '=', ':status', status)] : []),
    ...(hasBalance === false ? [compare('hasBalance', '=', ':hasBalance', false)] : []),
    ...(createdAfter === undefined || by.createdAt ? [] : [compare('createdAt', '>', ':createdAfter', createdAfter)]),
    ...(createdBefore === undefined || by.createdAt
      ? []
      : [compare('createdAt', '<', ':createdBefore', createdBefore)]),
    ...(updatedAfter === undefined || by.updatedAt ? [] : [compare('updatedAt', '>', ':updatedAfter', updatedAfter)]),
  ];
}

function compare(attribute: string, operator: '=' | '<' | '>', name: string, value: unknown): Condition {
  return { expression: `#${attribute} ${operator} ${name}`, attributes: [attribute], values: { [name]: value } };
}

/** Conditions as filter of a Query; undefined where there are none. */
export function filterOf(conditions: readonly Condition[], readsPerMatch?: number): Filter | undefined {
  if (conditions.length === 0) return undefined;
  const attributes = conditions.flatMap((condition) => condition.attributes);
  return {
    expression: conditions.map(({ expression }) => expression).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.assign({}, ...conditions.map(({ values }) => values)),
    ...(readsPerMatch !== undefined && { readsPerMatch }),
  };
}

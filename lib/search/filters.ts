import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Filter } from '../table/query.ts';
import { requiredFacets } from './facets.ts';
import type { ClientFilters } from './query.ts';

/** A condition on rows: attributes stand in the expression as `#name`, values by the names of `values`. */
export interface RowCondition {
  expression: string;
  attributes: readonly string[];
  values: Readonly<Record<string, unknown>>;
  /** Nearly all clients meet it. @default false */
  common?: true;
}

/** The conditions that the range of a Query meets by itself, so that the filter can leave them out. */
interface SelectedByRange {
  facets?: readonly string[] | undefined;
  createdAt?: boolean;
  updatedAt?: boolean;
}

/** The conditions that rows have to meet beyond what the range of the Query selects. */
export function conditionsOf(company: CompanyId, filters: ClientFilters, range: SelectedByRange): RowCondition[] {
  const { status, type, groupId, hasBalance } = filters;
  const otherFacets = requiredFacets(company, filters).filter(([first]) => first !== range.facets?.[0]);
  return [
    ...otherFacets.map((facets, index) => ({
      expression: `(${facets.map((_, value) => `contains(#facets, :facet${index}of${value})`).join(' OR ')})`,
      attributes: ['facets'],
      values: Object.fromEntries(facets.map((facet, value) => [`:facet${index}of${value}`, facet])),
    })),
    // Neither has rows, because nearly all clients are active and in General.
    ...(status?.includes('active') ? [{ ...oneOf('status', status), common: true as const }] : []),
    ...(type === undefined ? [] : [compare('type', '=', ':type', type)]),
    ...(groupId === generalGroupId(company)
      ? [{ ...compare('groupId', '=', ':groupId', groupId), common: true as const }]
      : []),
    ...(hasBalance === false ? [compare('hasBalance', '=', ':hasBalance', false)] : []),
    ...(range.createdAt ? [] : timeCondition('createdAt', '>', ':createdAfter', filters.createdAfter)),
    ...(range.createdAt ? [] : timeCondition('createdAt', '<', ':createdBefore', filters.createdBefore)),
    ...(range.updatedAt ? [] : timeCondition('updatedAt', '>', ':updatedAfter', filters.updatedAfter)),
    ...(range.updatedAt ? [] : timeCondition('updatedAt', '<', ':updatedBefore', filters.updatedBefore)),
  ];
}

function timeCondition(attribute: string, operator: '<' | '>', name: string, time: string | undefined): RowCondition[] {
  return time === undefined ? [] : [compare(attribute, operator, name, time)];
}

function compare(attribute: string, operator: '=' | '<' | '>', name: string, value: unknown): RowCondition {
  return { expression: `#${attribute} ${operator} ${name}`, attributes: [attribute], values: { [name]: value } };
}

function oneOf(attribute: string, accepted: readonly string[]): RowCondition {
  const values = Object.fromEntries(accepted.map((value, index) => [`:${attribute}${index}`, value]));
  return { expression: `#${attribute} IN (${Object.keys(values).join(', ')})`, attributes: [attribute], values };
}

/** Conditions as the filter of a Query; undefined if there are none. */
export function filterOf(conditions: readonly RowCondition[], readsPerMatch?: number): Filter | undefined {
  if (conditions.length === 0) return undefined;
  const attributes = conditions.flatMap((condition) => condition.attributes);
  return {
    expression: conditions.map(({ expression }) => expression).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.assign({}, ...conditions.map(({ values }) => values)),
    ...(readsPerMatch !== undefined && { readsPerMatch }),
  };
}

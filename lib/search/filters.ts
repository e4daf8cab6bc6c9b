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
  facet?: string | undefined;
  createdAt?: boolean;
  updatedAt?: boolean;
}

/** The conditions that rows have to meet beyond what the range of the Query selects. */
export function conditionsOf(company: CompanyId, filters: ClientFilters, range: SelectedByRange): RowCondition[] {
  const { status, groupId, hasBalance, createdAfter, createdBefore, updatedAfter } = filters;
  const otherFacets = requiredFacets(company, filters).filter((facet) => facet !== range.facet);
  return [
    ...otherFacets.map((facet, index) => ({
      expression: `contains(#facets, :facet${index})`,
      attributes: ['facets'],
      values: { [`:facet${index}`]: facet },
    })),
    // Neither has rows, because nearly all clients are active and in General.
    ...(status === 'active' ? [{ ...compare('status', '=', ':status', status), common: true as const }] : []),
    ...(groupId === generalGroupId(company)
      ? [{ ...compare('groupId', '=', ':groupId', groupId), common: true as const }]
      : []),
    ...(hasBalance === false ? [compare('hasBalance', '=', ':hasBalance', false)] : []),
    ...(range.createdAt ? [] : timeCondition('createdAt', '>', ':createdAfter', createdAfter)),
    ...(range.createdAt ? [] : timeCondition('createdAt', '<', ':createdBefore', createdBefore)),
    ...(range.updatedAt ? [] : timeCondition('updatedAt', '>', ':updatedAfter', updatedAfter)),
  ];
}

function timeCondition(attribute: string, operator: '<' | '>', name: string, time: string | undefined): RowCondition[] {
  return time === undefined ? [] : [compare(attribute, operator, name, time)];
}

function compare(attribute: string, operator: '=' | '<' | '>', name: string, value: unknown): RowCondition {
  return { expression: `#${attribute} ${operator} ${name}`, attributes: [attribute], values: { [name]: value } };
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

import type { ClientId, CompanyId } from '../../shared/ids.ts';
import type { Table } from '../../table/client.ts';
import { daysBetween, type RecordKind, recordRange } from '../../table/keys.ts';
import type { RecordIndex } from '../../table/layout.ts';
import { type Filter, type Page, type Position, queryPage } from '../../table/query.ts';

/** The orders of a list of records. */
export type RecordOrder = 'date' | 'dueDate' | 'number' | 'amount';

const orderNames = { date: 'Date', dueDate: 'DueDate', number: 'Number', amount: 'Amount' } as const;

/** First and last day of a range, both included. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface RecordListRequest {
  readonly kind: RecordKind;
  readonly order: RecordOrder;
  readonly descending: boolean;
  /** Only records of this client. */
  readonly client?: ClientId | undefined;
  /** Only records in this list of a status. Ignored if there is a client, whose records are filtered instead. */
  readonly statusList?: string | undefined;
  /** Conditions on the attributes of records, beyond the list. */
  readonly conditions: readonly RecordCondition[];
  readonly limit: number;
  readonly after: Position | undefined;
}

/** A condition on an attribute: one of several values, or a day within a range. */
export type RecordCondition =
  | { readonly attribute: string; readonly values: readonly string[] }
  | { readonly attribute: string; readonly days: Days; readonly order?: RecordOrder };

/** The conditions of lists of records that have a `date` and one status for each list. */
export function datedConditions({
  clientId,
  currency,
  dateFrom,
  dateTo,
  status,
}: {
  clientId?: ClientId | undefined;
  currency?: string | undefined;
  dateFrom?: string | undefined;
  dateTo?: string | undefined;
  status?: readonly string[] | undefined;
}): Pick<RecordListRequest, 'statusList' | 'conditions'> {
  const [statusList] = status?.length === 1 ? status : [];
  return {
    statusList,
    conditions: [
      ...(status && (clientId || !statusList) ? [{ attribute: 'status', values: status }] : []),
      ...(currency ? [{ attribute: 'currency', values: [currency] }] : []),
      ...(dateFrom || dateTo
        ? [{ attribute: 'date', days: { from: dateFrom, to: dateTo }, order: 'date' } as const]
        : []),
    ],
  };
}

/**
 * A page of records: one Query, which is repeated as `queryPage` says if there are conditions that the index does not meet
 * by itself. A range of days of the order of the list is part of the key condition.
 */
export function recordPage(table: Table, company: CompanyId, request: RecordListRequest): Promise<Page> {
  const { kind, order, descending, client, statusList, conditions, limit, after } = request;
  const list = client ? 'client' : statusList ? 'status' : 'company';
  const index = `${list}RecordsBy${orderNames[order]}` satisfies RecordIndex;
  const inOrder = conditions.find((condition) => 'days' in condition && condition.order === order);
  const between = inOrder && 'days' in inOrder ? daysBetween(inOrder.days.from, inOrder.days.to) : undefined;
  // DynamoDB refuses a range that ends before it begins.
  if (between && between.from > between.to) return Promise.resolve({ items: [], next: undefined });
  const filter = filterOf(conditions.filter((condition) => condition !== inOrder));
  return queryPage(table, {
    range: {
      ...recordRange(company, kind, index, client ? { client } : { status: statusList }),
      ...(between && { between }),
    },
    limit,
    descending,
    after,
    ...(filter && { filter }),
  });
}

function filterOf(conditions: readonly RecordCondition[]): Filter | undefined {
  if (conditions.length === 0) return undefined;
  const values: Record<string, string> = {};
  const value = (text: string) => {
    const name = `:c${Object.keys(values).length}`;
    values[name] = text;
    return name;
  };
  const expressions = conditions.map((condition) => {
    const name = `#${condition.attribute}`;
    if ('values' in condition) return `${name} IN (${condition.values.map(value).join(', ')})`;
    const { from, to } = condition.days;
    const bounds = [...(from ? [`${name} >= ${value(from)}`] : []), ...(to ? [`${name} <= ${value(to)}`] : [])];
    return bounds.join(' AND ');
  });
  return {
    expression: expressions.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(conditions.map(({ attribute }) => [`#${attribute}`, attribute])),
    ExpressionAttributeValues: values,
  };
}

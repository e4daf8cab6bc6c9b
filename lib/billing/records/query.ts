import * as z from 'zod';
import { ClientId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import { line } from '../../shared/text.ts';
import type { RecordOrder } from './list.ts';

/** A day in a query. Whether the day exists is checked, not only its form. */
const Day = z.iso
  .date()
  .max(10, { abort: true })
  .meta({ examples: ['2026-01-31'] });

/** Several values of an enumeration in one parameter, separated by commas or by repeating the parameter. */
export function severalOf<const T extends string>(values: readonly T[]) {
  const isValue = (text: string): text is T => values.some((value) => value === text);
  return z
    .string()
    .max(200, { abort: true })
    .regex(
      new RegExp(`^(?:${values.join('|')})(?:,(?:${values.join('|')}))*$`),
      `must be one or several of ${values.join(', ')}, separated by commas`,
    )
    .transform((text) => [...new Set(text.split(',').filter(isValue))]);
}

/** The filters that all lists of records have. */
export const recordFilters = {
  clientId: ClientId.optional().describe('Only records of this client.'),
  currency: Currency.optional().describe('Only records in this currency.'),
  dateFrom: Day.optional().describe('Only records with this date or a later one.'),
  dateTo: Day.optional().describe('Only records with this date or an earlier one.'),
};

export const dueFilters = {
  dueFrom: Day.optional().describe('Only records that are due on this day or later.'),
  dueTo: Day.optional().describe('Only records that are due on this day or earlier.'),
};

export const numberFilter = line(64).optional().describe('Only the record with this number, whatever its case.');

/** The orders of a list of records; `-` is descending. */
export function recordSort<const T extends readonly RecordOrder[]>(orders: T) {
  const sorts = orders.flatMap((order) => [order, `-${order}` as const]);
  return z.enum(sorts).optional().describe('The order of the list; a leading `-` reverses it. The default is `-date`.');
}

/** The order that a `sort` names. */
export function orderOf(sort: RecordOrder | `-${RecordOrder}` | undefined): {
  order: RecordOrder;
  descending: boolean;
} {
  const name = sort ?? '-date';
  return isOrder(name) ? { order: name, descending: false } : { order: orderIn(name), descending: true };
}

const ORDERS: readonly string[] = ['date', 'dueDate', 'number', 'amount'];

function isOrder(name: string): name is RecordOrder {
  return ORDERS.includes(name);
}

function orderIn(descending: `-${RecordOrder}`): RecordOrder {
  const name = descending.slice(1);
  return isOrder(name) ? name : 'date';
}

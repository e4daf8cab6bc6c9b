import * as z from 'zod';
import type { GaplessNumbers } from '../../numbers/gapless.ts';
import { addDays } from '../../shared/days.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, InvoiceId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Table } from '../../table/client.ts';
import { readItem } from '../../table/entity.ts';
import type { Position } from '../../table/query.ts';
import { type RecordCondition, recordPage } from '../records/list.ts';
import { dueFilters, numberFilter, orderOf, recordFilters, recordSort, severalOf } from '../records/query.ts';
import type { InvoiceRepository } from './repository.ts';
import {
  InvoiceStatus,
  invoiceEntity,
  type ListedInvoice,
  type StoredInvoice,
  statusListOf,
  toListedInvoice,
} from './schema.ts';

/** The filters and the order of a list of invoices. */
export const invoiceListQuery = {
  ...recordFilters,
  ...dueFilters,
  status: severalOf(InvoiceStatus.options)
    .optional()
    .describe('Only invoices with one of these statuses, separated by commas.'),
  overdue: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: only invoices on which something is owed after the due date; `false`: only all others.'),
  number: numberFilter,
  sort: recordSort(['date', 'dueDate', 'number', 'amount']),
};

const InvoiceListQuery = z.object(invoiceListQuery);
export type InvoiceListQuery = z.output<typeof InvoiceListQuery> & { limit: number };

interface ListDeps {
  table: Table;
  invoices: InvoiceRepository;
  numbers: GaplessNumbers;
  source: Source;
  dayIn: (timezone: string, now: Date) => string;
}

/** Lists invoices of a company or of one of its clients. */
export function invoiceLister({ table, invoices, numbers, source, dayIn }: ListDeps) {
  /** The invoice with a number, if it matches the other filters. Two calls. */
  async function withNumber(company: CompanyId, number: string, query: InvoiceListQuery, today: string) {
    const id = await numbers.recordWith(company, 'invoice', number);
    const invoice = id === undefined ? undefined : await invoices.invoice(company, InvoiceId.parse(id));
    return invoice && matches(invoice, query, today) ? [invoice] : [];
  }

  /**
   * A page of invoices. One Query, in the order of an index; two calls for `number`. A filter by statuses of one list, and by
   * days of the order, is part of the key; the others are filters of the Query.
   */
  return async (
    { companyId, timezone }: Principal,
    query: InvoiceListQuery,
    after: Position | undefined,
  ): Promise<{ invoices: ListedInvoice[]; next: Position | undefined }> => {
    const today = dayIn(timezone, source.now());
    if (query.number !== undefined) {
      const found = await withNumber(companyId, query.number, query, today);
      return { invoices: found.map((invoice) => toListedInvoice(invoice, today)), next: undefined };
    }
    const overdue = query.overdue === 'true';
    const wanted = overdue ? (query.status ?? ['sent', 'partial']).filter(isOpenStatus) : query.status;
    if (wanted?.length === 0) return { invoices: [], next: undefined };
    const lists = new Set(wanted?.map(statusListOf));
    const [statusList] = lists.size === 1 ? lists : [];
    const { items, next } = await recordPage(table, companyId, {
      kind: 'INVOICES',
      ...orderOf(query.sort),
      client: query.clientId,
      statusList,
      conditions: conditionsOf(query, {
        statuses: isWholeList(wanted, statusList) && !query.clientId ? undefined : wanted,
        overdue,
        today,
      }),
      limit: query.limit,
      after,
    });
    const read = items.map((item) => readItem(invoiceEntity, item));
    // An index cannot tell "not overdue" from the due date alone, so the rest is dropped here.
    const kept = query.overdue === 'false' ? read.filter((invoice) => !isOverdue(invoice, today)) : read;
    return { invoices: kept.map((invoice) => toListedInvoice(invoice, today)), next };
  };
}

/**
 * Lists the invoices of one client. One call more if the first page is empty, which it is of an unknown client too.
 * @throws Problem `not-found`
 */
export function clientInvoiceLister(
  list: ReturnType<typeof invoiceLister>,
  isClient: (company: CompanyId, id: ClientId) => Promise<boolean>,
) {
  return async (
    principal: Principal,
    clientId: ClientId,
    query: Omit<InvoiceListQuery, 'clientId'>,
    after: Position | undefined,
  ) => {
    const page = await list(principal, { ...query, clientId }, after);
    if (page.invoices.length === 0 && !after && !(await isClient(principal.companyId, clientId)))
      throw new Problem('not-found');
    return page;
  };
}

function conditionsOf(
  query: InvoiceListQuery,
  { statuses: wanted, overdue, today }: { statuses: readonly string[] | undefined; overdue: boolean; today: string },
): RecordCondition[] {
  const { currency, dateFrom, dateTo, dueFrom } = query;
  const dueTo = overdue ? earlier(query.dueTo, addDays(today, -1)) : query.dueTo;
  return [
    ...(wanted ? [{ attribute: 'status', values: wanted }] : []),
    ...(currency ? [{ attribute: 'currency', values: [currency] }] : []),
    ...days('issueDate', dateFrom, dateTo, 'date'),
    ...days('dueDate', dueFrom, dueTo, 'dueDate'),
  ];
}

/** Whether the wanted statuses are all those of a list, so that the list need not be filtered by them. */
function isWholeList(wanted: readonly string[] | undefined, list: string | undefined): boolean {
  return (
    list !== undefined &&
    InvoiceStatus.options.filter((one) => statusListOf(one) === list).every((one) => wanted?.includes(one))
  );
}

function days(
  attribute: string,
  from: string | undefined,
  to: string | undefined,
  order: 'date' | 'dueDate',
): RecordCondition[] {
  return from === undefined && to === undefined ? [] : [{ attribute, days: { from, to }, order }];
}

const earlier = (a: string | undefined, b: string) => (a !== undefined && a < b ? a : b);

function isOpenStatus(status: StoredInvoice['status']): boolean {
  return statusListOf(status) === 'open';
}

function isOverdue({ status, dueDate }: StoredInvoice, today: string): boolean {
  return isOpenStatus(status) && dueDate < today;
}

/** Whether an invoice that was found by its number matches the other filters. */
function matches(invoice: StoredInvoice, query: InvoiceListQuery, today: string): boolean {
  const { clientId, currency, status, overdue, dateFrom = '', dateTo = '9', dueFrom = '', dueTo = '9' } = query;
  return (
    (clientId === undefined || invoice.clientId === clientId) &&
    (currency === undefined || invoice.currency === currency) &&
    (status === undefined || status.includes(invoice.status)) &&
    (overdue === undefined || isOverdue(invoice, today) === (overdue === 'true')) &&
    dateFrom <= invoice.issueDate &&
    invoice.issueDate <= dateTo &&
    dueFrom <= invoice.dueDate &&
    invoice.dueDate <= dueTo
  );
}

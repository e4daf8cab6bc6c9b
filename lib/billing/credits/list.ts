import * as z from 'zod';
import type { GaplessNumbers } from '../../numbers/gapless.ts';
import { CreditId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Table } from '../../table/client.ts';
import { readItem } from '../../table/entity.ts';
import type { Position } from '../../table/query.ts';
import { datedConditions, recordPage } from '../records/list.ts';
import { numberFilter, orderOf, recordFilters, recordSort, severalOf } from '../records/query.ts';
import type { CreditRepository } from './repository.ts';
import { type Credit, creditEntity, type StoredCredit, toCredit } from './schema.ts';

/** The filters and the order of a list of credit notes. */
export const creditListQuery = {
  ...recordFilters,
  status: severalOf(['issued', 'cancelled']).optional().describe('Only credit notes with this status.'),
  number: numberFilter,
  sort: recordSort(['date', 'number', 'amount']),
};

const CreditListQuery = z.object(creditListQuery);
export type CreditListQuery = z.output<typeof CreditListQuery> & { limit: number };

interface ListDeps {
  table: Table;
  credits: CreditRepository;
  numbers: GaplessNumbers;
}

/**
 * Lists credit notes of a company or of one of its clients. A page is one Query, two calls for `number`; filters repeat it
 * as `queryPage` says.
 */
export function creditLister({ table, credits, numbers }: ListDeps) {
  return async (
    { companyId }: Principal,
    query: CreditListQuery,
    after: Position | undefined,
  ): Promise<{ credits: Credit[]; next: Position | undefined }> => {
    const { clientId, number, sort, limit } = query;
    if (number !== undefined) {
      const id = await numbers.recordWith(companyId, 'credit', number);
      const found = id === undefined ? undefined : await credits.credit(companyId, CreditId.parse(id));
      return { credits: found && matches(found, query) ? [toCredit(found)] : [], next: undefined };
    }
    const request = {
      kind: 'CREDITS',
      ...orderOf(sort),
      client: clientId,
      ...datedConditions(query),
      limit,
      after,
    } as const;
    const { items, next } = await recordPage(table, companyId, request);
    return { credits: items.map((item) => toCredit(readItem(creditEntity, item))), next };
  };
}

/** Whether a credit note that was found by its number matches the other filters. */
function matches(
  credit: StoredCredit,
  { clientId, currency, dateFrom = '', dateTo = '9', status }: CreditListQuery,
): boolean {
  return (
    (clientId === undefined || credit.clientId === clientId) &&
    (currency === undefined || credit.currency === currency) &&
    (status === undefined || status.includes(credit.status)) &&
    dateFrom <= credit.date &&
    credit.date <= dateTo
  );
}

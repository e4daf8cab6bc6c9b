import * as z from 'zod';
import type { Principal } from '../../shared/principal.ts';
import type { Table } from '../../table/client.ts';
import { readItem } from '../../table/entity.ts';
import type { Position } from '../../table/query.ts';
import { datedConditions, recordPage } from '../records/list.ts';
import { orderOf, recordFilters, recordSort, severalOf } from '../records/query.ts';
import { type Payment, paymentEntity, toPayment } from './schema.ts';

/** The filters and the order of a list of payments. */
export const paymentListQuery = {
  ...recordFilters,
  status: severalOf(['received', 'partially-refunded', 'refunded', 'reversed'])
    .optional()
    .describe('Only payments with one of these statuses, separated by commas.'),
  sort: recordSort(['date', 'amount']),
};

const PaymentListQuery = z.object(paymentListQuery);
export type PaymentListQuery = z.output<typeof PaymentListQuery> & { limit: number };

/** Lists payments of a company or of one of its clients. A page is one Query; filters repeat it as `queryPage` says. */
export function paymentLister(table: Table) {
  return async (
    { companyId }: Principal,
    query: PaymentListQuery,
    after: Position | undefined,
  ): Promise<{ payments: Payment[]; next: Position | undefined }> => {
    const { clientId, sort, limit } = query;
    const request = {
      kind: 'PAYMENTS',
      ...orderOf(sort),
      client: clientId,
      ...datedConditions(query),
      limit,
      after,
    } as const;
    const { items, next } = await recordPage(table, companyId, request);
    return { payments: items.map((item) => toPayment(readItem(paymentEntity, item))), next };
  };
}

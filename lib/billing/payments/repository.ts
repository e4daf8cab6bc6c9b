import type { CompanyId, PaymentId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { keys, recordIndexKeys } from '../../table/keys.ts';
import { getItem, getItems } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { LockConflict } from '../ledger/retry.ts';
import { recordCounter } from '../records/counts.ts';
import { paymentEntity, type StoredPayment } from './schema.ts';

export function paymentRepository(table: Table) {
  const on = writes(table.name);
  const count = recordCounter(table.name);

  function paymentItem(company: CompanyId, payment: StoredPayment): Item {
    const { id, clientId, status, date, amount } = payment;
    const lists = {
      kind: 'PAYMENTS',
      id,
      client: clientId,
      status,
      date,
      dueDate: null,
      number: null,
      amount,
    } as const;
    return { ...asItem(paymentEntity, payment), ...recordIndexKeys(company, lists) };
  }

  return {
    writesToCreate: (company: CompanyId, payment: StoredPayment): Write[] => [
      on.create(keys.payment(company, payment.id), paymentItem(company, payment)),
      count(company, payment.clientId, 'payments', 1),
    ],

    /** Refused with `LockConflict` if version `seen` has changed. */
    writesToReplace: (company: CompanyId, payment: StoredPayment, seen: number): Write[] => [
      on.replace(keys.payment(company, payment.id), paymentItem(company, payment), seen, () => new LockConflict()),
    ],

    /** One call, strongly consistent. */
    async payment(company: CompanyId, id: PaymentId): Promise<StoredPayment | undefined> {
      const item = await getItem(table, keys.payment(company, id), true);
      return item && readItem(paymentEntity, item);
    },

    /** The payments in the order of the ids. One call for 100, strongly consistent. */
    async payments(company: CompanyId, ids: readonly PaymentId[]): Promise<(StoredPayment | undefined)[]> {
      const items = await getItems(
        table,
        ids.map((id) => keys.payment(company, id)),
        true,
      );
      return items.map((item) => item && readItem(paymentEntity, item));
    },
  };
}

export type PaymentRepository = ReturnType<typeof paymentRepository>;

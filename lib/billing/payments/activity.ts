import type { MoneyRecord } from '../../activity/money-activity.ts';
import type { StoredPayment } from './schema.ts';

/** A payment as the activity records it. */
export function recordOfPayment(payment: StoredPayment): MoneyRecord {
  const { id, clientId, version, updatedAt } = payment;
  const { status, currency, amount, date, method, reference, unallocated, refunded, allocations } = payment;
  const fields = { status, currency, amount, date, method, reference, unallocated, refunded, allocations };
  return { id, clientId, label: reference ?? date, version, updatedAt, fields };
}

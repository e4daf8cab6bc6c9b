import type { MoneyRecord } from '../../activity/money-activity.ts';
import type { StoredInvoice } from './schema.ts';

/** An invoice as the activity records it: what its lists show. Texts and lines are in the invoice itself. */
export function recordOfInvoice(invoice: StoredInvoice): MoneyRecord {
  const { id, clientId, number, version, updatedAt } = invoice;
  const { status, issueDate, dueDate, reference, currency, net, tax, gross, paid, credited } = invoice;
  return {
    id,
    clientId,
    label: number ?? '',
    version,
    updatedAt,
    fields: { number, status, issueDate, dueDate, reference, currency, net, tax, gross, paid, credited },
  };
}

import type { InvoiceStatus } from './schema.ts';

/** What has been paid on an invoice, in minor units. `due` is `gross` less `paid` and `credited`. */
export interface Settlement {
  readonly status: InvoiceStatus;
  readonly gross: number;
  /** From payments. */
  readonly paid: number;
  /** From credit notes and from the credit of the client. */
  readonly credited: number;
  readonly due: number;
}

/** The settlement of an invoice when it is sent. An invoice of nothing is paid at once. */
export function unsettled(gross: number): Settlement {
  return { status: gross === 0 ? 'paid' : 'sent', gross, paid: 0, credited: 0, due: gross };
}

/** Whether the invoice waits for money. */
export function isOpen({ status }: Pick<Settlement, 'status'>): boolean {
  return status === 'sent' || status === 'partial';
}

/**
 * The invoice after amounts were added to what is paid or credited, or taken away if they are negative.
 * @throws Error if more than the gross would be settled, or less than nothing. Callers check amounts first
 */
export function settle<I extends Settlement>(invoice: I, added: { paid?: number; credited?: number }): I {
  const paid = invoice.paid + (added.paid ?? 0);
  const credited = invoice.credited + (added.credited ?? 0);
  const due = invoice.gross - paid - credited;
  if (paid < 0 || credited < 0 || due < 0)
    throw new Error('an invoice cannot be settled beyond its gross, or below zero');
  return { ...invoice, paid, credited, due, status: statusOf(invoice.gross, due) };
}

function statusOf(gross: number, due: number): InvoiceStatus {
  if (due === 0) return 'paid';
  return due === gross ? 'sent' : 'partial';
}

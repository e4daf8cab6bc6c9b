import type { InvoiceStatus } from '../invoices/schema.ts';
import type { Settlement } from '../invoices/settlement.ts';
import { type PaymentState, totalOf } from '../payments/allocation.ts';
import { type Account, type Balance, balanceIn, type PostedEntry } from './account.ts';

/** Everything that the balances of a client follow from. Amounts are in minor units. */
export interface Books {
  readonly account: Account;
  /** All entries of the ledger, in order. */
  readonly entries: readonly Omit<PostedEntry, 'at' | 'kind'>[];
  readonly invoices: readonly (Settlement & { readonly id: string; readonly currency: string })[];
  readonly payments: readonly (PaymentState & {
    readonly id: string;
    readonly currency: string;
    readonly reversed: boolean;
  })[];
  readonly credits: readonly {
    readonly id: string;
    readonly currency: string;
    readonly amount: number;
    readonly cancelled: boolean;
  }[];
}

/** A figure that is not what the other records say. */
export interface Difference {
  /** The record that has the figure: an invoice, a payment, a ledger entry by its place, or the account of the client. */
  readonly record: { readonly type: 'invoice' | 'payment' | 'entry' | 'account'; readonly id: string | null };
  readonly field: string;
  readonly expected: number | string;
  readonly found: number | string;
}

export interface CurrencyProof {
  readonly currency: string;
  readonly entries: number;
  /** The balance of the ledger: the sum of debits less the sum of credits. */
  readonly balance: number;
  readonly differences: readonly Difference[];
}

/**
 * Recalculates all balances of a client from its records, for each currency, and names each figure that differs. The places
 * of entries have no currency of their own: a gap is reported with the currency of the entry after it.
 */
export function proveBooks(books: Books): CurrencyProof[] {
  return currenciesOf(books).map((currency) => proveCurrency(books, currency));
}

function currenciesOf({ account, entries, invoices, payments, credits }: Books): string[] {
  const all = [...account.balances, ...entries, ...invoices, ...payments, ...credits].map(({ currency }) => currency);
  return [...new Set(all)].sort();
}

function proveCurrency(books: Books, currency: string): CurrencyProof {
  const inCurrency = <R extends { currency: string }>(records: readonly R[]) =>
    records.filter((record) => record.currency === currency);
  const entries = inCurrency(books.entries);
  const invoices = inCurrency(books.invoices);
  const payments = inCurrency(books.payments).filter(({ reversed }) => !reversed);
  const credits = inCurrency(books.credits).filter(({ cancelled }) => !cancelled);
  const balance = total(entries.map(({ debit, credit }) => (debit ?? 0) - (credit ?? 0)));
  const standing = invoices.filter(({ status }) => status !== 'cancelled' && status !== 'draft');
  const expected: Balance = {
    currency,
    invoiced: total(standing.map(({ gross }) => gross)),
    paidToDate: total(payments.map(({ amount, refunded }) => amount - refunded)),
    balance: total(standing.map(({ due }) => due)),
    credit:
      total(payments.map(({ unallocated }) => unallocated)) +
      total(credits.map(({ amount }) => amount)) -
      total(standing.map(({ credited }) => credited)),
  };
  return {
    currency,
    entries: entries.length,
    balance,
    differences: [
      ...wrongEntries(books, currency),
      ...wrongAccount(balanceIn(books.account, currency), expected, balance),
      ...invoices.flatMap((invoice) => wrongInvoice(invoice, payments)),
      ...payments.flatMap(wrongPayment),
    ],
  };
}

function wrongEntries({ account, entries }: Books, currency: string): Difference[] {
  const differences: Difference[] = [];
  let running = 0;
  entries.forEach((entry, index) => {
    if (entry.currency !== currency) return;
    const record = { type: 'entry', id: String(entry.place) } as const;
    running += (entry.debit ?? 0) - (entry.credit ?? 0);
    differences.push(
      ...difference(record, 'place', index + 1, entry.place),
      ...difference(record, 'balanceAfter', running, entry.balanceAfter),
    );
  });
  const isLast = entries.at(-1)?.currency === currency;
  const record = { type: 'account', id: null } as const;
  return isLast ? [...differences, ...difference(record, 'entries', entries.length, account.entries)] : differences;
}

function wrongAccount(found: Balance, expected: Balance, ledgerBalance: number): Difference[] {
  const record = { type: 'account', id: null } as const;
  return [
    ...(['invoiced', 'paidToDate', 'balance', 'credit'] as const).flatMap((field) =>
      difference(record, field, expected[field], found[field]),
    ),
    ...difference(record, 'balance - credit', ledgerBalance, found.balance - found.credit),
  ];
}

function wrongInvoice(invoice: Books['invoices'][number], payments: readonly PaymentState[]): Difference[] {
  const record = { type: 'invoice', id: invoice.id } as const;
  const paid = total(
    payments.flatMap(({ allocations }) =>
      allocations.filter(({ invoiceId }) => invoiceId === invoice.id).map(({ amount }) => amount),
    ),
  );
  const due = invoice.status === 'cancelled' ? 0 : invoice.gross - paid - invoice.credited;
  return [
    ...difference(record, 'paid', paid, invoice.paid),
    ...difference(record, 'due', due, invoice.due),
    ...difference(record, 'status', statusFor(invoice, due), invoice.status),
  ];
}

function statusFor({ status, gross }: Settlement, due: number): InvoiceStatus {
  if (status === 'cancelled' || status === 'draft') return status;
  if (due === 0) return 'paid';
  return due === gross ? 'sent' : 'partial';
}

function wrongPayment(payment: Books['payments'][number]): Difference[] {
  const parts = payment.refunded + payment.unallocated + totalOf(payment.allocations);
  return difference({ type: 'payment', id: payment.id }, 'amount', parts, payment.amount);
}

function difference(
  record: Difference['record'],
  field: string,
  expected: number | string,
  found: number | string,
): Difference[] {
  return expected === found ? [] : [{ record, field, expected, found }];
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

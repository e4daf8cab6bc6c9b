import { Problem } from '../../shared/errors.ts';

/** The balances of a client in one currency, in minor units. */
export interface Balance {
  readonly currency: string;
  /** The gross of all invoices that were sent and not cancelled. */
  readonly invoiced: number;
  /** The payments that were received, less refunds and reversals. */
  readonly paidToDate: number;
  /** What is owed on invoices. */
  readonly balance: number;
  /** What the client has paid or been credited beyond its invoices. */
  readonly credit: number;
}

/** What is known of a client's ledger without reading it. It is part of the client's item. */
export interface Account {
  /** The number of entries in the ledger, in all currencies. */
  readonly entries: number;
  /** The time of the last entry. Times of entries never go back, so that their order by time is their order. */
  readonly lastEntryAt: string | null;
  readonly balances: readonly Balance[];
}

export const emptyAccount: Account = { entries: 0, lastEntryAt: null, balances: [] };

export type EntryKind = 'invoice' | 'payment' | 'credit' | 'refund' | 'late-fee' | 'reversal';

/** How an event changes the balances in its currency, in minor units. */
export interface Movement {
  readonly currency: string;
  readonly invoiced: bigint;
  readonly paidToDate: bigint;
  readonly balance: bigint;
  readonly credit: bigint;
  /** The side and kind of the ledger entry; null for a movement between balance and credit, which has none. */
  readonly entry: { readonly kind: EntryKind; readonly side: 'debit' | 'credit' } | null;
}

/** A ledger entry of a movement, in minor units. Either debit or credit is null. */
export interface PostedEntry {
  /** Its place in the ledger of the client, from 1. */
  readonly place: number;
  readonly at: string;
  readonly kind: EntryKind;
  readonly currency: string;
  readonly debit: number | null;
  readonly credit: number | null;
  readonly balanceAfter: number;
}

const none = { invoiced: 0n, paidToDate: 0n, balance: 0n, credit: 0n };

/** The movements of all events. Amounts are zero or more. */
export const movements = {
  invoiceSent: (currency: string, gross: bigint): Movement => ({
    ...none,
    currency,
    invoiced: gross,
    balance: gross,
    entry: { kind: 'invoice', side: 'debit' },
  }),
  /** Nothing has been paid or credited on the invoice. */
  invoiceCancelled: (currency: string, gross: bigint): Movement => ({
    ...none,
    currency,
    invoiced: -gross,
    balance: -gross,
    entry: { kind: 'reversal', side: 'credit' },
  }),
  /** What is not allocated to invoices becomes credit. */
  paymentReceived: (currency: string, amount: bigint, allocated: bigint): Movement => ({
    ...none,
    currency,
    paidToDate: amount,
    balance: -allocated,
    credit: amount - allocated,
    entry: { kind: 'payment', side: 'credit' },
  }),
  /** Money goes back to the client. `fromInvoices` is owed again; the rest was credit. */
  paymentRefunded: (currency: string, amount: bigint, fromInvoices: bigint): Movement => ({
    ...none,
    currency,
    paidToDate: -amount,
    balance: fromInvoices,
    credit: fromInvoices - amount,
    entry: { kind: 'refund', side: 'debit' },
  }),
  paymentReversed: (currency: string, amount: bigint, allocated: bigint): Movement => ({
    ...movements.paymentRefunded(currency, amount, allocated),
    entry: { kind: 'reversal', side: 'debit' },
  }),
  /** What is not applied to an invoice becomes credit. */
  creditIssued: (currency: string, amount: bigint, applied: bigint): Movement => ({
    ...none,
    currency,
    balance: -applied,
    credit: amount - applied,
    entry: { kind: 'credit', side: 'credit' },
  }),
  creditCancelled: (currency: string, amount: bigint, applied: bigint): Movement => ({
    ...none,
    currency,
    balance: applied,
    credit: applied - amount,
    entry: { kind: 'reversal', side: 'debit' },
  }),
  /** Credit pays for an invoice. */
  creditApplied: (currency: string, amount: bigint): Movement => ({
    ...none,
    currency,
    balance: -amount,
    credit: -amount,
    entry: null,
  }),
  /** Credit that paid for an invoice is the client's again. */
  creditReleased: (currency: string, amount: bigint): Movement => ({
    ...none,
    currency,
    balance: amount,
    credit: amount,
    entry: null,
  }),
} as const;

/**
 * The account after a movement, with its ledger entry if it has one. For each currency the balance of the ledger is what is
 * owed less the credit, so the amount of the entry follows from the movement and cannot differ from it.
 * @throws Problem `credit-insufficient` if the credit is less than the movement takes; `balance-too-large` if a balance
 *   would exceed what a JSON number holds exactly
 */
export function post(account: Account, movement: Movement, now: Date): { account: Account; entry: PostedEntry | null } {
  const before = balanceIn(account, movement.currency);
  const after: Balance = {
    currency: movement.currency,
    invoiced: exact(BigInt(before.invoiced) + movement.invoiced),
    paidToDate: exact(BigInt(before.paidToDate) + movement.paidToDate),
    balance: exact(BigInt(before.balance) + movement.balance),
    credit: exact(BigInt(before.credit) + movement.credit),
  };
  if (after.credit < 0) throw new Problem('credit-insufficient');
  const balances = [...account.balances.filter(({ currency }) => currency !== movement.currency), after];
  if (!movement.entry) return { account: { ...account, balances }, entry: null };
  const { kind, side } = movement.entry;
  const change = movement.balance - movement.credit;
  const entry: PostedEntry = {
    place: account.entries + 1,
    at: laterOf(account.lastEntryAt, now.toISOString()),
    kind,
    currency: movement.currency,
    debit: side === 'debit' ? exact(change) : null,
    credit: side === 'credit' ? exact(-change) : null,
    balanceAfter: exact(BigInt(after.balance) - BigInt(after.credit)),
  };
  return { account: { entries: entry.place, lastEntryAt: entry.at, balances }, entry };
}

/** The balances in a currency; all zero if the client has none in it. */
export function balanceIn({ balances }: Pick<Account, 'balances'>, currency: string): Balance {
  return (
    balances.find((balance) => balance.currency === currency) ?? {
      currency,
      invoiced: 0,
      paidToDate: 0,
      balance: 0,
      credit: 0,
    }
  );
}

function laterOf(last: string | null, now: string): string {
  return last !== null && last > now ? last : now;
}

function exact(amount: bigint): number {
  const value = Number(amount);
  if (!Number.isSafeInteger(value)) throw new Problem('balance-too-large');
  return value;
}

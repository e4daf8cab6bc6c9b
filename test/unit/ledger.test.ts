import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, type Settlement, settle, unsettled } from '../../lib/billing/invoices/settlement.ts';
import { balanceIn, emptyAccount, type Movement, movements, post } from '../../lib/billing/ledger/account.ts';
import { type Books, proveBooks } from '../../lib/billing/ledger/proof.ts';
import {
  type Allocation,
  allocateInOrder,
  refundParts,
  totalOf,
  withoutRefund,
} from '../../lib/billing/payments/allocation.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer R)[] ? R[] : T[K] };
type State = Mutable<Books>;

const now = new Date('2026-03-01T12:00:00Z');
const noBooks = (): State => ({ account: emptyAccount, entries: [], invoices: [], payments: [], credits: [] });

function record(state: State, movement: Movement): void {
  const { account, entry } = post(state.account, movement, now);
  state.account = account;
  if (entry) state.entries.push(entry);
}

function change(state: State, id: string, added: { paid?: number; credited?: number }): void {
  state.invoices = state.invoices.map((invoice) => (invoice.id === id ? settle(invoice, added) : invoice));
}

/** One step of a business with a client. `pick` chooses among the records that the step is possible for. */
interface Step {
  kind: 'send' | 'cancel' | 'pay' | 'refund' | 'reverse' | 'credit' | 'apply' | 'release';
  currency: string;
  amount: number;
  pick: number;
}

const chosen = <R>(from: readonly R[], pick: number): R | undefined => from[pick % Math.max(1, from.length)];
const invoicesIn = (state: State, currency: string) => state.invoices.filter((one) => one.currency === currency);
const paymentsIn = (state: State, currency: string) =>
  state.payments.filter((one) => one.currency === currency && !one.reversed);
const creditIn = (state: State, currency: string) => balanceIn(state.account, currency).credit;

function unpay(state: State, allocations: readonly Allocation[]): void {
  for (const { invoiceId, amount } of allocations) change(state, invoiceId, { paid: -amount });
}

const business: Record<Step['kind'], (state: State, step: Step) => void> = {
  send(state, { currency, amount }) {
    state.invoices.push({ id: `inv${state.invoices.length}`, currency, ...unsettled(amount) });
    record(state, movements.invoiceSent(currency, BigInt(amount)));
  },
  cancel(state, { currency, pick }) {
    const invoice = chosen(
      invoicesIn(state, currency).filter(({ status }) => status === 'sent'),
      pick,
    );
    if (!invoice) return;
    const cancelled: Settlement = { ...invoice, status: 'cancelled', due: 0 };
    state.invoices = state.invoices.map((other) => (other === invoice ? { ...invoice, ...cancelled } : other));
    record(state, movements.invoiceCancelled(currency, BigInt(invoice.gross)));
  },
  pay(state, { currency, amount }) {
    const allocations = allocateInOrder(amount, invoicesIn(state, currency).filter(isOpen));
    for (const { invoiceId, amount: paid } of allocations) change(state, invoiceId, { paid });
    const allocated = totalOf(allocations);
    const unallocated = amount - allocated;
    const id = `pay${state.payments.length}`;
    state.payments.push({ id, currency, amount, refunded: 0, allocations, unallocated, reversed: false });
    record(state, movements.paymentReceived(currency, BigInt(amount), BigInt(allocated)));
  },
  refund(state, { currency, amount, pick }) {
    const payment = chosen(paymentsIn(state, currency), pick);
    if (!payment) return;
    const wanted = Math.min(amount, payment.amount - payment.refunded);
    const parts = refundParts(payment, wanted, creditIn(state, currency));
    if (!parts) return;
    unpay(state, parts.allocations);
    state.payments = state.payments.map((one) => (one === payment ? withoutRefund(payment, parts) : one));
    record(state, movements.paymentRefunded(currency, BigInt(wanted), BigInt(totalOf(parts.allocations))));
  },
  reverse(state, { currency, pick }) {
    const payment = chosen(paymentsIn(state, currency), pick);
    if (!payment || payment.refunded > 0 || payment.unallocated > creditIn(state, currency)) return;
    unpay(state, payment.allocations);
    state.payments = state.payments.map((one) => (one === payment ? { ...payment, reversed: true } : one));
    const allocated = BigInt(totalOf(payment.allocations));
    record(state, movements.paymentReversed(currency, BigInt(payment.amount), allocated));
  },
  credit(state, { currency, amount }) {
    state.credits.push({ id: `crn${state.credits.length}`, currency, amount, cancelled: false });
    record(state, movements.creditIssued(currency, BigInt(amount), 0n));
  },
  apply(state, { currency, amount, pick }) {
    const invoice = chosen(invoicesIn(state, currency).filter(isOpen), pick);
    const applied = Math.min(amount, creditIn(state, currency), invoice?.due ?? 0);
    if (!invoice || applied === 0) return;
    change(state, invoice.id, { credited: applied });
    record(state, movements.creditApplied(currency, BigInt(applied)));
  },
  release(state, { currency, amount, pick }) {
    const settled = invoicesIn(state, currency).filter(
      ({ credited, status }) => credited > 0 && status !== 'cancelled',
    );
    const invoice = chosen(settled, pick);
    if (!invoice) return;
    const released = Math.min(amount, invoice.credited);
    change(state, invoice.id, { credited: -released });
    record(state, movements.creditReleased(currency, BigInt(released)));
  },
};

function take(state: State, step: Step): void {
  business[step.kind](state, step);
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind'][]>(
      'send',
      'send',
      'cancel',
      'pay',
      'refund',
      'reverse',
      'credit',
      'apply',
      'release',
    ),
    currency: fc.constantFrom('EUR', 'JPY', 'BHD'),
    amount: fc.integer({ min: 1, max: 10_000 }),
    pick: fc.nat(50),
  }),
  { maxLength: 60 },
);

const differences = (books: Books) => proveBooks(books).flatMap((proof) => proof.differences);

describe('the ledger of a client', () => {
  it('adds up in every currency, after every step of any business', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = noBooks();
        for (const step of all) {
          take(state, step);
          expect(differences(state)).toEqual([]);
        }
        for (const { currency, balance } of proveBooks(state)) {
          const { balance: owed, credit } = balanceIn(state.account, currency);
          expect(balance).toBe(owed - credit);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('names the figure that was changed', () => {
    const books = noBooks();
    take(books, { kind: 'send', currency: 'EUR', amount: 100, pick: 0 });
    take(books, { kind: 'pay', currency: 'EUR', amount: 150, pick: 0 });
    const [invoice, payment, entry] = [books.invoices[0], books.payments[0], books.entries[1]];
    const [balance] = books.account.balances;
    if (!invoice || !payment || !entry || !balance) throw new Error('the books are incomplete');
    const wrong: [Partial<Books>, string][] = [
      [{ invoices: [{ ...invoice, paid: 90 }] }, 'paid'],
      [{ invoices: [{ ...invoice, status: 'partial' }] }, 'status'],
      [{ payments: [{ ...payment, unallocated: 40 }] }, 'amount'],
      [{ payments: [] }, 'paidToDate'],
      [{ invoices: [] }, 'invoiced'],
      [{ entries: books.entries.slice(0, 1) }, 'entries'],
      [{ entries: books.entries.slice(1) }, 'place'],
      [{ entries: [...books.entries.slice(0, 1), { ...entry, balanceAfter: -51 }] }, 'balanceAfter'],
      [{ account: { ...books.account, balances: [{ ...balance, credit: 49 }] } }, 'credit'],
    ];
    for (const [changed, field] of wrong)
      expect(differences({ ...books, ...changed }).map((found) => found.field)).toContain(field);
    expect(differences(books)).toEqual([]);
  });
});

describe('posting', () => {
  it('never lets the time of entries go back', () => {
    const later = post(emptyAccount, movements.invoiceSent('EUR', 5n), new Date('2026-03-02T00:00:00Z')).account;
    const { entry, account } = post(later, movements.invoiceSent('EUR', 5n), now);
    expect(entry).toMatchObject({ place: 2, at: '2026-03-02T00:00:00.000Z', debit: 5, credit: null, balanceAfter: 10 });
    expect(account.lastEntryAt).toBe('2026-03-02T00:00:00.000Z');
  });

  it('refuses to take more credit than there is, and balances that no JSON number holds', () => {
    expect(() => post(emptyAccount, movements.creditApplied('EUR', 1n), now)).toThrow('less credit');
    const large = BigInt(Number.MAX_SAFE_INTEGER);
    const { account } = post(emptyAccount, movements.invoiceSent('EUR', large), now);
    expect(() => post(account, movements.invoiceSent('EUR', 1n), now)).toThrow('would exceed');
  });
});

describe('refunds', () => {
  const payment = {
    amount: 100,
    refunded: 0,
    unallocated: 30,
    allocations: [
      { invoiceId: 'first', amount: 50 },
      { invoiceId: 'last', amount: 20 },
    ],
  };

  it('take credit first, then the last allocation', () => {
    expect(refundParts(payment, 45, 30)).toEqual({ fromCredit: 30, allocations: [{ invoiceId: 'last', amount: 15 }] });
  });

  it('take only credit that is left', () => {
    const parts = refundParts(payment, 75, 10);
    expect(parts).toEqual({
      fromCredit: 10,
      allocations: [
        { invoiceId: 'last', amount: 20 },
        { invoiceId: 'first', amount: 45 },
      ],
    });
    expect(parts && withoutRefund(payment, parts)).toEqual({
      amount: 100,
      refunded: 75,
      unallocated: 20,
      allocations: [{ invoiceId: 'first', amount: 5 }],
    });
  });

  it('cannot exceed what is left of the payment', () => {
    expect(refundParts(payment, 101, 30)).toBeUndefined();
    expect(refundParts(payment, 100, 0)).toBeUndefined();
  });
});

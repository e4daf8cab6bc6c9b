import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientId, InvoiceId, PaymentId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { tableKilledAt } from '../support/killed.ts';
import {
  balancesOf,
  credit,
  type MoneyWorld,
  moneyServices,
  moneyWorld,
  newPayer,
  pay,
  refund,
  sendNew,
} from '../support/money-world.ts';
import { freshTable } from '../support/table.ts';

/** `SEQUENCES=1000` is the nightly size. */
const SEQUENCES = Number(process.env.SEQUENCES ?? 100);

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

type Kind = 'send' | 'pay' | 'payOne' | 'refund' | 'reverse' | 'credit' | 'creditOne' | 'apply' | 'release' | 'cancel';

interface Step {
  kind: Kind;
  amount: number;
  pick: number;
  /** The call at which the function is killed; 0 for none. */
  killedAt: number;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Kind[]>(
      'send',
      'send',
      'pay',
      'payOne',
      'refund',
      'reverse',
      'credit',
      'creditOne',
      'apply',
      'release',
      'cancel',
    ),
    amount: fc.integer({ min: 1, max: 500 }),
    pick: fc.nat(20),
    killedAt: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5),
  }),
  { minLength: 5, maxLength: 12 },
);

/** What callers are told. All else is an error of ours. */
const REFUSALS = new Set([
  'validation',
  'credit-insufficient',
  'invoice-not-open',
  'invoice-settled',
  'payment-refunded',
  'payment-reversed',
  'credit-cancelled',
]);

interface Known {
  invoices: InvoiceId[];
  payments: PaymentId[];
}

/** Runs a step as a function of its own, which may be killed. Returns the error of a step that failed for another reason. */
async function run(world: MoneyWorld, client: ClientId, known: Known, step: Step): Promise<unknown> {
  const { amount, pick, killedAt } = step;
  const own =
    killedAt === 0 ? table : tableKilledAt(table, { call: killedAt, when: pick % 2 === 0 ? 'before' : 'after' });
  const mine: MoneyWorld = { ...world, table: own, money: moneyServices(own, world.source) };
  const invoice = known.invoices[pick % known.invoices.length];
  const payment = known.payments[pick % known.payments.length];
  const { principal, money } = mine;
  const commit = committing(own);
  const euros = { amount: { amount, currency: 'EUR' } };
  try {
    switch (step.kind) {
      case 'send':
        known.invoices.push((await sendNew(mine, client, amount)).id);
        break;
      case 'pay':
        known.payments.push((await pay(mine, client, amount)).id);
        break;
      case 'payOne':
        if (invoice) known.payments.push((await pay(mine, client, amount, [[invoice, Math.ceil(amount / 2)]])).id);
        break;
      case 'refund':
        if (payment) await refund(mine, payment, Math.ceil(amount / 4));
        break;
      case 'reverse':
        if (payment) await money.payments.reverse(principal, payment, commit);
        break;
      case 'credit':
        await credit(mine, client, amount);
        break;
      case 'creditOne':
        if (invoice) await credit(mine, client, amount, invoice);
        break;
      case 'apply':
        if (invoice) await money.credits.apply(principal, invoice, {}, commit);
        break;
      case 'release':
        if (invoice) await money.credits.release(principal, invoice, euros, commit);
        break;
      case 'cancel':
        if (invoice) await money.sending.cancel(principal, invoice, commit);
    }
  } catch (error) {
    if (killedAt !== 0) return undefined;
    return REFUSALS.has(String(Object(error).code)) ? undefined : error;
  }
}

describe('operations on the money of one client at the same time', () => {
  it(`leave books that add up in ${SEQUENCES} random interleavings with kills`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 2, max: 6 }), async (all, width) => {
        const world = await moneyWorld(table);
        const client = await newPayer(world);
        const known: Known = { invoices: [(await sendNew(world, client, 300)).id], payments: [] };
        const errors: unknown[] = [];
        for (let from = 0; from < all.length; from += width) {
          const wave = all.slice(from, from + width);
          errors.push(...(await Promise.all(wave.map((step) => run(world, client, known, step)))));
          const proof = await world.money.prover.prove(world.principal.companyId, client);
          expect(proof.currencies.flatMap(({ differences }) => differences)).toEqual([]);
        }
        expect(errors.filter((error) => error !== undefined)).toEqual([]);
      }),
      { numRuns: SEQUENCES },
    );
  });

  it('a hundred payments of one invoice pay it once, and the rest is credit', async () => {
    const world = await moneyWorld(table);
    const client = await newPayer(world);
    await sendNew(world, client, 1000);
    const paid = await Promise.all(Array.from({ length: 100 }, () => pay(world, client, 30)));
    expect(paid.reduce((sum, { unallocated }) => sum + unallocated.amount, 0)).toBe(2000);
    expect(await balancesOf(world, client)).toMatchObject([{ paidToDate: 3000, balance: 0, credit: 2000 }]);
    expect(await world.money.prover.prove(world.principal.companyId, client)).toMatchObject({
      holds: true,
      currencies: [{ currency: 'EUR', entries: 101, balance: -2000 }],
    });
  });
});

describe('a hundred invoices of different clients of one company', () => {
  it('that are sent at once have a hundred numbers without gaps', async () => {
    const world = await moneyWorld(table);
    const clients = await Promise.all(Array.from({ length: 100 }, () => newPayer(world)));
    const sent = await Promise.all(clients.map((client) => sendNew(world, client, 100)));
    const numbers = sent.map(({ number }) => number).sort();
    const expected = Array.from({ length: 100 }, (_, index) => `2026-${String(index + 1).padStart(4, '0')}`);
    expect(numbers).toEqual(expected);
  });
});

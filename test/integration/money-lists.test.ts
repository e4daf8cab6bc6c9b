import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { invoiceListQuery } from '../../lib/billing/invoices/list.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { credit, type MoneyWorld, moneyWorld, newDraft, newPayer, pay, sendNew } from '../support/money-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

const Query = z.strictObject({ limit: z.number(), ...invoiceListQuery });

/** The references of all invoices of a list, read in pages of two. */
async function referencesOf({ money, principal }: MoneyWorld, query: Record<string, unknown> = {}): Promise<unknown[]> {
  const found: unknown[] = [];
  let after: Record<string, string> | undefined;
  do {
    const page = await money.listInvoices(principal, Query.parse({ limit: 2, ...query }), after);
    found.push(...page.invoices.map(({ reference }) => reference));
    after = page.next;
  } while (after);
  return found;
}

/** Five invoices of two clients: a draft, one that is open, one overdue, one paid and one cancelled. */
async function fiveInvoices() {
  const world = await moneyWorld(table);
  const { principal, money } = world;
  const [ada, bob] = [await newPayer(world), await newPayer(world)];
  const fields = (reference: string, issueDate: string, dueDate: string) => ({ reference, issueDate, dueDate });
  await newDraft(world, ada, 500, fields('draft', '2026-03-05', '2026-03-20'));
  await sendNew(world, ada, 300, fields('open', '2026-03-01', '2026-04-01'));
  await sendNew(world, bob, 900, fields('overdue', '2026-01-01', '2026-02-01'));
  const paid = await sendNew(world, ada, 100, fields('paid', '2026-02-01', '2026-03-01'));
  const cancelled = await sendNew(world, bob, 700, fields('cancelled', '2026-02-15', '2026-03-15'));
  await pay(world, ada, 100, [[paid.id, 100]]);
  await money.sending.cancel(principal, cancelled.id, committing(table));
  return { world, ada, bob };
}

describe('a list of invoices', () => {
  it('has every order, both ways, on pages', async () => {
    const { world } = await fiveInvoices();
    const byDate = ['draft', 'open', 'cancelled', 'paid', 'overdue'];
    expect(await referencesOf(world)).toEqual(byDate);
    expect(await referencesOf(world, { sort: 'date' })).toEqual(byDate.toReversed());
    const byDue = ['overdue', 'paid', 'cancelled', 'draft', 'open'];
    expect(await referencesOf(world, { sort: 'dueDate' })).toEqual(byDue);
    expect(await referencesOf(world, { sort: '-dueDate' })).toEqual(byDue.toReversed());
    const byAmount = ['paid', 'open', 'draft', 'cancelled', 'overdue'];
    expect(await referencesOf(world, { sort: 'amount' })).toEqual(byAmount);
    expect(await referencesOf(world, { sort: '-amount' })).toEqual(byAmount.toReversed());
    const byNumber = ['draft', 'open', 'overdue', 'paid', 'cancelled'];
    expect(await referencesOf(world, { sort: 'number' })).toEqual(byNumber);
    expect(await referencesOf(world, { sort: '-number' })).toEqual(byNumber.toReversed());
  });

  it('is filtered by client, status, lateness, days, number and currency', async () => {
    const { world, ada, bob } = await fiveInvoices();
    const cases: [Record<string, unknown>, string[]][] = [
      [{ clientId: ada }, ['draft', 'open', 'paid']],
      [{ clientId: bob, status: 'cancelled,paid' }, ['cancelled']],
      [{ status: 'sent,partial' }, ['open', 'overdue']],
      [{ status: 'partial' }, []],
      [{ status: 'draft' }, ['draft']],
      [{ status: 'draft,paid' }, ['draft', 'paid']],
      [{ overdue: 'true' }, ['overdue']],
      [{ overdue: 'true', clientId: ada }, []],
      [{ overdue: 'true', status: 'paid' }, []],
      [{ overdue: 'false' }, ['draft', 'open', 'cancelled', 'paid']],
      [{ dateFrom: '2026-02-01', dateTo: '2026-02-15' }, ['cancelled', 'paid']],
      [{ dueFrom: '2026-03-15', sort: 'dueDate' }, ['cancelled', 'draft', 'open']],
      [{ dueTo: '2026-03-01', sort: '-dueDate' }, ['paid', 'overdue']],
      [{ number: '2026-0002' }, ['overdue']],
      [{ number: '2026-0002', clientId: ada }, []],
      [{ number: '2026-9' }, []],
      [{ currency: 'EUR', status: 'paid' }, ['paid']],
      [{ currency: 'GBP' }, []],
    ];
    for (const [query, expected] of cases) expect([query, await referencesOf(world, query)]).toEqual([query, expected]);
  });
});

describe('the overview of a client', () => {
  it('has its balances, what is overdue and since when, and the numbers of its records', async () => {
    const { world, ada, bob } = await fiveInvoices();
    await credit(world, bob, 40);
    expect(await world.overview(world.principal, ada)).toMatchObject({
      balances: [
        { currency: 'EUR', invoiced: 400, paidToDate: 100, balance: 300, overdue: 0, oldestDueDate: '2026-04-01' },
      ],
      categories: { invoices: { count: 3 }, payments: { count: 1 }, credits: { count: 0 } },
    });
    expect(await world.overview(world.principal, bob)).toMatchObject({
      balances: [{ balance: 900, credit: 40, overdue: 900, oldestDueDate: '2026-02-01' }],
      categories: { invoices: { count: 2 }, credits: { count: 1 } },
    });
  });
});

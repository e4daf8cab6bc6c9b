import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import {
  balancesOf,
  credit,
  euros,
  type MoneyWorld,
  moneyWorld,
  newDraft,
  newPayer,
  pay,
  refund,
  sendNew,
} from '../support/money-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

const proof = ({ money, principal }: MoneyWorld, id: ClientId) => money.prover.prove(principal.companyId, id);

async function entriesOf({ money }: MoneyWorld, company: CompanyId, id: ClientId) {
  const all = await money.ledger.all(company, id);
  return all.map(({ kind, debit, credit: credited, balanceAfter }) => [kind, debit ?? -(credited ?? 0), balanceAfter]);
}

describe('an invoice', () => {
  it('is a draft without a number, and sending numbers it, freezes the client and posts it', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world, { vatNumber: 'DE136695976', billingAddress: { city: 'Kiel', country: 'DE' } });
    const draft = await newDraft(world, id, 10_000);
    expect(draft).toMatchObject({ status: 'draft', number: null, client: null, totals: { gross: euros(10_000) } });
    expect(await balancesOf(world, id)).toEqual([]);
    const sent = await money.sending.send(principal, draft.id, { mail: false }, committing(table));
    expect(sent).toMatchObject({
      status: 'sent',
      number: '2026-0001',
      issueDate: '2026-03-04',
      dueDate: '2026-04-03',
      client: { name: 'A payer', vatNumber: 'DE136695976', billingAddress: { city: 'Kiel' } },
      totals: { due: euros(10_000), paid: euros(0) },
    });
    await world.clients.patch(principal, id, { name: 'Another name' }, undefined);
    expect(await money.invoices.read(principal, draft.id)).toMatchObject({ client: { name: 'A payer' } });
    expect(await balancesOf(world, id)).toEqual([
      { currency: 'EUR', invoiced: 10_000, paidToDate: 0, balance: 10_000, credit: 0 },
    ]);
    expect(await entriesOf(world, principal.companyId, id)).toEqual([['invoice', 10_000, 10_000]]);
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });

  it('is changed and deleted only as a draft', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world);
    const draft = await newDraft(world, id, 100);
    const changed = await money.invoices.change(principal, draft.id, { discount: { rate: '50' } }, undefined);
    expect(changed).toMatchObject({ version: 2, totals: { gross: euros(50) }, discountAmount: euros(50) });
    await money.sending.send(principal, draft.id, { mail: false }, committing(table));
    const change = money.invoices.change(principal, draft.id, { reference: 'PO' }, undefined);
    await expect(change).rejects.toMatchObject({ code: 'invoice-sent' });
    const deletion = money.invoices.delete(principal, draft.id, undefined);
    await expect(deletion).rejects.toMatchObject({ code: 'invoice-sent' });
    const copy = await money.invoices.copy(principal, draft.id, committing(table));
    expect(copy).toMatchObject({ status: 'draft', number: null, totals: { gross: euros(50) } });
    await money.invoices.delete(principal, copy.id, undefined);
    await expect(money.invoices.read(principal, copy.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is cancelled by a reversal, but not if something was paid on it', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world);
    const [first, second] = [await sendNew(world, id, 100), await sendNew(world, id, 70)];
    await pay(world, id, 30, [[second.id, 30]]);
    const refused = money.sending.cancel(principal, second.id, committing(table));
    await expect(refused).rejects.toMatchObject({ code: 'invoice-settled' });
    const cancelled = await money.sending.cancel(principal, first.id, committing(table));
    expect(cancelled).toMatchObject({ status: 'cancelled', number: '2026-0001', totals: { due: euros(0) } });
    expect(await entriesOf(world, principal.companyId, id)).toEqual([
      ['invoice', 100, 100],
      ['invoice', 70, 170],
      ['payment', -30, 140],
      ['reversal', -100, 40],
    ]);
    expect(await balancesOf(world, id)).toMatchObject([{ invoiced: 70, paidToDate: 30, balance: 40, credit: 0 }]);
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });
});

describe('a payment', () => {
  it('pays the oldest due first, and what is left becomes credit', async () => {
    const world = await moneyWorld(table);
    const id = await newPayer(world);
    const late = await sendNew(world, id, 100, { issueDate: '2026-01-01', dueDate: '2026-03-01' });
    const later = await sendNew(world, id, 100, { issueDate: '2026-01-01', dueDate: '2026-05-01' });
    const payment = await pay(world, id, 150);
    expect(payment).toMatchObject({
      allocations: [
        { invoiceId: late.id, amount: euros(100) },
        { invoiceId: later.id, amount: euros(50) },
      ],
      unallocated: euros(0),
    });
    const rest = await pay(world, id, 80);
    expect(rest).toMatchObject({ allocations: [{ invoiceId: later.id, amount: euros(50) }], unallocated: euros(30) });
    expect(await balancesOf(world, id)).toMatchObject([{ paidToDate: 230, balance: 0, credit: 30 }]);
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });

  it('names each allocation that is wrong', async () => {
    const world = await moneyWorld(table);
    const [id, other] = [await newPayer(world), await newPayer(world)];
    const [mine, theirs, paid] = [
      await sendNew(world, id, 50),
      await sendNew(world, other, 50),
      await sendNew(world, id, 5),
    ];
    await pay(world, id, 5, [[paid.id, 5]]);
    const refused = pay(world, id, 60, [
      [mine.id, 51],
      [theirs.id, 5],
      [paid.id, 5],
    ]);
    await expect(refused).rejects.toMatchObject({
      code: 'validation',
      errors: [
        { pointer: '/allocations/0/amount/amount', code: 'too-big' },
        { pointer: '/allocations/1/invoiceId', code: 'not-found' },
        { pointer: '/allocations/2/invoiceId', code: 'not-open' },
        { pointer: '/allocations', code: 'too-big' },
      ],
    });
    expect(await balancesOf(world, id)).toMatchObject([{ balance: 50, paidToDate: 5 }]);
  });

  it('is refunded from credit, then from its invoices, and reversed only without refunds', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world);
    const invoice = await sendNew(world, id, 100);
    const payment = await pay(world, id, 130);
    expect(await refund(world, payment.id, 50)).toMatchObject({
      status: 'partially-refunded',
      refunded: euros(50),
      unallocated: euros(0),
      allocations: [{ invoiceId: invoice.id, invoiceNumber: invoice.number, amount: euros(80) }],
    });
    expect(await money.invoices.read(principal, invoice.id)).toMatchObject({
      status: 'partial',
      totals: { due: euros(20) },
    });
    const refused = money.payments.reverse(principal, payment.id, committing(table));
    await expect(refused).rejects.toMatchObject({ code: 'payment-refunded' });
    const second = await pay(world, id, 20);
    await money.payments.reverse(principal, second.id, committing(table));
    const again = money.payments.reverse(principal, second.id, committing(table));
    await expect(again).rejects.toMatchObject({ code: 'payment-reversed' });
    expect(await balancesOf(world, id)).toMatchObject([{ paidToDate: 80, balance: 20, credit: 0 }]);
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });
});

describe('credit', () => {
  it('comes from credit notes with numbers of their own, pays for invoices, and is released again', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world);
    const invoice = await sendNew(world, id, 100);
    const note = await credit(world, id, 30, invoice.id);
    expect(note).toMatchObject({ number: 'CN-2026-0001', applied: euros(30) });
    await credit(world, id, 50);
    const applied = await money.credits.apply(principal, invoice.id, {}, committing(table));
    expect(applied).toMatchObject({ status: 'partial', totals: { credited: euros(80), due: euros(20) } });
    const more = money.credits.apply(principal, invoice.id, { amount: euros(20) }, committing(table));
    await expect(more).rejects.toMatchObject({ code: 'credit-insufficient' });
    const released = await money.credits.release(principal, invoice.id, { amount: euros(60) }, committing(table));
    expect(released).toMatchObject({ totals: { credited: euros(20), due: euros(80) } });
    await money.credits.cancel(principal, note.id, committing(table));
    expect(await balancesOf(world, id)).toMatchObject([{ invoiced: 100, paidToDate: 0, balance: 100, credit: 50 }]);
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });

  it('that was used keeps a payment from being reversed', async () => {
    const world = await moneyWorld(table);
    const { principal, money } = world;
    const id = await newPayer(world);
    const payment = await pay(world, id, 40);
    const invoice = await sendNew(world, id, 40);
    await money.credits.apply(principal, invoice.id, {}, committing(table));
    const refused = money.payments.reverse(principal, payment.id, committing(table));
    await expect(refused).rejects.toMatchObject({ code: 'credit-insufficient' });
    await money.credits.release(principal, invoice.id, {}, committing(table));
    await money.payments.reverse(principal, payment.id, committing(table));
    expect(await proof(world, id)).toMatchObject({ holds: true });
  });
});

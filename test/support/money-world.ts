import { CreditInput } from '../../lib/billing/credits/schema.ts';
import { creditServices } from '../../lib/billing/credits/wiring.ts';
import { InvoiceInput } from '../../lib/billing/invoices/schema.ts';
import { invoiceServices } from '../../lib/billing/invoices/wiring.ts';
import { ledgerServices } from '../../lib/billing/ledger/wiring.ts';
import { PaymentInput, RefundInput } from '../../lib/billing/payments/schema.ts';
import { paymentServices } from '../../lib/billing/payments/wiring.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { ClientId, InvoiceId, PaymentId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from './client-world.ts';
import { UNLIMITED_MAIL } from './mail-admission.ts';
import { type TestSource, testSource } from './table.ts';

export const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** The services of money as the functions compose them, on a table of their own. */
export function moneyServices(table: Table, source: TestSource) {
  const deps = { table, source };
  return {
    ...invoiceServices(deps, UNLIMITED_MAIL),
    ...paymentServices(deps),
    ...creditServices(deps),
    ...ledgerServices(deps),
  };
}

export interface MoneyWorld extends ClientWorld {
  money: ReturnType<typeof moneyServices>;
}

export async function moneyWorld(table: Table, principal?: Principal): Promise<MoneyWorld> {
  const source = testSource();
  return { ...(await clientWorld(table, source, principal)), money: moneyServices(table, source) };
}

export async function newPayer(world: MoneyWorld, fields: Record<string, unknown> = {}): Promise<ClientId> {
  const { id } = await newClient(world, { name: 'A payer', ...fields });
  return id;
}

const LINE = { description: 'Work', quantity: '1' };

/** Creates a draft of one line at a price without tax, or with the given fields. */
export function newDraft(
  { money, principal, table }: MoneyWorld,
  clientId: ClientId,
  amount: number,
  fields: Record<string, unknown> = {},
) {
  const lines = [{ ...LINE, unitPrice: euros(amount) }];
  return money.invoices.create(principal, InvoiceInput.parse({ clientId, lines, ...fields }), committing(table));
}

/** Creates and sends an invoice without mail. */
export async function sendNew(
  world: MoneyWorld,
  clientId: ClientId,
  amount: number,
  fields: Record<string, unknown> = {},
) {
  const { id } = await newDraft(world, clientId, amount, fields);
  return world.money.sending.send(world.principal, id, { mail: false }, committing(world.table));
}

export function pay(
  { money, principal, table }: MoneyWorld,
  clientId: ClientId,
  amount: number,
  allocations?: readonly (readonly [InvoiceId, number])[],
) {
  const input = PaymentInput.parse({
    clientId,
    amount: euros(amount),
    date: '2026-03-04',
    ...(allocations && { allocations: allocations.map(([invoiceId, part]) => ({ invoiceId, amount: euros(part) })) }),
  });
  return money.payments.create(principal, input, committing(table));
}

export function refund({ money, principal, table }: MoneyWorld, id: PaymentId, amount: number) {
  return money.payments.refund(principal, id, RefundInput.parse({ amount: euros(amount) }), committing(table));
}

export function credit(
  { money, principal, table }: MoneyWorld,
  clientId: ClientId,
  amount: number,
  invoiceId?: InvoiceId,
) {
  const input = CreditInput.parse({ clientId, amount: euros(amount), ...(invoiceId && { invoiceId }) });
  return money.credits.create(principal, input, committing(table));
}

export async function balancesOf({ table, principal }: MoneyWorld, id: ClientId) {
  const client = await clientRepository(table).client(principal.companyId, id);
  return client?.balances ?? [];
}

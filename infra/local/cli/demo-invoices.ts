import { asObject, asString, type JsonObject } from '../shared/json.ts';
import type { DemoApi } from './demo-calls.ts';

/** An invoice of the demo company. Its reference tells it from the client's others. */
export type DemoInvoice = {
  reference: string;
  issuedDaysAgo: number;
  /** Description, quantity, and price in cents. */
  lines: [description: string, quantity: string, cents: number][];
  /** A draft if it is left out. `mailed`: also to the client. */
  sent?: 'mailed' | 'posted';
  /** In cents. */
  paid?: number;
};

const DAY_MS = 86_400_000;
const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** Drafts, sends and pays the invoices of a client. What an earlier attempt has made is not made again. */
export async function loadInvoices(owner: DemoApi, clientId: string, invoices: readonly DemoInvoice[]): Promise<void> {
  if (invoices.length === 0) return;
  const present = await owner.listBy('reference', `/v1/clients/${clientId}/invoices?limit=200`);
  const payments = await owner.listBy('reference', `/v1/payments?clientId=${clientId}&limit=200`);
  for (const invoice of invoices) {
    const { reference, sent, paid } = invoice;
    const record = present.get(reference) ?? (await draft(owner, clientId, invoice));
    const id = asString(record.id) ?? '';
    if (sent && record.status === 'draft')
      await owner.must('send an invoice', 'POST', `/v1/invoices/${id}/send`, { mail: sent === 'mailed' });
    if (paid !== undefined && !payments.has(reference)) await pay(owner, clientId, { id, reference, paid });
  }
}

async function draft(owner: DemoApi, clientId: string, invoice: DemoInvoice): Promise<JsonObject> {
  const lines = invoice.lines.map(([description, quantity, cents]) => ({
    description,
    quantity,
    unitPrice: euros(cents),
  }));
  const { reference, issuedDaysAgo } = invoice;
  const body = { clientId, reference, issueDate: dayBefore(issuedDaysAgo), lines };
  return asObject(await owner.must('draft an invoice', 'POST', '/v1/invoices', body));
}

async function pay(
  owner: DemoApi,
  clientId: string,
  { id, reference, paid }: { id: string; reference: string; paid: number },
): Promise<void> {
  const amount = euros(paid);
  const allocations = [{ invoiceId: id, amount }];
  const body = { clientId, amount, date: dayBefore(1), reference, allocations };
  await owner.must('record a payment', 'POST', '/v1/payments', body);
}

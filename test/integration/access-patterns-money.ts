import { CreditInput } from '../../lib/billing/credits/schema.ts';
import { InvoiceInput } from '../../lib/billing/invoices/schema.ts';
import { companyProofServices } from '../../lib/billing/ledger/wiring.ts';
import { PaymentInput, RefundInput } from '../../lib/billing/payments/schema.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import type { ClientService } from '../../lib/clients/service.ts';
import { ItemInput } from '../../lib/pricings/schema.ts';
import { pricingServices } from '../../lib/pricings/wiring.ts';
import type { InvoiceId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { credit, euros, moneyServices, moneyWorld, newPayer, pay, sendNew } from '../support/money-world.ts';
import type { TestSource } from '../support/table.ts';

interface Company {
  table: Table;
  source: TestSource;
  principal: Principal;
  clients: ClientService;
}

/** Measures invoices, payments, credit notes and the ledger, for a client with one contact. */
export async function measureMoney(measure: Measure, company: Company): Promise<void> {
  const { table, source, principal, clients } = company;
  const { companyId } = principal;
  const commit = committing(table);
  const money = moneyServices(table, source);
  const { invoices, sending, payments, credits, prover } = money;
  const contacts = [{ email: 'payer@x.example' }];
  const { id: clientId } = await clients.create(principal, ClientInput.parse({ name: 'Payer', contacts }), commit);
  const { pricings } = pricingServices({ table, source });
  const item = await pricings.createItem(companyId, ItemInput.parse({ name: 'Hour' }), commit);
  const line = { description: 'Work', quantity: '1', unitPrice: euros(10_000) };
  const input = InvoiceInput.parse({ clientId, lines: [line] });
  const send = (id: InvoiceId, mail = false) => sending.send(principal, id, { mail }, commit);
  const newDraft = () => invoices.create(principal, input, commit);
  const newInvoice = async () => send((await newDraft()).id);

  const draft = await measure('createInvoice', newDraft);
  const priced = InvoiceInput.parse({ clientId, lines: [{ ...line, itemId: item.id }] });
  await measure('createInvoiceWithItems', () => invoices.create(principal, priced, commit));
  await measure('getInvoice', () => invoices.read(principal, draft.id));
  await measure('changeInvoice', () => invoices.change(principal, draft.id, { reference: 'PO-1' }, undefined));
  await measure('copyInvoice', () => invoices.copy(principal, draft.id, commit));
  await send((await newDraft()).id);
  const sent = await measure('sendInvoice', () => send(draft.id));
  const mailed = await newDraft();
  await measure('sendInvoiceMailed', () => send(mailed.id, true));
  const { id: unwanted } = await newDraft();
  await measure('deleteInvoice', () => invoices.delete(principal, unwanted, undefined));
  const { id: mistaken } = await newInvoice();
  await measure('cancelInvoice', () => sending.cancel(principal, mistaken, commit));

  const pay = (fields: object) =>
    payments.create(principal, PaymentInput.parse({ clientId, date: '2026-03-04', ...fields }), commit);
  const allocations = [{ invoiceId: sent.id, amount: euros(4_000) }];
  const payment = await measure('createPayment', () => pay({ amount: euros(4_000), allocations }));
  const two = [sent.id, mailed.id].map((invoiceId) => ({ invoiceId, amount: euros(100) }));
  await measure('createPaymentOverTwo', () => pay({ amount: euros(200), allocations: two }));
  await measure('createPaymentAutomatic', () => pay({ amount: euros(1_000) }));
  await measure('getPayment', () => payments.read(principal, payment.id));
  const refund = RefundInput.parse({ amount: euros(1_000) });
  await measure('refundPayment', () => payments.refund(principal, payment.id, refund, commit));
  const wrong = await pay({ amount: euros(500), allocations: [{ invoiceId: sent.id, amount: euros(500) }] });
  await measure('reversePayment', () => payments.reverse(principal, wrong.id, commit));

  const give = (fields: object) => credits.create(principal, CreditInput.parse({ clientId, ...fields }), commit);
  await give({ amount: euros(2_000) });
  const credit = await measure('createCredit', () => give({ amount: euros(2_000) }));
  await measure('createCreditOfInvoice', () => give({ amount: euros(100), invoiceId: sent.id }));
  await measure('getCredit', () => credits.read(principal, credit.id));
  await measure('applyCredit', () => credits.apply(principal, sent.id, { amount: euros(300) }, commit));
  await measure('releaseCredit', () => credits.release(principal, sent.id, { amount: euros(300) }, commit));
  await measure('cancelCredit', () => credits.cancel(principal, credit.id, commit));

  const page = { limit: 50 };
  await measure('listInvoices', () => money.listInvoices(principal, page, undefined));
  await measure('listInvoicesOfClient', () => money.listInvoicesOf(principal, clientId, page, undefined));
  await measure('listInvoicesByNumber', () =>
    money.listInvoices(principal, { ...page, number: '2026-0001' }, undefined),
  );
  await measure('listPayments', () => money.listPayments(principal, page, undefined));
  await measure('listCredits', () => money.listCredits(principal, page, undefined));
  await measure('listLedger', () => money.listLedger(principal, clientId, { ...page, sort: '-at' }, undefined));
  await measure('proveLedger', () => prover.prove(companyId, clientId));
  await measureCompanyProof(measure, company);
}

/** Measures the proof of a company of its own, with one client. */
async function measureCompanyProof(measure: Measure, { table, source }: Company): Promise<void> {
  const world = await moneyWorld(table);
  const { companyId } = world.principal;
  const client = await newPayer(world);
  await sendNew(world, client, 1_000);
  await pay(world, client, 500);
  await credit(world, client, 100);
  const proofs = companyProofServices({ table, source }, () => undefined);
  const { version } = await measure('requestCompanyProof', () => proofs.request(companyId));
  await measure('companyProofStep', () => proofs.step(companyId, version));
}

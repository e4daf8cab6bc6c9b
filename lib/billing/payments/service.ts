import type { MoneyActivity } from '../../activity/money-activity.ts';
import { authorOf } from '../../activity/schema.ts';
import type { StoredClient } from '../../clients/schema.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import type { FaultCode } from '../../shared/faults.ts';
import { type ClientId, type CompanyId, type InvoiceId, mintId, PaymentId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit, Write } from '../../table/transaction.ts';
import type { InvoiceRepository } from '../invoices/repository.ts';
import type { OpenInvoice, StoredInvoice } from '../invoices/schema.ts';
import { isOpen, settle } from '../invoices/settlement.ts';
import { balanceIn, movements } from '../ledger/account.ts';
import type { LedgerRepository } from '../ledger/repository.ts';
import { recordOfPayment } from './activity.ts';
import {
  type Allocation,
  allocateInOrder,
  type RefundParts,
  refundParts,
  totalOf,
  withoutRefund,
} from './allocation.ts';
import type { PaymentRepository } from './repository.ts';
import {
  amountsByInvoice,
  MAX_ALLOCATIONS,
  MAX_REFUNDS,
  type Payment,
  type PaymentInput,
  type RefundInput,
  type StoredPayment,
  statusAfterRefund,
  toPayment,
} from './schema.ts';

export interface PaymentDeps {
  readonly payments: PaymentRepository;
  readonly invoices: InvoiceRepository;
  readonly ledger: LedgerRepository;
  /** One call, strongly consistent. */
  readonly getClient: (company: CompanyId, id: ClientId) => Promise<StoredClient | undefined>;
  readonly activity: MoneyActivity;
  /** Runs an operation again while concurrent ones are faster. */
  readonly retry: <T>(run: () => Promise<T>) => Promise<T>;
  readonly source: Source;
  readonly dayIn: (timezone: string, now: Date) => string;
}

/** An open invoice, with the part of a payment that it gets. */
interface Share {
  open: OpenInvoice;
  amount: number;
}

const NO_CLIENT = { pointer: '/clientId', code: 'not-found', detail: 'There is no such client.' } as const;

/** Payments over invoices, their refunds and reversals. Each posts to the ledger in its transaction. */
export function paymentService(deps: PaymentDeps) {
  const { payments, invoices, ledger, getClient, activity, retry, source, dayIn } = deps;

  async function getPaymentOrThrow(company: CompanyId, id: PaymentId): Promise<StoredPayment> {
    const payment = await payments.payment(company, id);
    if (!payment) throw new Problem('not-found');
    return payment;
  }

  async function getClientOrThrow(company: CompanyId, id: ClientId): Promise<StoredClient> {
    const client = await getClient(company, id);
    if (!client) throw new Problem('not-found');
    return client;
  }

  /** The invoices of the allocations in the input, checked. One call. @throws Problem `validation` */
  async function chosenShares(
    company: CompanyId,
    { clientId, amount, allocations = [] }: Pick<PaymentInput, 'clientId' | 'amount' | 'allocations'>,
  ): Promise<{ shares: Share[]; faults: InputFault[] }> {
    const found = await invoices.invoices(
      company,
      allocations.map(({ invoiceId }) => invoiceId),
    );
    const faults: InputFault[] = [];
    const shares = allocations.flatMap((allocation, index): Share[] => {
      const result = checkAllocation(allocation, found[index], { clientId, currency: amount.currency });
      if ('fault' in result) faults.push({ ...result.fault, pointer: `/allocations/${index}${result.fault.pointer}` });
      return 'open' in result ? [{ open: result.open, amount: allocation.amount.amount }] : [];
    });
    const total = allocations.reduce((sum, allocation) => sum + allocation.amount.amount, 0);
    if (total > amount.amount)
      faults.push({
        pointer: '/allocations',
        code: 'too-big',
        detail: `They add up to ${total} minor units, which is more than the amount.`,
      });
    return { shares, faults };
  }

  /** The oldest open invoices of the client, with what the payment covers of each. One call. */
  async function automaticShares(company: CompanyId, { clientId, amount }: PaymentInput): Promise<Share[]> {
    const open = await invoices.openInvoices(company, clientId, amount.currency, MAX_ALLOCATIONS);
    const byId = new Map(open.map((invoice) => [invoice.id, invoice]));
    return allocateInOrder(amount.amount, open).flatMap(({ invoiceId, amount: part }) => {
      const invoice = byId.get(invoiceId);
      return invoice ? [{ open: invoice, amount: part }] : [];
    });
  }

  return {
    /** What a creation would refuse about the right fields of a partly wrong input. Up to two calls; nothing is written. */
    async faultsOfCreation({ companyId }: Principal, input: Partial<PaymentInput>): Promise<InputFault[]> {
      const { clientId, amount, allocations } = input;
      const isMissing = clientId !== undefined && !(await getClient(companyId, clientId));
      const missing = isMissing ? [NO_CLIENT] : [];
      if (clientId === undefined || amount === undefined) return missing;
      return [...missing, ...(await chosenShares(companyId, { clientId, amount, allocations })).faults];
    },

    /**
     * Records a payment. Three calls: the client, its invoices, one transaction; again for each concurrent operation that is
     * faster. Without allocations it pays the forty oldest open invoices at most; the rest becomes credit.
     * @throws Problem `validation`, `balance-too-large`, `write-conflict`
     */
    create(principal: Principal, input: PaymentInput, commit: Commit<Payment>): Promise<Payment> {
      const { companyId } = principal;
      const id = mintId(PaymentId, 'pay', source);
      return retry(async () => {
        const [client, { shares, faults }] = await Promise.all([
          getClient(companyId, input.clientId),
          input.allocations
            ? chosenShares(companyId, input)
            : automaticShares(companyId, input).then((all) => ({ shares: all, faults: [] })),
        ]);
        if (!client || faults.length > 0) throw invalid(...(client ? [] : [NO_CLIENT]), ...faults);
        const now = source.now();
        const payment = newPayment(input, { id, client, shares, at: now.toISOString() });
        const { currency } = input.amount;
        const allocated = totalOf(payment.allocations);
        const result = toPayment(payment);
        await commit(
          [
            ...payments.writesToCreate(companyId, payment),
            ...shares.flatMap(({ open, amount }) =>
              invoices.writesToSettle(companyId, client.id, open, { paid: amount, at: payment.createdAt }),
            ),
            ...ledger.writesToPost(
              companyId,
              client,
              movements.paymentReceived(currency, BigInt(payment.amount), BigInt(allocated)),
              { reference: referenceTo(payment), now },
            ),
            ...activity(
              companyId,
              authorOf(principal),
              'payment.created',
              'payment',
              undefined,
              recordOfPayment(payment),
            ),
          ],
          result,
        );
        return result;
      });
    },

    /** One call. @throws Problem `not-found` */
    read: async ({ companyId }: Principal, id: PaymentId): Promise<Payment> =>
      toPayment(await getPaymentOrThrow(companyId, id)),

    /**
     * Gives back part of a payment or all of it. Four calls.
     * @throws Problem `not-found`, `validation`, `payment-reversed`, `credit-insufficient`, `write-conflict`
     */
    refund(principal: Principal, id: PaymentId, input: RefundInput, commit: Commit<Payment>): Promise<Payment> {
      const { companyId, timezone } = principal;
      return retry(async () => {
        const before = await getPaymentOrThrow(companyId, id);
        if (before.status === 'reversed') throw new Problem('payment-reversed');
        const client = await getClientOrThrow(companyId, before.clientId);
        const parts = partsOfRefund(before, input, balanceIn(client, before.currency).credit);
        const now = source.now();
        const at = now.toISOString();
        const reduced = withoutRefund(before, parts);
        const numbers = new Map(before.allocations.map(({ invoiceId, invoiceNumber }) => [invoiceId, invoiceNumber]));
        const after: StoredPayment = {
          ...reduced,
          allocations: reduced.allocations.map((part) => ({
            ...part,
            invoiceNumber: numbers.get(part.invoiceId) ?? '',
          })),
          status: statusAfterRefund(reduced),
          refunds: [...before.refunds, { at, date: input.date ?? dayIn(timezone, now), amount: input.amount.amount }],
          updatedAt: at,
          version: before.version + 1,
        };
        const result = toPayment(after);
        await commit(
          [
            ...payments.writesToReplace(companyId, after, before.version),
            ...(await writesToReopen(companyId, parts.allocations, at)),
            ...ledger.writesToPost(
              companyId,
              client,
              movements.paymentRefunded(
                before.currency,
                BigInt(input.amount.amount),
                BigInt(totalOf(parts.allocations)),
              ),
              { reference: referenceTo(after), now },
            ),
            ...activity(
              companyId,
              authorOf(principal),
              'payment.refunded',
              'payment',
              recordOfPayment(before),
              recordOfPayment(after),
            ),
          ],
          result,
        );
        return result;
      });
    },

    /**
     * Takes back a payment that was recorded by mistake, by a reversing entry of the ledger. Four calls.
     * @throws Problem `not-found`, `payment-reversed`, `payment-refunded`, `credit-insufficient`, `write-conflict`
     */
    reverse(principal: Principal, id: PaymentId, commit: Commit<Payment>): Promise<Payment> {
      const { companyId } = principal;
      return retry(async () => {
        const before = await getPaymentOrThrow(companyId, id);
        if (before.status === 'reversed') throw new Problem('payment-reversed');
        if (before.refunded > 0) throw new Problem('payment-refunded');
        const client = await getClientOrThrow(companyId, before.clientId);
        const now = source.now();
        const at = now.toISOString();
        const after: StoredPayment = {
          ...before,
          status: 'reversed',
          reversedAt: at,
          updatedAt: at,
          version: before.version + 1,
        };
        const result = toPayment(after);
        await commit(
          [
            ...payments.writesToReplace(companyId, after, before.version),
            ...(await writesToReopen(companyId, before.allocations, at)),
            ...ledger.writesToPost(
              companyId,
              client,
              movements.paymentReversed(before.currency, BigInt(before.amount), BigInt(totalOf(before.allocations))),
              { reference: referenceTo(after), now },
            ),
            ...activity(
              companyId,
              authorOf(principal),
              'payment.reversed',
              'payment',
              recordOfPayment(before),
              recordOfPayment(after),
            ),
          ],
          result,
        );
        return result;
      });
    },
  };

  /** The writes by which invoices are owed again. One call. */
  async function writesToReopen(
    company: CompanyId,
    allocations: readonly Allocation<InvoiceId>[],
    at: string,
  ): Promise<Write[]> {
    const found = await invoices.invoices(
      company,
      allocations.map(({ invoiceId }) => invoiceId),
    );
    return allocations.flatMap(({ amount }, index) => {
      const before = found[index];
      if (!before) throw new Error('a payment pays for an invoice that does not exist');
      const after = { ...settle(before, { paid: -amount }), updatedAt: at, version: before.version + 1 };
      return invoices.writesToChange(company, before, after);
    });
  }
}

const referenceTo = ({ id, reference }: StoredPayment) => ({ type: 'payment', id, number: reference }) as const;

function newPayment(
  { amount, date, method, reference, notes }: PaymentInput,
  { id, client, shares, at }: { id: PaymentId; client: StoredClient; shares: readonly Share[]; at: string },
): StoredPayment {
  const allocations = shares.map(({ open, amount: part }) => ({
    invoiceId: open.id,
    invoiceNumber: open.number,
    amount: part,
  }));
  return {
    id,
    status: 'received',
    clientId: client.id,
    clientName: client.displayName,
    date,
    method,
    reference,
    notes,
    currency: amount.currency,
    amount: amount.amount,
    allocations,
    unallocated: amount.amount - totalOf(allocations),
    refunded: 0,
    refunds: [],
    reversedAt: null,
    createdAt: at,
    updatedAt: at,
    version: 1,
  };
}

/** The open invoice of an allocation, or what is wrong with the allocation. The pointer is relative to it. */
function checkAllocation(
  { amount }: { amount: { amount: number; currency: string } },
  invoice: StoredInvoice | undefined,
  { clientId, currency }: { clientId: ClientId; currency: string },
): { open: OpenInvoice } | { fault: InputFault } {
  const fault = (pointer: string, code: FaultCode, detail: string) => ({ fault: { pointer, code, detail } });
  if (invoice?.clientId !== clientId) return fault('/invoiceId', 'not-found', 'The client has no such invoice.');
  if (invoice.currency !== currency || amount.currency !== currency)
    return fault(
      '/amount/currency',
      'wrong-currency',
      `The payment is in ${currency}, the invoice in ${invoice.currency}.`,
    );
  const { id, number, dueDate, due } = invoice;
  if (!isOpen(invoice) || number === null)
    return fault('/invoiceId', 'not-open', 'The invoice does not wait for money: it is a draft, paid or cancelled.');
  if (amount.amount > due) return fault('/amount/amount', 'too-big', `Only ${due} minor units are due on the invoice.`);
  return { open: { id, number, currency, dueDate, due } };
}

/** Where a refund is taken from. @throws Problem `validation`, `credit-insufficient` */
function partsOfRefund(payment: StoredPayment, input: RefundInput, credit: number): RefundParts<InvoiceId> {
  const { amount, currency } = input.amount;
  const left = payment.amount - payment.refunded;
  const faults: InputFault[] = [];
  if (currency !== payment.currency)
    faults.push({
      pointer: '/amount/currency',
      code: 'wrong-currency',
      detail: `The currency of the payment is ${payment.currency}.`,
    });
  if (amount > left)
    faults.push({ pointer: '/amount/amount', code: 'too-big', detail: `Only ${left} minor units are left of it.` });
  if (payment.refunds.length >= MAX_REFUNDS)
    faults.push({ pointer: '/amount', code: 'too-many', detail: `A payment has ${MAX_REFUNDS} refunds at most.` });
  const present = amountsByInvoice(payment.allocations);
  const chosen = input.allocations ?? [];
  chosen.forEach((allocation, index) => {
    const pointer = `/allocations/${index}`;
    const most = present.get(allocation.invoiceId);
    if (allocation.amount.currency !== payment.currency)
      faults.push({
        pointer: `${pointer}/amount/currency`,
        code: 'wrong-currency',
        detail: `The currency of the payment is ${payment.currency}.`,
      });
    if (most === undefined)
      faults.push({ pointer: `${pointer}/invoiceId`, code: 'not-found', detail: 'The payment does not pay for it.' });
    else if (allocation.amount.amount > most)
      faults.push({
        pointer: `${pointer}/amount/amount`,
        code: 'too-big',
        detail: `The payment pays ${most} of it.`,
      });
  });
  const fromInvoices = chosen.reduce((sum, allocation) => sum + allocation.amount.amount, 0);
  const fromCredit = amount - fromInvoices;
  if (input.allocations && fromCredit < 0)
    faults.push({ pointer: '/allocations', code: 'too-big', detail: 'They add up to more than the amount.' });
  if (input.allocations && fromCredit > payment.unallocated && amount <= left)
    faults.push({
      pointer: '/allocations',
      code: 'too-small',
      detail: `The other ${fromCredit} minor units are more than the payment left as credit.`,
    });
  if (faults.length > 0) throw invalid(...faults);
  if (!input.allocations) {
    const parts = refundParts(payment, amount, credit);
    if (!parts) throw new Problem('credit-insufficient');
    return parts;
  }
  return {
    fromCredit,
    allocations: chosen.map((allocation) => ({ invoiceId: allocation.invoiceId, amount: allocation.amount.amount })),
  };
}

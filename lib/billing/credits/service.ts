import type { MoneyActivity, MoneyRecord } from '../../activity/money-activity.ts';
import { authorOf } from '../../activity/schema.ts';
import type { StoredClient } from '../../clients/schema.ts';
import type { GaplessNumbers } from '../../numbers/gapless.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import type { FaultCode } from '../../shared/faults.ts';
import { type ClientId, type CompanyId, CreditId, type GroupId, type InvoiceId, mintId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit, Write } from '../../table/transaction.ts';
import { recordOfInvoice } from '../invoices/activity.ts';
import type { InvoiceRepository } from '../invoices/repository.ts';
import { type Invoice, type OpenInvoice, type StoredInvoice, toInvoice } from '../invoices/schema.ts';
import { isOpen, settle } from '../invoices/settlement.ts';
import { balanceIn, movements } from '../ledger/account.ts';
import type { LedgerRepository } from '../ledger/repository.ts';
import type { CreditRepository } from './repository.ts';
import { type Credit, type CreditAmount, type CreditInput, type StoredCredit, toCredit } from './schema.ts';

export interface CreditDeps {
  readonly credits: CreditRepository;
  readonly invoices: InvoiceRepository;
  readonly ledger: LedgerRepository;
  readonly numbers: GaplessNumbers;
  /** One call, strongly consistent. */
  readonly getClient: (company: CompanyId, id: ClientId) => Promise<StoredClient | undefined>;
  readonly groupName: (company: CompanyId, id: GroupId) => Promise<string>;
  readonly activity: MoneyActivity;
  /** Runs an operation again while concurrent ones are faster. */
  readonly retry: <T>(run: () => Promise<T>) => Promise<T>;
  readonly source: Source;
  readonly dayIn: (timezone: string, now: Date) => string;
}

const NO_CLIENT = { pointer: '/clientId', code: 'not-found', detail: 'There is no such client.' } as const;

/** Credit notes, and the credit of clients on their invoices. Each posts in the transaction of its cause. */
export function creditService(deps: CreditDeps) {
  const { credits, invoices, ledger, numbers, getClient, groupName, activity, retry, source, dayIn } = deps;

  async function getClientOrThrow(company: CompanyId, id: ClientId): Promise<StoredClient> {
    const client = await getClient(company, id);
    if (!client) throw new Problem('not-found');
    return client;
  }

  async function getCreditOrThrow(company: CompanyId, id: CreditId): Promise<StoredCredit> {
    const credit = await credits.credit(company, id);
    if (!credit) throw new Problem('not-found');
    return credit;
  }

  /** The invoice that a credit note is for. @throws Problem `validation` */
  async function creditedInvoice(
    company: CompanyId,
    { clientId, invoiceId, amount }: Pick<CreditInput, 'clientId' | 'invoiceId' | 'amount'>,
  ): Promise<OpenInvoice | null> {
    if (invoiceId === null) return null;
    const invoice = await invoices.invoice(company, invoiceId);
    const fault = (code: FaultCode, detail: string, pointer = '/invoiceId') => invalid({ pointer, code, detail });
    if (invoice?.clientId !== clientId) throw fault('not-found', 'The client has no such invoice.');
    if (invoice.currency !== amount.currency)
      throw fault('wrong-currency', `The currency of the invoice is ${invoice.currency}.`, '/amount/currency');
    const { id, number, currency, dueDate, due } = invoice;
    if (!isOpen(invoice) || number === null)
      throw fault('not-open', 'The invoice does not wait for money. Leave it out, and the client gets credit.');
    return { id, number, currency, dueDate, due };
  }

  return {
    /** What a creation would refuse about the right fields of a partly wrong input. Up to two calls. @throws Problem `validation` */
    async faultsOfCreation({ companyId }: Principal, input: Partial<CreditInput>): Promise<InputFault[]> {
      const { clientId, invoiceId = null, amount } = input;
      if (clientId === undefined) return [];
      if (!(await getClient(companyId, clientId))) return [NO_CLIENT];
      if (amount !== undefined) await creditedInvoice(companyId, { clientId, invoiceId, amount });
      return [];
    },

    /**
     * Issues a credit note with a number without gaps. Four calls, one more with an invoice; again for each concurrent
     * operation that is faster.
     * @throws Problem `validation`, `numbers-exhausted`, `balance-too-large`, `write-conflict`
     */
    create(principal: Principal, input: CreditInput, commit: Commit<Credit>): Promise<Credit> {
      const { companyId, timezone } = principal;
      const id = mintId(CreditId, 'crn', source);
      return retry(async () => {
        const client = await getClient(companyId, input.clientId);
        if (!client) throw invalid(NO_CLIENT);
        const open = await creditedInvoice(companyId, input);
        const request = {
          kind: 'credit',
          recordId: id,
          timezone,
          groupName: () => groupName(companyId, client.groupId),
        } as const;
        return numbers.withNextNumber(companyId, request, async (number, numberWrites) => {
          const now = source.now();
          const { amount, currency } = input.amount;
          const applied = open ? Math.min(amount, open.due) : 0;
          const credit = newCredit(input, { id, number, client, applied, at: now, today: dayIn(timezone, now) });
          const movement = movements.creditIssued(currency, BigInt(amount), BigInt(applied));
          const result = toCredit(credit);
          await commit(
            [
              ...numberWrites,
              ...credits.writesToCreate(companyId, credit),
              ...(open
                ? invoices.writesToSettle(companyId, client.id, open, { credited: applied, at: credit.createdAt })
                : []),
              ...ledger.writesToPost(companyId, client, movement, { reference: referenceTo(credit), now }),
              ...activity(
                companyId,
                authorOf(principal),
                'credit.created',
                'credit',
                undefined,
                recordOfCredit(credit),
              ),
            ],
            result,
          );
          return result;
        });
      });
    },

    /** One call. @throws Problem `not-found` */
    read: async ({ companyId }: Principal, id: CreditId): Promise<Credit> =>
      toCredit(await getCreditOrThrow(companyId, id)),

    /**
     * Takes back a credit note, by a reversing entry of the ledger. What it took off its invoice is owed again. Three calls,
     * one more with an invoice.
     * @throws Problem `not-found`, `credit-cancelled`, `credit-insufficient` if its credit was used, `write-conflict`
     */
    cancel(principal: Principal, id: CreditId, commit: Commit<Credit>): Promise<Credit> {
      const { companyId } = principal;
      return retry(async () => {
        const before = await getCreditOrThrow(companyId, id);
        if (before.status === 'cancelled') throw new Problem('credit-cancelled');
        const client = await getClientOrThrow(companyId, before.clientId);
        const now = source.now();
        const at = now.toISOString();
        const after: StoredCredit = {
          ...before,
          status: 'cancelled',
          cancelledAt: at,
          updatedAt: at,
          version: before.version + 1,
        };
        const result = toCredit(after);
        const reopened = await reopen(companyId, before, at);
        await commit(
          [
            ...credits.writesToReplace(companyId, after, before.version),
            ...reopened.writes,
            ...ledger.writesToPost(
              companyId,
              client,
              movements.creditCancelled(before.currency, BigInt(before.amount), BigInt(reopened.amount)),
              { reference: referenceTo(after), now },
            ),
            ...activity(
              companyId,
              authorOf(principal),
              'credit.cancelled',
              'credit',
              recordOfCredit(before),
              recordOfCredit(after),
            ),
          ],
          result,
        );
        return result;
      });
    },

    /**
     * Pays for an open invoice with credit of the client. Three calls.
     * @throws Problem `not-found`, `validation`, `invoice-not-open`, `credit-insufficient`, `write-conflict`
     */
    apply(principal: Principal, id: InvoiceId, { amount }: CreditAmount, commit: Commit<Invoice>): Promise<Invoice> {
      return moveCredit(principal, id, commit, (invoice, client) => {
        if (!isOpen(invoice)) throw new Problem('invoice-not-open');
        const { credit } = balanceIn(client, invoice.currency);
        const applied = chosenAmount(amount, invoice, Math.min(invoice.due, credit), invoice.due);
        if (applied === 0 || applied > credit) throw new Problem('credit-insufficient');
        return {
          action: 'credit.applied',
          credited: applied,
          movement: movements.creditApplied(invoice.currency, BigInt(applied)),
        };
      });
    },

    /**
     * Gives credit that paid for an invoice back to the client. Three calls.
     * @throws Problem `not-found`, `validation`, `credit-insufficient` if no credit paid for it, `write-conflict`
     */
    release(principal: Principal, id: InvoiceId, { amount }: CreditAmount, commit: Commit<Invoice>): Promise<Invoice> {
      return moveCredit(principal, id, commit, (invoice) => {
        const released = chosenAmount(amount, invoice, invoice.credited, invoice.credited);
        if (released === 0) throw new Problem('credit-insufficient');
        return {
          action: 'credit.released',
          credited: -released,
          movement: movements.creditReleased(invoice.currency, BigInt(released)),
        };
      });
    },
  };

  /** Moves an amount between the credit of a client and what is due on an invoice. The ledger has no entry of it. */
  function moveCredit(
    principal: Principal,
    id: InvoiceId,
    commit: Commit<Invoice>,
    decide: (
      invoice: StoredInvoice,
      client: StoredClient,
    ) => {
      action: 'credit.applied' | 'credit.released';
      credited: number;
      movement: ReturnType<typeof movements.creditApplied>;
    },
  ): Promise<Invoice> {
    const { companyId, timezone } = principal;
    return retry(async () => {
      const { invoice: before, details } = await invoices.whole(companyId, id);
      const client = await getClientOrThrow(companyId, before.clientId);
      const { action, credited, movement } = decide(before, client);
      const now = source.now();
      const after = { ...settle(before, { credited }), updatedAt: now.toISOString(), version: before.version + 1 };
      const result = toInvoice(after, details, dayIn(timezone, now));
      const [recordBefore, recordAfter] = [recordOfInvoice(before), recordOfInvoice(after)];
      await commit(
        [
          ...invoices.writesToChange(companyId, before, after),
          ...ledger.writesToPost(companyId, client, movement, {
            reference: { type: 'invoice', id, number: before.number },
            now,
          }),
          ...activity(companyId, authorOf(principal), action, 'invoice', recordBefore, recordAfter),
        ],
        result,
      );
      return result;
    });
  }

  /** What is owed again on the invoice of a credit note that is cancelled. One call, none without an invoice. */
  async function reopen(
    company: CompanyId,
    { invoiceId, applied }: StoredCredit,
    at: string,
  ): Promise<{ amount: number; writes: Write[] }> {
    if (invoiceId === null || applied === 0) return { amount: 0, writes: [] };
    const before = await invoices.invoice(company, invoiceId);
    if (!before) throw new Error('a credit note is for an invoice that does not exist');
    // What was released from the invoice since is credit of the client by now, and taken from there.
    const amount = Math.min(applied, before.credited);
    if (amount === 0) return { amount, writes: [] };
    const after = { ...settle(before, { credited: -amount }), updatedAt: at, version: before.version + 1 };
    return { amount, writes: invoices.writesToChange(company, before, after) };
  }
}

const referenceTo = ({ id, number }: StoredCredit) => ({ type: 'credit', id, number }) as const;

function newCredit(
  { amount, invoiceId, reason, date }: CreditInput,
  {
    id,
    number,
    client,
    applied,
    at,
    today,
  }: { id: CreditId; number: string; client: StoredClient; applied: number; at: Date; today: string },
): StoredCredit {
  return {
    id,
    number,
    status: 'issued',
    clientId: client.id,
    clientName: client.displayName,
    invoiceId,
    reason,
    date: date ?? today,
    ...amount,
    applied,
    cancelledAt: null,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
    version: 1,
  };
}

function recordOfCredit(credit: StoredCredit): MoneyRecord {
  const { id, clientId, number, version, updatedAt, status, currency, amount, applied, invoiceId, reason, date } =
    credit;
  const fields = { number, status, currency, amount, applied, invoiceId, reason, date };
  return { id, clientId, label: number, version, updatedAt, fields };
}

/** The amount that the caller gave, or `otherwise`. @throws Problem `validation` */
function chosenAmount(
  amount: CreditAmount['amount'],
  { currency }: StoredInvoice,
  otherwise: number,
  most: number,
): number {
  if (!amount) return otherwise;
  if (amount.currency !== currency)
    throw invalid({
      pointer: '/amount/currency',
      code: 'wrong-currency',
      detail: `The currency of the invoice is ${currency}.`,
    });
  if (amount.amount > most)
    throw invalid({ pointer: '/amount/amount', code: 'too-big', detail: `It is ${most} minor units at most.` });
  return amount.amount;
}

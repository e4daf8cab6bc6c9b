import type { MoneyActivity } from '../../activity/money-activity.ts';
import { authorOf } from '../../activity/schema.ts';
import type { ClientWithContacts } from '../../clients/repository.ts';
import type { StoredClient, StoredContact } from '../../clients/schema.ts';
import type { AdmitMail } from '../../mail/admission.ts';
import type { MailOutbox } from '../../mail/outbox.ts';
import type { GaplessNumbers } from '../../numbers/gapless.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId, ContactId, GroupId, InvoiceId, MailId } from '../../shared/ids.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit } from '../../table/transaction.ts';
import { movements } from '../ledger/account.ts';
import type { LedgerRepository } from '../ledger/repository.ts';
import { recordOfInvoice } from './activity.ts';
import { amountsOf } from './draft.ts';
import type { InvoiceRepository, WholeInvoice } from './repository.ts';
import { type Invoice, type StoredInvoice, toInvoice } from './schema.ts';
import type { InvoiceSettings } from './service.ts';
import { unsettled } from './settlement.ts';

export interface SendingDeps {
  readonly invoices: InvoiceRepository;
  readonly ledger: LedgerRepository;
  readonly numbers: GaplessNumbers;
  /** The client with its contacts. One call, strongly consistent. */
  readonly getProfile: (company: CompanyId, id: ClientId) => Promise<ClientWithContacts | undefined>;
  readonly settingsFor: (company: CompanyId, client: StoredClient) => Promise<InvoiceSettings>;
  readonly groupName: (company: CompanyId, id: GroupId) => Promise<string>;
  readonly admitMail: AdmitMail;
  readonly outbox: MailOutbox;
  readonly activity: MoneyActivity;
  /** Runs an operation again while concurrent ones are faster. */
  readonly retry: <T>(run: () => Promise<T>) => Promise<T>;
  readonly source: Source;
  readonly dayIn: (timezone: string, now: Date) => string;
}

/** Invoices on their way to clients: sending and cancelling. Both post to the ledger in their transaction. */
export function invoiceSending(deps: SendingDeps) {
  const {
    invoices,
    ledger,
    numbers,
    getProfile,
    settingsFor,
    groupName,
    admitMail,
    outbox,
    activity,
    retry,
    source,
    dayIn,
  } = deps;

  /** Admits one mail for each contact. A repeated attempt does not count it again. */
  function mailsOnce(principal: Principal) {
    const admitted = new Map<ContactId, Promise<MailId>>();
    return (contacts: readonly StoredContact[]) =>
      Promise.all(
        contacts.flatMap(({ id, email }) => {
          if (email === null) return [];
          const mailId = admitted.get(id) ?? admitMail(principal, { address: email, id });
          admitted.set(id, mailId);
          return [mailId.then((mail) => ({ contactId: id, mailId: mail }))];
        }),
      );
  }

  return {
    /**
     * Sends a draft: gives it a number without gaps, freezes the client on it, posts it to the ledger, and queues its mails,
     * all in one transaction. Five calls without mail, three more for each mail; again for each concurrent operation that is
     * faster.
     * @throws Problem `not-found`, `invoice-sent`, `invoice-empty`, `numbers-exhausted`, `balance-too-large`,
     *   `email-not-verified`, `too-many-mails`, `write-conflict`
     */
    async send(
      principal: Principal,
      id: InvoiceId,
      { mail }: { mail: boolean },
      commit: Commit<Invoice>,
    ): Promise<Invoice> {
      const { companyId, timezone } = principal;
      const mailsFor = mailsOnce(principal);
      return retry(async () => {
        const draft = await invoices.whole(companyId, id);
        if (draft.invoice.status !== 'draft') throw new Problem('invoice-sent');
        if (draft.details.lines.length === 0) throw new Problem('invoice-empty');
        const profile = await getProfile(companyId, draft.invoice.clientId);
        if (!profile) throw new Problem('not-found');
        const { client, contacts } = profile;
        const settings = await settingsFor(companyId, client);
        const isMailed = mail && settings.invoiceDelivery === 'email';
        const mails = isMailed ? await mailsFor(contacts.filter(({ receives }) => receives.includes('invoices'))) : [];
        const request = {
          kind: 'invoice',
          recordId: id,
          timezone,
          groupName: () => groupName(companyId, client.groupId),
        } as const;
        return numbers.withNextNumber(companyId, request, async (number, numberWrites) => {
          const now = source.now();
          const { invoice, details } = sentInvoice(draft, { client, number, language: settings.language, at: now });
          const movement = movements.invoiceSent(invoice.currency, BigInt(invoice.gross));
          const result = toInvoice(invoice, details, dayIn(timezone, now));
          await commit(
            [
              ...numberWrites,
              ...invoices.writesToReplace(companyId, { invoice, details }, draft.invoice.version),
              ...ledger.writesToPost(companyId, client, movement, { reference: { type: 'invoice', id, number }, now }),
              ...activity(
                companyId,
                authorOf(principal),
                'invoice.sent',
                'invoice',
                recordOfInvoice(draft.invoice),
                recordOfInvoice(invoice),
              ),
              ...mails.map((mail) =>
                outbox.enqueue(companyId, { ...mail, ...mailOf(principal, invoice), at: now.toISOString() }),
              ),
            ],
            result,
          );
          return result;
        });
      });
    },

    /**
     * Cancels an invoice on which nothing was paid or credited, by a reversing entry of the ledger. Three calls.
     * @throws Problem `not-found`, `invoice-not-open`, `invoice-settled`, `write-conflict`
     */
    cancel(principal: Principal, id: InvoiceId, commit: Commit<Invoice>): Promise<Invoice> {
      const { companyId, timezone } = principal;
      return retry(async () => {
        const { invoice: before, details } = await invoices.whole(companyId, id);
        if (before.status === 'draft' || before.status === 'cancelled') throw new Problem('invoice-not-open');
        if (before.paid > 0 || before.credited > 0) throw new Problem('invoice-settled');
        const profile = await getProfile(companyId, before.clientId);
        if (!profile) throw new Problem('not-found');
        const now = source.now();
        const at = now.toISOString();
        const after = {
          ...before,
          status: 'cancelled' as const,
          due: 0,
          cancelledAt: at,
          updatedAt: at,
          version: before.version + 1,
        };
        const result = toInvoice(after, details, dayIn(timezone, now));
        const [recordBefore, recordAfter] = [recordOfInvoice(before), recordOfInvoice(after)];
        await commit(
          [
            ...invoices.writesToChange(companyId, before, after),
            ...ledger.writesToPost(
              companyId,
              profile.client,
              movements.invoiceCancelled(before.currency, BigInt(before.gross)),
              { reference: { type: 'invoice', id, number: before.number }, now },
            ),
            ...activity(companyId, authorOf(principal), 'invoice.cancelled', 'invoice', recordBefore, recordAfter),
          ],
          result,
        );
        return result;
      });
    },
  };
}

function mailOf(principal: Principal, { id, clientId }: StoredInvoice) {
  return { kind: 'invoice', clientId, userId: null, invoiceId: id, requestedBy: requesterOf(principal) } as const;
}

/** The invoice as it is sent. Its amounts are calculated again, because the client may have become tax exempt or ceased to be. */
function sentInvoice(
  { invoice, details }: WholeInvoice,
  { client, number, language, at }: { client: StoredClient; number: string; language: string; at: Date },
): WholeInvoice {
  const { discount, pricesIncludeTax } = details;
  const { taxExempt, displayName, idNumber, vatNumber, billingAddress, shippingAddress } = client;
  const { net, tax, gross, ...amounts } = amountsOf(details.lines, { discount, pricesIncludeTax, taxExempt });
  return {
    invoice: {
      ...invoice,
      ...unsettled(gross),
      net,
      tax,
      number,
      clientName: displayName,
      groupId: client.groupId,
      sentAt: at.toISOString(),
      updatedAt: at.toISOString(),
      version: invoice.version + 1,
    },
    details: {
      ...details,
      ...amounts,
      client: {
        name: displayName,
        number: client.number,
        idNumber,
        vatNumber,
        taxExempt,
        billingAddress,
        shippingAddress,
        language,
      },
    },
  };
}

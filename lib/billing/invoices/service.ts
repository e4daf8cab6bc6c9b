import { isDeepStrictEqual } from 'node:util';
import type { MoneyActivity } from '../../activity/money-activity.ts';
import { authorOf } from '../../activity/schema.ts';
import type { StoredClient } from '../../clients/schema.ts';
import { addDays } from '../../shared/days.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, InvoiceId, type ItemId, mintId, type PricingId } from '../../shared/ids.ts';
import { mergePatch } from '../../shared/merge-patch.ts';
import type { Principal } from '../../shared/principal.ts';
import { retryOnStaleVersion } from '../../shared/retry.ts';
import type { Source } from '../../shared/source.ts';
import { validated } from '../../shared/validation.ts';
import type { Commit } from '../../table/transaction.ts';
import { recordOfInvoice } from './activity.ts';
import { amountsOf, type NamedTax, type PricedItem, resolveDiscount, resolveLines } from './draft.ts';
import type { InvoiceRepository, WholeInvoice } from './repository.ts';
import {
  type Invoice,
  InvoiceChange,
  type InvoiceInput,
  type InvoicePatch,
  MAX_DETAILS_BYTES,
  type StoredDetails,
  type StoredInvoice,
  toInvoice,
} from './schema.ts';

/** The settings that the invoices of a client follow. */
export interface InvoiceSettings {
  readonly currency: string;
  readonly language: string;
  readonly paymentTermsDays: number;
  readonly invoiceDelivery: 'email' | 'post' | 'portal' | 'none';
  readonly defaultPublicNotes: string;
  readonly taxes: readonly NamedTax[];
  readonly pricesIncludeTax: boolean;
}

export interface InvoiceDeps {
  readonly invoices: InvoiceRepository;
  /** One call, strongly consistent. */
  readonly getClient: (company: CompanyId, id: ClientId) => Promise<StoredClient | undefined>;
  /** One call. */
  readonly settingsFor: (company: CompanyId, client: StoredClient) => Promise<InvoiceSettings>;
  /** The items with their prices in a pricing. One call for 50 items. */
  readonly pricedItems: (
    company: CompanyId,
    pricing: PricingId | null,
    items: readonly ItemId[],
  ) => Promise<Map<ItemId, PricedItem>>;
  /** Commits changes that no Idempotency-Key covers. */
  readonly commit: Commit<unknown>;
  readonly activity: MoneyActivity;
  readonly source: Source;
  /** The day of an instant in a time zone, as `YYYY-MM-DD`. */
  readonly dayIn: (timezone: string, now: Date) => string;
}

type IfMatch = readonly number[] | undefined;

const DUE_BEFORE_ISSUE = { pointer: '/dueDate', code: 'out-of-range', detail: 'It is before the issue date.' } as const;

/** Drafts of invoices: how they are created, changed, copied and deleted. */
export function invoiceService(deps: InvoiceDeps) {
  const { invoices, getClient, settingsFor, pricedItems, commit: commitChange, activity, source, dayIn } = deps;
  const today = ({ timezone }: Principal) => dayIn(timezone, source.now());

  /** The client that an invoice is for. @throws Problem `validation` if there is none, or if it is archived */
  async function invoicedClient(company: CompanyId, id: ClientId): Promise<StoredClient> {
    const client = await getClient(company, id);
    if (!client) throw invalid({ pointer: '/clientId', code: 'not-found', detail: 'There is no such client.' });
    if (client.archivedAt !== null)
      throw invalid({ pointer: '/clientId', code: 'archived', detail: 'The client is archived. Restore it first.' });
    return client;
  }

  /** What callers write of a draft, with all that follows from it. */
  async function draftOf(
    { companyId, timezone }: Principal,
    client: StoredClient,
    change: InvoiceChange,
    currency: string | undefined,
  ): Promise<{ head: Partial<StoredInvoice> & DraftHead; details: Omit<StoredDetails, 'invoiceId'> }> {
    const settings = await settingsFor(companyId, client);
    const invoiceCurrency = currency ?? settings.currency;
    const itemIds = [...new Set(change.lines.flatMap(({ itemId }) => (itemId ? [itemId] : [])))];
    const items = itemIds.length > 0 ? await pricedItems(companyId, client.pricingId, itemIds) : new Map();
    const resolved = resolveLines(change.lines, { currency: invoiceCurrency, taxes: settings.taxes, items });
    const { discount, faults } = resolveDiscount(change.discount, invoiceCurrency);
    const issueDate = change.issueDate ?? dayIn(timezone, source.now());
    const dueDate = change.dueDate ?? addDays(issueDate, settings.paymentTermsDays);
    const found = [...resolved.faults, ...faults, ...(dueDate < issueDate ? [DUE_BEFORE_ISSUE] : [])];
    if (found.length > 0) throw invalid(...found);
    const pricesIncludeTax = change.pricesIncludeTax ?? settings.pricesIncludeTax;
    const { taxExempt } = client;
    const { net, tax, gross, ...amounts } = amountsOf(resolved.lines, { discount, pricesIncludeTax, taxExempt });
    const publicNotes = change.publicNotes ?? (client.publicNotes || settings.defaultPublicNotes);
    const { reference, privateNotes } = change;
    const details = { ...amounts, discount, pricesIncludeTax, publicNotes, privateNotes, client: null };
    if (Buffer.byteLength(JSON.stringify(details)) > MAX_DETAILS_BYTES)
      throw invalid({ pointer: '/lines', code: 'too-long', detail: 'Lines and notes are too long for one invoice.' });
    const clientName = client.displayName;
    return {
      head: { clientName, reference, issueDate, dueDate, currency: invoiceCurrency, net, tax, gross, due: gross },
      details,
    };
  }

  async function createDraft(
    principal: Principal,
    client: StoredClient,
    change: InvoiceChange,
    currency: string | undefined,
    commit: Commit<Invoice>,
  ): Promise<Invoice> {
    const { companyId } = principal;
    const { head, details } = await draftOf(principal, client, change, currency);
    const id = mintId(InvoiceId, 'inv', source);
    const at = source.now().toISOString();
    const invoice: StoredInvoice = {
      id,
      number: null,
      status: 'draft',
      clientId: client.id,
      groupId: null,
      ...head,
      paid: 0,
      credited: 0,
      sentAt: null,
      cancelledAt: null,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    const whole = { invoice, details: { ...details, invoiceId: id } };
    const result = toInvoice(whole.invoice, whole.details, today(principal));
    const record = recordOfInvoice(invoice);
    await commit(
      [
        ...invoices.writesToCreate(companyId, whole),
        ...activity(companyId, authorOf(principal), 'invoice.created', 'invoice', undefined, record),
      ],
      result,
    );
    return result;
  }

  return {
    /**
     * Creates a draft. Three calls, one more if lines have items.
     * @throws Problem `validation`
     */
    async create(
      principal: Principal,
      { clientId, ...change }: InvoiceInput,
      commit: Commit<Invoice>,
    ): Promise<Invoice> {
      const client = await invoicedClient(principal.companyId, clientId);
      return createDraft(principal, client, change, undefined, commit);
    },

    /** What a creation would refuse about the right fields of a partly wrong input. Nothing is written. @throws Problem `validation` */
    async faultsOfCreation(
      principal: Principal,
      { clientId, ...fields }: Partial<InvoiceInput>,
    ): Promise<InputFault[]> {
      if (clientId === undefined) return [];
      const client = await invoicedClient(principal.companyId, clientId);
      await draftOf(principal, client, { ...InvoiceChange.parse({}), ...fields }, undefined);
      return [];
    },

    /** Makes a draft with the lines and texts of an invoice, dated today. Four calls. @throws Problem `not-found`, `validation` */
    async copy(principal: Principal, id: InvoiceId, commit: Commit<Invoice>): Promise<Invoice> {
      const { invoice, details } = await invoices.whole(principal.companyId, id);
      const client = await invoicedClient(principal.companyId, invoice.clientId);
      const change = { ...changeOf({ invoice, details }), issueDate: null, dueDate: null };
      return createDraft(principal, client, change, invoice.currency, commit);
    },

    /** One call. @throws Problem `not-found` */
    async read(principal: Principal, id: InvoiceId): Promise<Invoice> {
      const { invoice, details } = await invoices.whole(principal.companyId, id);
      return toInvoice(invoice, details, today(principal));
    },

    /**
     * Applies a merge patch to a draft. Four calls, one more if lines have items.
     * @throws Problem `not-found`, `validation`, `invoice-sent`, `stale-version`
     */
    change(principal: Principal, id: InvoiceId, patch: InvoicePatch, ifMatch: IfMatch): Promise<Invoice> {
      const { companyId } = principal;
      return retryOnStaleVersion(ifMatch, async () => {
        const present = await invoices.whole(companyId, id);
        requireDraft(present.invoice, ifMatch);
        const client = await invoicedClient(companyId, present.invoice.clientId);
        const change = validated(InvoiceChange, mergePatch(changeOf(present), patch));
        const { head, details } = await draftOf(principal, client, change, present.invoice.currency);
        const changed = {
          invoice: { ...present.invoice, ...head },
          details: { ...details, invoiceId: id },
        };
        if (isDeepStrictEqual(changed, present)) return toInvoice(present.invoice, present.details, today(principal));
        const invoice = {
          ...changed.invoice,
          updatedAt: source.now().toISOString(),
          version: present.invoice.version + 1,
        };
        const whole = { ...changed, invoice };
        const result = toInvoice(whole.invoice, whole.details, today(principal));
        const [before, after] = [recordOfInvoice(present.invoice), recordOfInvoice(invoice)];
        await commitChange(
          [
            ...invoices.writesToReplace(companyId, whole, present.invoice.version),
            ...activity(companyId, authorOf(principal), 'invoice.updated', 'invoice', before, after),
          ],
          result,
        );
        return result;
      });
    },

    /** Deletes a draft. Two calls. @throws Problem `not-found`, `invoice-sent`, `stale-version` */
    async delete(principal: Principal, id: InvoiceId, ifMatch: IfMatch): Promise<void> {
      const { companyId } = principal;
      await retryOnStaleVersion(ifMatch, async () => {
        const invoice = await invoices.invoice(companyId, id);
        if (!invoice) throw new Problem('not-found');
        requireDraft(invoice, ifMatch);
        const gone = { ...invoice, updatedAt: source.now().toISOString(), version: invoice.version + 1 };
        const record = { ...recordOfInvoice(gone), fields: {} };
        await commitChange(
          [
            ...invoices.writesToDelete(companyId, invoice),
            ...activity(companyId, authorOf(principal), 'invoice.deleted', 'invoice', recordOfInvoice(invoice), record),
          ],
          undefined,
        );
      });
    },
  };
}

type DraftHead = Pick<
  StoredInvoice,
  'clientName' | 'reference' | 'issueDate' | 'dueDate' | 'currency' | 'net' | 'tax' | 'gross' | 'due'
>;

function requireDraft({ status, version }: StoredInvoice, ifMatch: IfMatch): void {
  if (status !== 'draft') throw new Problem('invoice-sent');
  if (ifMatch && !ifMatch.includes(version)) throw new Problem('stale-version');
}

/** What callers write of an invoice, with the prices and taxes that its lines have got. */
function changeOf({ invoice, details }: WholeInvoice): InvoiceChange {
  const { issueDate, dueDate, reference, currency } = invoice;
  const { lines, discount, pricesIncludeTax, publicNotes, privateNotes } = details;
  return {
    issueDate,
    dueDate,
    reference,
    lines: lines.map(({ net: _net, tax: _tax, unitPrice, ...line }) => ({
      ...line,
      unitPrice: { amount: unitPrice, currency },
    })),
    discount: discount && 'amount' in discount ? { amount: { amount: discount.amount, currency } } : discount,
    pricesIncludeTax,
    publicNotes,
    privateNotes,
  };
}

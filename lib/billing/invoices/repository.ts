import { Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId, InvoiceId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { keys, ranges, recordIndexKeys, recordStatusKey } from '../../table/keys.ts';
import { getItem, getItems, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { LockConflict } from '../ledger/retry.ts';
import { recordCounter } from '../records/counts.ts';
import {
  invoiceDetailsEntity,
  invoiceEntity,
  type OpenInvoice,
  openInvoiceEntity,
  type StoredDetails,
  type StoredInvoice,
  statusListOf,
} from './schema.ts';
import { isOpen } from './settlement.ts';

/** An invoice with its lines and texts. */
export interface WholeInvoice {
  invoice: StoredInvoice;
  details: StoredDetails;
}

const missingOrStale = (existing: unknown) => new Problem(existing ? 'stale-version' : 'not-found');

/** Invoices, and the items of those that wait for money in the partitions of their clients. */
export function invoiceRepository(table: Table) {
  const on = writes(table.name);
  const count = recordCounter(table.name);

  function invoiceItem(company: CompanyId, invoice: StoredInvoice): Item {
    const { id, clientId, status, issueDate, dueDate, number, gross } = invoice;
    return {
      ...asItem(invoiceEntity, invoice),
      ...recordIndexKeys(company, {
        kind: 'INVOICES',
        id,
        client: clientId,
        status: statusListOf(status),
        date: issueDate,
        dueDate,
        number,
        amount: gross,
      }),
    };
  }

  /** The write of the item of an open invoice, or its removal if nothing is due any more. The account guards it. */
  function openWrite(company: CompanyId, client: ClientId, open: OpenInvoice): Write {
    const key = keys.openInvoice(company, client, open.dueDate, open.id);
    return open.due > 0 ? on.put(key, asItem(openInvoiceEntity, open)) : on.remove(key);
  }

  function openOf({ id, number, currency, dueDate, due }: StoredInvoice): OpenInvoice {
    if (number === null) throw new Error('an invoice without a number is not open');
    return { id, number, currency, dueDate, due };
  }

  return {
    writesToCreate(company: CompanyId, { invoice, details }: WholeInvoice): Write[] {
      return [
        on.create(keys.invoice(company, invoice.id), invoiceItem(company, invoice)),
        on.create(keys.invoiceDetails(company, invoice.id), asItem(invoiceDetailsEntity, details)),
        count(company, invoice.clientId, 'invoices', 1),
      ];
    },

    /** Replaces a draft, or sends it: `after` is open then. Refused with `stale-version` if version `seen` has changed. */
    writesToReplace(company: CompanyId, { invoice, details }: WholeInvoice, seen: number): Write[] {
      return [
        on.replace(keys.invoice(company, invoice.id), invoiceItem(company, invoice), seen, missingOrStale),
        on.put(keys.invoiceDetails(company, invoice.id), asItem(invoiceDetailsEntity, details)),
        ...(isOpen(invoice) ? [openWrite(company, invoice.clientId, openOf(invoice))] : []),
      ];
    },

    writesToDelete(company: CompanyId, { id, clientId, version }: StoredInvoice): Write[] {
      return [
        on.removeVersion(keys.invoice(company, id), version, missingOrStale),
        on.remove(keys.invoiceDetails(company, id)),
        count(company, clientId, 'invoices', -1),
      ];
    },

    /**
     * The writes that take an amount off what is due on an open invoice. They belong into a transaction that also changes the
     * account of the client, and are refused with `LockConflict` if another amount is due by now.
     */
    writesToSettle(
      company: CompanyId,
      client: ClientId,
      open: OpenInvoice,
      { paid = 0, credited = 0, at }: { paid?: number; credited?: number; at: string },
    ): Write[] {
      const due = open.due - paid - credited;
      const status = due === 0 ? 'paid' : 'partial';
      const update = on.update(
        keys.invoice(company, open.id),
        {
          UpdateExpression:
            'SET #status = :status, statusRecords = :list, paid = paid + :paid, credited = credited + :credited, due = :due, updatedAt = :at, version = version + :one',
          ConditionExpression: 'due = :seen AND #status IN (:sent, :partial)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':status': status,
            ':list': recordStatusKey(company, 'INVOICES', statusListOf(status)).statusRecords,
            ':paid': paid,
            ':credited': credited,
            ':due': due,
            ':at': at,
            ':one': 1,
            ':seen': open.due,
            ':sent': 'sent',
            ':partial': 'partial',
          },
        },
        () => new LockConflict(),
      );
      return [update, openWrite(company, client, { ...open, due })];
    },

    /** The writes that replace a sent invoice whose amounts changed in any other way: refunds, reversals, cancellation. */
    writesToChange(company: CompanyId, before: StoredInvoice, after: StoredInvoice): Write[] {
      const open = openOf(after);
      return [
        on.replace(
          keys.invoice(company, after.id),
          invoiceItem(company, after),
          before.version,
          () => new LockConflict(),
        ),
        openWrite(company, after.clientId, isOpen(after) ? open : { ...open, due: 0 }),
      ];
    },

    /** The invoice with its lines, strongly consistent. One call. @throws Problem `not-found` */
    async whole(company: CompanyId, id: InvoiceId): Promise<WholeInvoice> {
      const [invoice, details] = await getItems(
        table,
        [keys.invoice(company, id), keys.invoiceDetails(company, id)],
        true,
      );
      if (!invoice || !details) throw new Problem('not-found');
      return { invoice: readItem(invoiceEntity, invoice), details: readItem(invoiceDetailsEntity, details) };
    },

    /** The invoice without its lines, strongly consistent. One call. */
    async invoice(company: CompanyId, id: InvoiceId): Promise<StoredInvoice | undefined> {
      const item = await getItem(table, keys.invoice(company, id), true);
      return item && readItem(invoiceEntity, item);
    },

    /** The invoices without their lines, in the order of the ids; undefined for one that does not exist. One call for 100. */
    async invoices(company: CompanyId, ids: readonly InvoiceId[]): Promise<(StoredInvoice | undefined)[]> {
      const items = await getItems(
        table,
        ids.map((id) => keys.invoice(company, id)),
        true,
      );
      return items.map((item) => item && readItem(invoiceEntity, item));
    },

    /** The open invoices of a client in a currency, the oldest due date first. One call, strongly consistent. */
    async openInvoices(company: CompanyId, client: ClientId, currency: string, limit: number): Promise<OpenInvoice[]> {
      const { items } = await queryPage(table, {
        range: ranges.openInvoices(company, client),
        limit,
        consistent: true,
        filter: {
          expression: '#currency = :currency',
          ExpressionAttributeNames: { '#currency': 'currency' },
          ExpressionAttributeValues: { ':currency': currency },
          readsPerMatch: 1,
        },
      });
      return items.map((item) => readItem(openInvoiceEntity, item));
    },
  };
}

export type InvoiceRepository = ReturnType<typeof invoiceRepository>;

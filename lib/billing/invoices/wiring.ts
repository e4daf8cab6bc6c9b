import { moneyActivity } from '../../activity/money-activity.ts';
import { activityWrites } from '../../activity/writes.ts';
import { clientExistence } from '../../clients/existence.ts';
import { clientRepository } from '../../clients/repository.ts';
import type { StoredClient } from '../../clients/schema.ts';
import { mailAdmissionServices } from '../../mail/admission-wiring.ts';
import { mailOutbox } from '../../mail/outbox.ts';
import { gaplessNumbers } from '../../numbers/gapless.ts';
import { isoDayIn } from '../../numbers/pattern.ts';
import { pricingRepository } from '../../pricings/repository.ts';
import type { MailLimits } from '../../rate-limits/schema.ts';
import { clientLevel, effectiveSettings } from '../../settings/cascade.ts';
import { settingsRepository } from '../../settings/repository.ts';
import type { CompanyId } from '../../shared/ids.ts';
import type { ServiceDeps } from '../../table/service-deps.ts';
import { committing } from '../../table/transaction.ts';
import { ledgerRepository } from '../ledger/repository.ts';
import { retryOnLockConflict } from '../ledger/retry.ts';
import { clientInvoiceLister, invoiceLister } from './list.ts';
import { invoiceRepository } from './repository.ts';
import { invoiceSending } from './sending.ts';
import { type InvoiceSettings, invoiceService } from './service.ts';

/** The parts that all operations on the money of clients are composed of. */
export function moneyDeps({ table, source }: ServiceDeps) {
  const clients = clientRepository(table);
  return {
    invoices: invoiceRepository(table),
    ledger: ledgerRepository(table),
    numbers: gaplessNumbers(table, source),
    getClient: clients.client,
    groupName: clients.groupName,
    activity: moneyActivity(activityWrites(table.name)),
    retry: <T>(run: () => Promise<T>) => retryOnLockConflict({ table, source }, run),
    source,
    dayIn: isoDayIn,
  };
}

/** Invoices: their drafts, and how they are sent and cancelled. */
export function invoiceServices({ table, source }: ServiceDeps, mailLimits: MailLimits) {
  const deps = moneyDeps({ table, source });
  const settings = settingsRepository(table);
  const pricings = pricingRepository(table);

  async function settingsFor(company: CompanyId, client: StoredClient): Promise<InvoiceSettings> {
    const { stored, ...above } = await settings.levelsAbove(company, client.groupId);
    const { currency, language, paymentTermsDays, invoiceDelivery, defaultPublicNotes } = effectiveSettings({
      client: clientLevel(client),
      ...above,
    });
    return {
      currency: currency.value,
      language: language.value,
      paymentTermsDays: paymentTermsDays.value,
      invoiceDelivery: invoiceDelivery.value,
      defaultPublicNotes: defaultPublicNotes.value,
      taxes: stored.taxes,
      pricesIncludeTax: stored.pricesIncludeTax,
    };
  }

  const listInvoices = invoiceLister({ ...deps, table });
  return {
    listInvoices,
    listInvoicesOf: clientInvoiceLister(listInvoices, clientExistence(table)),
    invoices: invoiceService({
      ...deps,
      settingsFor,
      async pricedItems(company, pricing, ids) {
        const found = await pricings.itemsWithPrices(company, pricing, ids);
        return new Map(
          [...found].map(([id, { item, price }]) => [id, { name: item.name, taxRate: item.taxRate, price }]),
        );
      },
      commit: committing(table),
    }),
    sending: invoiceSending({
      ...deps,
      getProfile: clientRepository(table).profile,
      settingsFor,
      admitMail: mailAdmissionServices({ table, source }, mailLimits).admit,
      outbox: mailOutbox(table.name),
    }),
  };
}

import { activityLog } from '../activity/repository.ts';
import { documentRepository } from '../documents/repository.ts';
import { mailAdmissionServices } from '../mail/admission-wiring.ts';
import { clientNumbers } from '../numbers/repository.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import { clientFinder } from '../search/finder.ts';
import { clientListRepository } from '../search/list-repository.ts';
import { clientLookUp } from '../search/look-up.ts';
import { clientSearchRepository } from '../search/search-repository.ts';
import { tagRepository } from '../search/tag-repository.ts';
import { effectiveSettings } from '../settings/cascade.ts';
import { customFieldChecks } from '../settings/custom-field-checks.ts';
import { settingsRepository } from '../settings/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { type BulkDeps, bulkService } from './bulk.ts';
import { contactRepository, contactWrites } from './contacts/repository.ts';
import { contactService } from './contacts/service.ts';
import { includedRecords } from './included.ts';
import { overviewReader } from './overview.ts';
import { clientRepository } from './repository.ts';
import { clientService } from './service.ts';
import { linkRepository } from './user-links/repository.ts';
import { linkService } from './user-links/service.ts';

function composeClientService({ table, source }: ServiceDeps, mailLimits: MailLimits) {
  return clientService({
    clients: clientRepository(table),
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    admitMail: mailAdmissionServices({ table, source }, mailLimits).admit,
    commit: committing(table),
    source,
  });
}

/** Clients: their rules, list and search, overview, and what a profile can include. */
export function clientServices(deps: ServiceDeps, mailLimits: MailLimits) {
  const { table, source } = deps;
  return {
    clients: composeClientService(deps, mailLimits),
    findClients: clientFinder({
      lists: clientListRepository(table),
      search: clientSearchRepository(table),
      lookUp: clientLookUp(table),
    }),
    tags: tagRepository(table),
    readOverview: overviewReader(clientRepository(table)),
    readIncluded: includedRecords({
      activity: activityLog(table),
      documents: documentRepository(table),
      links: linkRepository(table),
      source,
    }),
  };
}

/** Bulk actions. `report` is called with the unexpected error of one client. */
export function bulkServices(deps: ServiceDeps, mailLimits: MailLimits, report: BulkDeps['report']) {
  const clients = composeClientService(deps, mailLimits);
  return { bulk: bulkService({ clients, commit: committing(deps.table), report }) };
}

/** The contacts of clients. */
export function contactServices({ table, source }: ServiceDeps, mailLimits: MailLimits) {
  return {
    contacts: contactService({
      clients: clientRepository(table),
      contacts: contactRepository(table),
      writesToReplaceContacts: contactWrites(table.name).writesToReplace,
      customFieldFaults: customFieldChecks(settingsRepository(table)).ofContact,
      admitMail: mailAdmissionServices({ table, source }, mailLimits).admit,
      commit: committing(table),
      source,
    }),
  };
}

/** Which users act for which clients. */
export function userLinkServices({ table, source }: ServiceDeps) {
  return {
    links: linkService({
      clients: clientRepository(table),
      links: linkRepository(table),
      currencyOf: (levels) => effectiveSettings(levels).currency.value,
      commit: committing(table),
      source,
    }),
  };
}

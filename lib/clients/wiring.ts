import { activityLog } from '../activity/repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { documentRepository } from '../documents/repository.ts';
import { mailAdmissionServices } from '../mail/admission-wiring.ts';
import { mailOutbox } from '../mail/outbox.ts';
import { isoDayIn } from '../numbers/pattern.ts';
import { clientNumbers } from '../numbers/repository.ts';
import { portalRepository } from '../portal/repository.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import { clientFinder } from '../search/finder.ts';
import { clientListRepository } from '../search/list-repository.ts';
import { clientLookUp } from '../search/look-up.ts';
import { clientSearchRepository } from '../search/search-repository.ts';
import { tagRepository } from '../search/tag-repository.ts';
import { clientLevel, effectiveSettings } from '../settings/cascade.ts';
import { customFieldChecks } from '../settings/custom-field-checks.ts';
import { settingsRepository } from '../settings/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { type BulkDeps, bulkService } from './bulk.ts';
import { type NewAccounts, newAccounts } from './contacts/new-account.ts';
import { contactRepository, contactWrites } from './contacts/repository.ts';
import { contactService } from './contacts/service.ts';
import { includedRecords } from './included.ts';
import { overviewReader } from './overview.ts';
import { clientRepository } from './repository.ts';
import { clientService } from './service.ts';
import { linkRepository } from './user-links/repository.ts';
import { linkService } from './user-links/service.ts';

/** What creates clients and contacts: the limits of mail, and how passwords are hashed. */
interface AccountSettings {
  mailLimits: MailLimits;
  hashing: PasswordHashing;
}

function composeAccounts({ table, source }: ServiceDeps, { mailLimits, hashing }: AccountSettings) {
  return newAccounts({
    hashing,
    admitMail: mailAdmissionServices({ table, source }, mailLimits).admit,
    writeToSetPassword: portalRepository(table).writeToSetPassword,
    writeToQueueMail: mailOutbox(table.name).enqueue,
    source,
  });
}

function composeClientService({ table, source }: ServiceDeps, accounts: NewAccounts) {
  return clientService({
    clients: clientRepository(table),
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    accounts,
    commit: committing(table),
    source,
  });
}

/** Clients: their rules, list and search, overview, and what a profile can include. */
export function clientServices(deps: ServiceDeps, settings: AccountSettings) {
  const { table, source } = deps;
  return {
    clients: composeClientService(deps, composeAccounts(deps, settings)),
    findClients: clientFinder({
      lists: clientListRepository(table),
      search: clientSearchRepository(table),
      lookUp: clientLookUp(table),
    }),
    tags: tagRepository(table),
    readOverview: overviewReader({ clients: clientRepository(table), today: (zone) => isoDayIn(zone, source.now()) }),
    readIncluded: includedRecords({
      activity: activityLog(table),
      documents: documentRepository(table),
      links: linkRepository(table),
      source,
    }),
  };
}

/** Bulk actions change clients, but create none. */
const noAccounts: NewAccounts = {
  open: () => Promise.reject(new Error('a bulk action creates no contact')),
};

/** Bulk actions. `report` is called with the unexpected error of one client. */
export function bulkServices(deps: ServiceDeps, report: BulkDeps['report']) {
  const clients = composeClientService(deps, noAccounts);
  return { bulk: bulkService({ clients, commit: committing(deps.table), report }) };
}

/** The contacts of clients. */
export function contactServices(deps: ServiceDeps, settings: AccountSettings) {
  const { table, source } = deps;
  return {
    contacts: contactService({
      clients: clientRepository(table),
      contacts: contactRepository(table),
      writesToReplaceContacts: contactWrites(table.name).writesToReplace,
      customFieldFaults: customFieldChecks(settingsRepository(table)).ofContact,
      admitMail: mailAdmissionServices(deps, settings.mailLimits).admit,
      accounts: composeAccounts(deps, settings),
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
      settingsOf: ({ client, group, company }) => effectiveSettings({ client: clientLevel(client), group, company }),
      commit: committing(table),
      source,
    }),
  };
}

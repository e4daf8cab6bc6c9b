import { bulkService } from '../../lib/clients/bulk.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { contactService } from '../../lib/clients/contacts/service.ts';
import { overviewReader } from '../../lib/clients/overview.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput, ContactInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { linkRepository } from '../../lib/clients/user-links/repository.ts';
import { linkService } from '../../lib/clients/user-links/service.ts';
import { isoDayIn } from '../../lib/numbers/pattern.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import type { MailLimits } from '../../lib/rate-limits/schema.ts';
import { clientLevel, effectiveSettings } from '../../lib/settings/cascade.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { openCompany } from './company.ts';
import { mailAdmissionOf } from './mail-admission.ts';
import { newAccountsOf } from './new-accounts.ts';
import { type TestSource, testSource } from './table.ts';

export interface ClientWorld {
  table: Table;
  source: TestSource;
  principal: Principal;
  clients: ReturnType<typeof clientService>;
  contacts: ReturnType<typeof contactService>;
  links: ReturnType<typeof linkService>;
  bulk: ReturnType<typeof bulkService>;
  overview: ReturnType<typeof overviewReader>;
  /** The unexpected errors that bulk actions reported. */
  reported: unknown[];
}

/**
 * The services of clients, composed as in the functions, for `principal` or an admin of a new company, within limits of mail
 * if they are given.
 */
export async function clientWorld(
  table: Table,
  source: TestSource = testSource(),
  principal?: Principal,
  mailLimits: Partial<MailLimits> = {},
): Promise<ClientWorld> {
  const caller = principal ?? (await openCompany(table, source));
  const repository = clientRepository(table);
  const { admit: admitMail } = mailAdmissionOf(table, source, mailLimits);
  const accounts = newAccountsOf(table, source, mailLimits);
  const checks = customFieldChecks(settingsRepository(table));
  const clients = clientService({
    clients: repository,
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: checks.ofClient,
    accounts,
    commit: committing(table),
    source,
  });
  const contacts = contactService({
    clients: repository,
    contacts: contactRepository(table),
    writesToReplaceContacts: contactWrites(table.name).writesToReplace,
    customFieldFaults: checks.ofContact,
    admitMail,
    accounts,
    commit: committing(table),
    source,
  });
  const links = linkService({
    clients: repository,
    links: linkRepository(table),
    settingsOf: ({ client, group, company }) => effectiveSettings({ client: clientLevel(client), group, company }),
    commit: committing(table),
    source,
  });
  const reported: unknown[] = [];
  const bulk = bulkService({ clients, commit: committing(table), report: (error) => reported.push(error) });
  return {
    table,
    source,
    principal: caller,
    clients,
    contacts,
    links,
    bulk,
    overview: overviewReader({ clients: repository, today: (zone) => isoDayIn(zone, source.now()) }),
    reported,
  };
}

export const newClient = ({ table, clients, principal }: ClientWorld, fields: Record<string, unknown>) =>
  clients.create(principal, ClientInput.parse(fields), committing(table));

/** Adds a contact a millisecond later than the one before, so that contacts have an order. */
export function newContact(
  { table, contacts, principal, source }: ClientWorld,
  client: ClientId,
  fields: Record<string, unknown>,
) {
  source.at = new Date(source.at.getTime() + 1);
  return contacts.create(principal, client, ContactInput.parse(fields), committing(table));
}

/** The same world for a company that requires these fields. */
export function withRequiredFields(
  world: ClientWorld,
  ...requiredFields: Principal['clientsModule']['requiredFields']
) {
  const { principal } = world;
  return { ...world, principal: { ...principal, clientsModule: { ...principal.clientsModule, requiredFields } } };
}

import { userEntity } from '../../lib/accounts/schema.ts';
import { activityLog } from '../../lib/activity/repository.ts';
import { bulkService } from '../../lib/clients/bulk.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { contactService } from '../../lib/clients/contacts/service.ts';
import { overviewReader } from '../../lib/clients/overview.ts';
import type { ClientRepository } from '../../lib/clients/repository.ts';
import { ClientInput, ContactInput } from '../../lib/clients/schema.ts';
import type { ClientService } from '../../lib/clients/service.ts';
import { linkRepository } from '../../lib/clients/user-links/repository.ts';
import { linkService } from '../../lib/clients/user-links/service.ts';
import { clientLevel, effectiveSettings } from '../../lib/settings/cascade.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { mintId, SessionId, UserId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { mailAdmissionOf } from '../support/mail-admission.ts';
import { newAccountsOf } from '../support/new-accounts.ts';

interface Company {
  table: Table;
  source: Source;
  principal: Principal;
  repository: ClientRepository;
  clients: ClientService;
}

/** Measures contacts, linked users and the overview. */
export async function measureContacts(measure: Measure, company: Company): Promise<void> {
  const { table, source, principal, repository, clients } = company;
  const contacts = contactService({
    clients: repository,
    contacts: contactRepository(table),
    writesToReplaceContacts: contactWrites(table.name).writesToReplace,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofContact,
    admitMail: mailAdmissionOf(table, source).admit,
    accounts: newAccountsOf(table, source),
    commit: committing(table),
    source,
  });
  const { id } = await clients.create(principal, ClientInput.parse({ name: 'F' }), committing(table));
  const input = ContactInput.parse({ firstName: 'Ada', email: 'ada@f.example' });
  const ada = await measure('createContact', () => contacts.create(principal, id, input, committing(table)));
  const bob = await contacts.create(principal, id, ContactInput.parse({ firstName: 'Bob' }), committing(table));
  await measure('listContacts', () => contacts.list(principal, id, 50, undefined));
  await measure('getContact', () => contacts.read(principal, id, ada.id));
  await measure('changeContact', () => contacts.patch(principal, id, ada.id, { title: 'Head' }, undefined));
  const moved = { email: 'countess@f.example' };
  await measure('changeContactEmail', () => contacts.patch(principal, id, ada.id, moved, undefined));
  await measure('makePrimaryContact', () => contacts.makePrimary(principal, id, bob.id, undefined, committing(table)));
  await measure('deleteContact', () => contacts.remove(principal, id, ada.id, undefined));
  await measure('getClientOverview', () =>
    overviewReader({ clients: repository, today: () => '2026-03-04' })(principal, id),
  );

  const bulk = bulkService({ clients, commit: committing(table), report: () => undefined });
  await measure('changeClients', () => bulk.run(principal, { action: 'setStatus', ids: [id], status: 'inactive' }));

  const links = linkService({
    clients: repository,
    links: linkRepository(table),
    settingsOf: ({ client, group, company }) => effectiveSettings({ client: clientLevel(client), group, company }),
    commit: committing(table),
    source,
  });
  const user = await newUser(company);
  await measure('linkUser', () => links.link(principal, id, user));
  await measure('listClientUsers', () => links.usersOf(principal, id, 50, undefined));
  await measure('listUserClients', () => links.clientsOf(principal, user, 50, undefined));
  const asUser = { ...principal, kind: 'user', id: user, sessionId: mintId(SessionId, 'ses', source) } as const;
  await measure('getMyClient', () => links.ownClient(asUser, id));
  await measure('unlinkUser', () => links.unlink(principal, id, user));

  const activity = activityLog(table);
  const request = { limit: 50, after: undefined };
  await measure('listCompanyActivity', () => activity.companyPage(principal.companyId, request));
  await measure('listActivity', () => activity.page(principal.companyId, id, { limit: 50, after: undefined }));
}

async function newUser({ table, source, principal }: Company): Promise<UserId> {
  const id = mintId(UserId, 'usr', source);
  const at = source.now().toISOString();
  const common = { createdAt: at, updatedAt: at, version: 1 };
  const generations = { credentialGeneration: 0, apiTokenGeneration: 0 };
  const user = {
    id,
    name: 'Uma',
    email: 'uma@f.example',
    role: 'user',
    status: 'active',
    ...generations,
    ...common,
  } as const;
  await transact(table, [writes(table.name).create(keys.user(principal.companyId, id), asItem(userEntity, user))]);
  return id;
}

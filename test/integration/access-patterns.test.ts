import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { SignUp } from '../../lib/accounts/schema.ts';
import { accountServices } from '../../lib/accounts/wiring.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { companyService } from '../../lib/company/service.ts';
import { bearerResolver } from '../../lib/credentials/bearer.ts';
import { callerRepository } from '../../lib/credentials/caller-repository.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { claimKey } from '../../lib/http/idempotency.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { committing } from '../../lib/table/transaction.ts';
import { teamServices } from '../../lib/team/wiring.ts';
import { measureInto } from '../support/calls.ts';
import { UNLIMITED, UNLIMITED_MAIL } from '../support/mail-admission.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { portalWorld } from '../support/portal-world.ts';
import { rememberMails } from '../support/queued-mails.ts';
import { freshTable, testSource } from '../support/table.ts';
import { measureContacts } from './access-patterns-contacts.ts';
import { measureDocuments } from './access-patterns-documents.ts';
import { comparableCost } from './access-patterns-engines.ts';
import { measureFinding } from './access-patterns-finding.ts';
import { measureGroups } from './access-patterns-groups.ts';
import { measureLogo } from './access-patterns-logo.ts';
import { measureMail } from './access-patterns-mail.ts';
import { measureMoney } from './access-patterns-money.ts';
import { measurePortal } from './access-patterns-portal.ts';
import { measureTemplates } from './access-patterns-templates.ts';
import { measureVerification } from './access-patterns-verification.ts';

const PASSWORD = 'correct horse battery staple';

/** The rows of the table's README: each operation with its calls and their capacity units. */
function documentedCosts(): [operation: string, cost: string][] {
  const readme = readFileSync(new URL('../../lib/table/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)`[^|]*\| ([^|]+) \| ([\d.]+) \|/gm)];
  return rows.map(([, operation = '', calls = '', units = '']) => [operation, `${calls.trim()} | ${units}`]);
}

/** Runs every operation once, in a realistic order, and measures its calls and units. */
async function measureOperations(costs: Map<string, string>): Promise<void> {
  const { table, calls } = await freshTable();
  const measure = measureInto(costs, calls);
  const source = testSource(new Date().toISOString());
  const accounts = accountRepository(table);
  const limits = { signUps: UNLIMITED, mail: UNLIMITED_MAIL };
  const readSecret = async () => 'the application secret';
  const staff = accountServices({ table, source, readSecret }, passwordHashing('test'), limits);
  const resolve = bearerResolver(callerRepository(table), source);
  const companies = companyService(accounts, source);
  const { team } = teamServices({ table, source }, UNLIMITED_MAIL);
  const settings = companySettingsServices({ table, source }).settings;
  const repository = clientRepository(table);
  const clients = clientService({
    clients: repository,
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    accounts: newAccountsOf(table, source),
    commit: committing(table),
    source,
  });
  const commit = committing(table);

  const input = SignUp.parse({
    company: { name: 'Northwind', slug: 'northwind', currency: 'EUR' },
    owner: { email: 'owner@northwind.example', name: 'Olive', password: PASSWORD },
  });
  const remembered = rememberMails(commit);
  const { user, company } = await measure('signUp', () => staff.accounts.signUp(input, '192.0.2.1', remembered.commit));
  const world = portalWorld(table, source);
  const { verification } = staff;
  const { email } = user;
  await measureVerification(measure, { world, verification, company, email, mailId: remembered.mails[0] });
  const tokens = await measure('signIn', () =>
    staff.sessions.signIn({ company: 'northwind', email: 'owner@northwind.example', password: PASSWORD }, '192.0.2.1'),
  );
  const found = await measure('authorizeStaff', () => resolve(`Bearer ${tokens.accessToken}`));
  if (found?.kind !== 'user') throw new Error('nobody');
  const principal = found;
  const { companyId } = principal;
  const made = await measure('createApiToken', () =>
    team.createApiToken(principal, { name: 'x', role: 'editor', expiresAt: null }, commit),
  );
  await measure('authorizeTokenFirstOfDay', () => resolve(`Bearer ${made.secret}`));
  await measure('authorizeToken', () => resolve(`Bearer ${made.secret}`));
  await measure('getMe', () => staff.accounts.me(principal));
  await measure('listUsers', () => accounts.users(companyId, 50));
  await measure('getUser', () => team.user(companyId, user.id));
  await measure('changeUser', () => team.changeUser(principal, user.id, { name: 'Olivia' }, undefined));
  await measure('listApiTokens', () => accounts.apiTokens(companyId, 50));
  await measure('apiToken', () => team.apiToken(principal, made.id));
  await measure('renameApiToken', () => team.renameApiToken(principal, made.id, { name: 'y' }, undefined));
  await measure('revokeApiToken', () => team.revokeApiToken(principal, made.id));
  await measure('getCompany', () => companies.read(companyId));
  await measure('changeCompany', () => companies.change(companyId, { name: 'North' }, undefined));
  await measure('getClientsModule', () => companies.clientsModule(companyId));
  await measure('setClientsModule', () =>
    companies.setClientsModule(companyId, { status: 'active', minimumRole: 'user', requiredFields: [] }, undefined),
  );
  await measure('getSettings', () => settings.read(companyId));
  await measure('changeSettings', () => settings.change(companyId, { paymentTermsDays: 14 }, undefined));
  const client = await measure('createClient', () =>
    clients.create(principal, ClientInput.parse({ name: 'Ada', contacts: [{ email: 'ada@x.example' }] }), commit),
  );
  await measure('createClientNumbered', () =>
    clients.create(principal, ClientInput.parse({ name: 'B', number: 'B' }), commit),
  );
  await measure('getClient', () => clients.profile(principal, client.id));
  await measureFinding(measure, table);
  await measure('changeClient', () => clients.patch(principal, client.id, { industry: 'Design' }, undefined));
  await measure('changeClientNumber', () => clients.patch(principal, client.id, { number: 'N-1' }, undefined));
  await measure('archiveClient', () => clients.archive(principal, client.id, undefined, commit));
  await measure('restoreClient', () => clients.restore(principal, client.id, undefined, commit));
  const holder = { company: companyId, caller: principal.id };
  const request = { holder, key: 'k', operationId: 'x', path: '/', body: {}, remainingMs: 10_000 };
  const held = await measure('claimIdempotencyKey', () => claimKey(table, source, 'a secret', request));
  if ('status' in held) throw new Error('the key was fresh');
  await measure('saveAnswer', () => held.save({ status: 200, headers: {}, body: '{}' }));
  await measure('replayAnswer', () => claimKey(table, source, 'a secret', request));
  const refreshed = await measure('refreshSession', () => staff.sessions.refresh(tokens.refreshToken, commit));
  await measure('changePassword', () => staff.accounts.changePassword(principal, PASSWORD, `${PASSWORD}!`));
  await measure('signOut', () => staff.sessions.signOut(principal, refreshed.refreshToken));
  await measureGroups(measure, { table, source, principal, repository, clients });
  await measureContacts(measure, { table, source, principal, repository, clients });
  await measureDocuments(measure, { table, source, principal, clients });
  await measureTemplates(measure, { table, source, companyId, principal, clientId: client.id });
  await measurePortal(measure, { table, source, principal, repository, clients });
  await measureMail(measure, { table, source, principal });
  await measureLogo(measure, { table, source, companyId });
  await measureMoney(measure, { table, source, principal, clients });
}

describe('the access patterns of the table', () => {
  const documented = documentedCosts();
  const measured = new Map<string, string>();
  beforeAll(async () => {
    await measureOperations(measured);
    if (process.env.PRINT_ACCESS_PATTERNS)
      for (const [operation, cost] of measured) console.log(`| \`${operation}\` | ${cost} |`);
  });

  it.each(documented)('%s makes the calls and takes the units of the README: %s', (operation, cost) => {
    expect(comparableCost(operation, measured.get(operation))).toBe(comparableCost(operation, cost));
  });

  it('the README has every measured operation once', () => {
    expect(documented.map(([operation]) => operation).sort()).toEqual([...measured.keys()].sort());
  });
});

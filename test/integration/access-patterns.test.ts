import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bearerResolver } from '../../lib/accounts/bearer.ts';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { SignUp } from '../../lib/accounts/schema.ts';
import { accountService } from '../../lib/accounts/service.ts';
import { sessionService } from '../../lib/accounts/sessions.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { companyService } from '../../lib/company/service.ts';
import { signInAttempts } from '../../lib/credentials/rate-limit.ts';
import { keyRing } from '../../lib/credentials/signing-keys.ts';
import { claim } from '../../lib/http/idempotency.ts';
import { dayIn } from '../../lib/numbers/pattern.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { portalRepository } from '../../lib/portal/repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { settingsService } from '../../lib/settings/service.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { teamService } from '../../lib/team/service.ts';
import { freshTable, testSource } from '../support/table.ts';
import { measureContacts } from './access-patterns-contacts.ts';
import { measureDocuments } from './access-patterns-documents.ts';
import { measureFinding } from './access-patterns-finding.ts';
import { measureGroups } from './access-patterns-groups.ts';
import { measureMail } from './access-patterns-mail.ts';
import { measurePortal } from './access-patterns-portal.ts';
import { measureTemplates } from './access-patterns-templates.ts';

const PASSWORD = 'correct horse battery staple';

/** What the table's README says of each operation: its calls and their capacity units. */
function documented(): Map<string, string> {
  const readme = readFileSync(new URL('../../lib/table/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)`[^|]*\| ([^|]+) \| ([\d.]+) \|/gm)];
  return new Map(rows.map(([, operation = '', calls = '', units = '']) => [operation, `${calls.trim()} | ${units}`]));
}

/** Every operation, run once in the order in which a company would; answers what each one asked of the table. */
async function measured(): Promise<Map<string, string>> {
  const { table, calls } = await freshTable();
  const source = testSource(new Date().toISOString());
  const accounts = accountRepository(table);
  const attempts = signInAttempts(table, source);
  const secret = { read: async () => 'a secret', forget: () => undefined };
  const ring = keyRing(secret);
  const issuer = 'https://api.example';
  const account = accountService({ accounts, attempts, source });
  const sessions = sessionService({ accounts, attempts, ring, issuer, source });
  const resolve = bearerResolver({ accounts, portal: portalRepository(table), ring, issuer, source });
  const companies = companyService(accounts, source);
  const team = teamService(accounts, source);
  const settings = settingsService({ settings: settingsRepository(table), source, dayIn });
  const repository = clientRepository(table);
  const clients = clientService({
    clients: repository,
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    source,
  });
  const nothing = () => [];

  const seen = new Map<string, string>();
  async function measure<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const before = calls.length;
    const result = await run();
    const made = calls.slice(before);
    const names = made.map((call) => (call.index ? `${call.operation} ${call.index}` : call.operation));
    const units = made.reduce((sum, { capacity }) => sum + capacity, 0);
    seen.set(operation, `${names.join(', ') || 'none'} | ${units}`);
    return result;
  }

  const input = SignUp.parse({
    company: { name: 'Northwind', slug: 'northwind', currency: 'EUR' },
    owner: { email: 'owner@northwind.example', name: 'Olive', password: PASSWORD },
  });
  const { user } = await measure('signUp', () => account.signUp(input, nothing));
  const tokens = await measure('signIn', () =>
    sessions.signIn('northwind', 'owner@northwind.example', PASSWORD, '192.0.2.1'),
  );
  const found = await measure('authorizeStaff', () => resolve(`Bearer ${tokens.accessToken}`));
  if (found?.kind !== 'user') throw new Error('nobody');
  const principal: Principal = found;
  const { companyId } = principal;
  const made = await measure('createApiToken', () =>
    team.createApiToken(principal, { name: 'x', role: 'editor' }, nothing),
  );
  await measure('authorizeTokenFirstOfDay', () => resolve(`Bearer ${made.secret}`));
  await measure('authorizeToken', () => resolve(`Bearer ${made.secret}`));
  await measure('getMe', () => account.me(principal));
  await measure('listUsers', () => accounts.users(companyId, 50));
  await measure('getUser', () => team.user(companyId, user.id));
  await measure('changeUser', () => team.changeUser(principal, user.id, { name: 'Olivia' }, undefined));
  await measure('listApiTokens', () => accounts.apiTokens(companyId, 50));
  await measure('revokeApiToken', () => team.revokeApiToken(companyId, made.id));
  await measure('getCompany', () => companies.read(companyId));
  await measure('changeCompany', () => companies.change(companyId, { name: 'North' }, undefined));
  await measure('getClientsModule', () => companies.clientsModule(companyId));
  await measure('setClientsModule', () =>
    companies.setClientsModule(companyId, { status: 'active', minimumRole: 'viewer', requiredFields: [] }, undefined),
  );
  await measure('getSettings', () => settings.read(companyId));
  await measure('changeSettings', () => settings.change(companyId, { paymentTermsDays: 14 }, undefined));
  const client = await measure('createClient', () =>
    clients.create(principal, ClientInput.parse({ name: 'Ada', contacts: [{ email: 'ada@x.example' }] }), nothing),
  );
  await measure('createClientNumbered', () =>
    clients.create(principal, ClientInput.parse({ name: 'B', number: 'B' }), nothing),
  );
  await measure('getClient', () => clients.profile(principal, client.id));
  await measureFinding(measure, table);
  await measure('changeClient', () => clients.patch(principal, client.id, { industry: 'Design' }, undefined));
  await measure('changeClientNumber', () => clients.patch(principal, client.id, { number: 'N-1' }, undefined));
  await measure('archiveClient', () => clients.archive(principal, client.id, undefined, nothing));
  await measure('restoreClient', () => clients.restore(principal, client.id, undefined, nothing));
  const request = { scope: companyId, key: 'k', operationId: 'x', path: '/', body: {}, remainingMs: 10_000 };
  const held = await measure('claimIdempotencyKey', () => claim(table, source, request));
  if ('status' in held) throw new Error('the key was fresh');
  await measure('saveAnswer', () => held.save({ status: 200, headers: {}, body: '{}' }));
  await measure('replayAnswer', () => claim(table, source, request));
  const refreshed = await measure('refreshSession', () => sessions.refresh(tokens.refreshToken, nothing));
  await measure('changePassword', () => account.changePassword(principal, PASSWORD, `${PASSWORD}!`));
  await measure('signOut', () => sessions.signOut({ ...principal, userId: principal.id }, refreshed.refreshToken));
  await measure('getSigningKeys', () => ring.accepted());
  await measureGroups(measure, { table, source, principal, repository, clients });
  await measureContacts(measure, { table, source, principal, repository, clients });
  await measureDocuments(measure, { table, source, principal, clients });
  await measureTemplates(measure, { table, source, companyId, principal, clientId: client.id });
  await measurePortal(measure, { table, source, principal, repository, clients });
  await measureMail(measure, { table, source, principal });
  return seen;
}

it('each operation asks of the table what the README says', async () => {
  const found = await measured();
  if (process.env.PRINT_ACCESS_PATTERNS)
    for (const [operation, cost] of found) console.log(`| \`${operation}\` | ${cost} |`);
  expect(found).toEqual(documented());
});

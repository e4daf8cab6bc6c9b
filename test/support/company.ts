import { accountRepository } from '../../lib/accounts/repository.ts';
import { REACHABLE } from '../../lib/shared/email.ts';
import { ApiTokenId, type CompanyId, mintId, UserId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { transact } from '../../lib/table/transaction.ts';
import { newCompanyId, type TestSource } from './table.ts';

/** The slug of a company that `openCompany` created. */
export const slugOf = (companyId: CompanyId): string => companyId.toLowerCase().replace('_', '-');

/** Creates a company as sign-up does, but without hashing a password. Returns an API token of it with the role admin. */
export async function openCompany(table: Table, source: TestSource): Promise<Principal> {
  const companyId = newCompanyId(source);
  const at = source.now().toISOString();
  const common = { createdAt: at, updatedAt: at, version: 1 };
  const [currency, language, timezone] = ['EUR', 'en', 'UTC'];
  const clientsModule = { status: 'active', minimumRole: 'viewer', requiredFields: [] } as const;
  const writes = accountRepository(table).writesToCreate({
    company: {
      id: companyId,
      slug: slugOf(companyId),
      name: 'A company',
      country: 'DE',
      currency,
      language,
      timezone,
      mailVerifiedAt: at,
      ...common,
      owners: 1,
      clientsModule: { ...clientsModule, requiredFields: [], version: 1 },
      customFieldsDefined: false,
      activityDays: null,
    },
    owner: {
      id: mintId(UserId, 'usr', source),
      email: 'owner@company.example',
      emailStatus: REACHABLE,
      name: 'Olive',
      role: 'owner',
      status: 'active',
      credentialGeneration: 0,
      apiTokenGeneration: 0,
      ...common,
    },
    passwordHash: 'none',
    settings: { settings: { currency, language, timezone }, updatedAt: at, version: 1 },
    numbering: { pattern: '{counter:4}', next: 1, reset: 'never', period: '-' },
  });
  await transact(table, writes);
  return {
    kind: 'token',
    id: mintId(ApiTokenId, 'tok', source),
    name: 'A token',
    companyId,
    role: 'admin',
    timezone,
    country: 'DE',
    customFieldsDefined: false,
    activityDays: null,
    mayMailOthers: true,
    clientsModule: { ...clientsModule, requiredFields: [] },
  };
}

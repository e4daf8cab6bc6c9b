import { isDeepStrictEqual } from 'node:util';
import type { AccountRepository } from '../accounts/repository.ts';
import { type Company, CompanyInput, type CompanyPatch, type StoredCompany } from '../accounts/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { ClientsModule } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';

/** The company's own record and its clients module. */
export function companyService(accounts: AccountRepository, source: Source) {
  const now = () => source.now().toISOString();

  return {
    async read(companyId: CompanyId): Promise<Company> {
      return accounts.company(companyId);
    },

    /** Applies a merge patch to name and country. Two calls. @throws Problem `validation`, `stale-version` */
    async change(companyId: CompanyId, patch: CompanyPatch, ifMatch: readonly number[] | undefined): Promise<Company> {
      return retryOnStaleVersion(ifMatch, async () => {
        const company = await accounts.company(companyId);
        if (ifMatch && !ifMatch.includes(company.version)) throw new Problem('stale-version');
        const change = validated(CompanyInput, mergePatch({ name: company.name, country: company.country }, patch));
        if (isDeepStrictEqual({ ...company, ...change }, company)) return company;
        const next = { ...company, ...change, version: company.version + 1, updatedAt: now() };
        await accounts.changeCompany(next, company.version);
        return next;
      });
    },

    async clientsModule(companyId: CompanyId): Promise<StoredCompany['clientsModule']> {
      return (await accounts.company(companyId)).clientsModule;
    },

    /** Replaces the clients module. Two calls. @throws Problem `stale-version` */
    async setClientsModule(
      companyId: CompanyId,
      module: ClientsModule,
      ifMatch: readonly number[] | undefined,
    ): Promise<StoredCompany['clientsModule']> {
      return retryOnStaleVersion(ifMatch, async () => {
        const { clientsModule } = await accounts.company(companyId);
        const { version } = clientsModule;
        if (ifMatch && !ifMatch.includes(version)) throw new Problem('stale-version');
        const next = { ...module, requiredFields: [...new Set(module.requiredFields)] };
        if (isDeepStrictEqual({ ...next, version }, clientsModule)) return clientsModule;
        await accounts.setClientsModule(companyId, next, version);
        return { ...next, version: version + 1 };
      });
    },
  };
}

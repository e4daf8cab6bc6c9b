import { accountRepository } from '../accounts/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { companyService } from './service.ts';

/** The company's own record and its module switch. */
export function companyServices({ table, source }: ServiceDeps) {
  return { companies: companyService(accountRepository(table), source) };
}

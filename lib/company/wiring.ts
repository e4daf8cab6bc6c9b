import { accountRepository } from '../accounts/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { companyService } from './service.ts';

/** The services for the company's own record. */
export function companyServices({ table, source }: ServiceDeps) {
  return { companies: companyService(accountRepository(table), source) };
}

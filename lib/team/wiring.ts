import { accountRepository } from '../accounts/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { teamService } from './service.ts';

/** The services for users and API tokens. */
export function teamServices({ table, source }: ServiceDeps) {
  const accounts = accountRepository(table);
  return { accounts, team: teamService({ accounts, commit: committing(table), source }) };
}

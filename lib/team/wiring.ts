import { accountRepository } from '../accounts/repository.ts';
import { mailAdmissionServices } from '../mail/admission-wiring.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { teamService } from './service.ts';

/** The services for users and API tokens. */
export function teamServices({ table, source }: ServiceDeps, mailLimits: MailLimits) {
  const accounts = accountRepository(table);
  const admitMail = mailAdmissionServices({ table, source }, mailLimits).admit;
  return { accounts, team: teamService({ accounts, admitMail, commit: committing(table), source }) };
}

import { accountRepository } from '../accounts/repository.ts';
import { contactChanges } from '../clients/contacts/changes.ts';
import { contactEmailStatus } from '../clients/contacts/email-status.ts';
import { contactRepository, contactWrites } from '../clients/contacts/repository.ts';
import { clientRepository } from '../clients/repository.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { userEmailStatusRepository } from '../team/email-status-repository.ts';
import { mailRepository } from './repository.ts';
import { mailRetry } from './retry.ts';

/** Mails that failed, and whether mail reaches contacts and users. */
export function mailServices({ table, source }: ServiceDeps) {
  const accounts = accountRepository(table);
  const mails = mailRepository(table, systemLog(table).entry);
  return {
    accounts,
    mails,
    retryMail: mailRetry(mails, source),
    userEmailStatus: userEmailStatusRepository(table),
    contactEmailStatus: contactEmailStatus({
      contacts: contactRepository(table),
      change: contactChanges({
        clients: clientRepository(table),
        writesToReplaceContacts: contactWrites(table.name).writesToReplace,
        source,
      }),
      activityDays: async (company) => (await accounts.company(company)).activityDays,
      unsuppress: mails.unsuppress,
      commit: committing(table),
    }),
  };
}

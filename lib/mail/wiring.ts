import { accountRepository } from '../accounts/repository.ts';
import { contactChanges } from '../clients/contacts/changes.ts';
import { contactEmailStatus } from '../clients/contacts/email-status.ts';
import { contactRepository, contactWrites } from '../clients/contacts/repository.ts';
import { clientRepository } from '../clients/repository.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { userEmailStatusRepository } from '../team/email-status-repository.ts';
import { mailAdmissionServices } from './admission-wiring.ts';
import { mailRepository } from './repository.ts';
import { mailRetry } from './retry.ts';
import type { StoredMail } from './schema.ts';

/** Mails, and whether mail reaches contacts and users. */
export function mailServices({ table, source }: ServiceDeps) {
  const accounts = accountRepository(table);
  const mails = mailRepository(table, systemLog(table).entry);
  return {
    accounts,
    mails,
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

/** Sends failed mails again, within the limits of the installation. */
export function mailRetryServices({ table, source }: ServiceDeps, limits: MailLimits) {
  const accounts = accountRepository(table);
  const contacts = contactRepository(table);

  async function findRecipient({ companyId, clientId, contactId, userId }: StoredMail) {
    if (userId !== null) return accounts.user(companyId, userId);
    return clientId === null || contactId === null ? undefined : contacts.contact(companyId, clientId, contactId);
  }

  async function findAddressee(mail: StoredMail) {
    const recipient = await findRecipient(mail);
    return recipient?.email ? { address: recipient.email, id: recipient.id } : undefined;
  }

  const mails = mailRepository(table, systemLog(table).entry);
  const { admit: admitMail } = mailAdmissionServices({ table, source }, limits);
  return { retryMail: mailRetry({ mails, findAddressee, admitMail, source }) };
}

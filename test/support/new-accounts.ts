import { newAccounts } from '../../lib/clients/contacts/new-account.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { portalRepository } from '../../lib/portal/repository.ts';
import type { MailLimits } from '../../lib/rate-limits/schema.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';
import { mailAdmissionOf } from './mail-admission.ts';

/** What gives new contacts access to the portal, within these limits of mail, by default any number. */
export const newAccountsOf = (table: Table, source: Source, limits: Partial<MailLimits> = {}) =>
  newAccounts({
    hashing: passwordHashing('test'),
    admitMail: mailAdmissionOf(table, source, limits).admit,
    writeToSetPassword: portalRepository(table).writeToSetPassword,
    writeToQueueMail: mailOutbox(table.name).enqueue,
    source,
  });

import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { contactChanges } from '../../lib/clients/contacts/changes.ts';
import { contactEmailStatus } from '../../lib/clients/contacts/email-status.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { mailRetry } from '../../lib/mail/retry.ts';
import { mailbox } from '../../lib/shared/email.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { openTable } from '../../lib/table/table.ts';
import { userEmailStatusRepository } from '../../lib/team/email-status-repository.ts';
import { mail as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const accounts = accountRepository(table);
const mails = mailRepository(table, systemLog(table).entry, source);
const retry = mailRetry(mails, source);
const userEmailStatus = userEmailStatusRepository(table);
const emailStatus = contactEmailStatus({
  contacts: contactRepository(table),
  change: contactChanges({ clients: clientRepository(table), moved: contactWrites(table.name).moved, source }),
  activityDays: async (company) => (await accounts.company(company)).activityDays,
  unsuppress: mails.unsuppress,
});

export const handler = httpFunction(
  contract,
  {
    async retryMail({ principal, params: { logId }, remember }) {
      const reply = { body: { logId, status: 'queued' as const } };
      await retry(principal.companyId, logId, () => remember(reply));
      return reply;
    },
    async clearContactSuppression({ principal, params }) {
      await emailStatus.clear(principal, params.clientId, params.contactId);
      return { body: undefined };
    },
    async clearUserSuppression({ principal: { companyId }, params }) {
      const user = await accounts.user(companyId, params.userId);
      if (!user) throw new Problem('not-found');
      await mails.unsuppress(companyId, mailbox(user.email));
      await userEmailStatus.clear(companyId, user, source.now().toISOString());
      return { body: undefined };
    },
  },
  { table, source, cursors: noCursors },
);

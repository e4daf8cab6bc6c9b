import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { contactChanges } from '../../lib/clients/contacts/changes.ts';
import { contactEmailStatus } from '../../lib/clients/contacts/email-status.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { sesEventHandler } from '../../lib/mail/events.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { openTable } from '../../lib/table/table.ts';
import { userEmailStatusRepository } from '../../lib/team/email-status-repository.ts';

const table = openTable(env('TABLE_NAME'));
const accounts = accountRepository(table);
const mails = mailRepository(table, systemLog(table).entry, systemSource);
const clientExists = clientExistence(table);
const userEmailStatus = userEmailStatusRepository(table);
const contactStatus = contactEmailStatus({
  contacts: contactRepository(table),
  change: contactChanges({
    clients: clientRepository(table),
    moved: contactWrites(table.name).moved,
    source: systemSource,
  }),
  activityDays: async (company) => (await accounts.company(company)).activityDays,
  unsuppress: mails.unsuppress,
});

const handleEvent = sesEventHandler({
  mails,
  async setEmailStatus(company, mailbox, status) {
    await contactStatus.mark(company, mailbox, status);
    await userEmailStatus.mark(company, mailbox, status);
  },
  findClient: async ({ companyId, clientId }) =>
    clientId !== null && (await clientExists(companyId, clientId)) ? clientId : null,
  report: (problem, ids) => logger.error(problem, ids),
});

/** Handles SES's events about sent mails: deliveries, bounces, complaints and rejections. */
export async function handler(event: unknown): Promise<void> {
  try {
    await handleEvent(event);
  } catch (error) {
    // Only the error's name is logged: the event contains addresses, and the error's message may.
    const { name } = Object(error);
    logger.warn('an SES event is retried', { reason: String(name), id: String(Object(event).id) });
    throw new Error(`an SES event failed: ${name}`);
  }
}

import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { contactChanges } from '../../lib/clients/contacts/changes.ts';
import { contactEmailStatus } from '../../lib/clients/contacts/email-status.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { mailEvents } from '../../lib/mail/events.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { openTable } from '../../lib/table/table.ts';
import { userEmailStatusRepository } from '../../lib/team/email-status-repository.ts';

const table = openTable(env('TABLE_NAME'));
const accounts = accountRepository(table);
const mails = mailRepository(table, systemLog(table).entry, systemSource);
const isThere = clientExistence(table);
const ofUsers = userEmailStatusRepository(table);
const ofContacts = contactEmailStatus({
  contacts: contactRepository(table),
  change: contactChanges({
    clients: clientRepository(table),
    moved: contactWrites(table.name).moved,
    source: systemSource,
  }),
  activityDays: async (company) => (await accounts.company(company)).activityDays,
  unsuppress: mails.unsuppress,
});

const takeUp = mailEvents({
  mails,
  async mark(company, box, mark) {
    await ofContacts.mark(company, box, mark);
    await ofUsers.mark(company, box, mark);
  },
  clientOf: async ({ companyId, clientId }) =>
    clientId !== null && (await isThere(companyId, clientId)) ? clientId : null,
  report: (what, of) => logger.error(what, of),
});

/** Takes up what SES tells of mails that were sent. */
export async function handler(event: unknown): Promise<void> {
  try {
    await takeUp(event);
  } catch (error) {
    // Name and message only: an event carries addresses, and so may what fails on it.
    const { name } = Object(error);
    logger.warn('an event of SES is tried again', { reason: String(name), id: String(Object(event).id) });
    throw new Error(`an event of SES failed: ${name}`);
  }
}

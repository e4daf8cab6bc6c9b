import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { mailEvents } from '../../lib/mail/events.ts';
import { mailServices } from '../../lib/mail/wiring.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';

const table = openTable(env('TABLE_NAME'));
const { mails, userEmailStatus, contactEmailStatus } = mailServices({ table, source: systemSource });
const clientExists = clientExistence(table);

const handleEvent = mailEvents({
  mails,
  async mark(company, box, mark) {
    await contactEmailStatus.mark(company, box, mark);
    await userEmailStatus.mark(company, box, mark);
  },
  clientOf: async ({ companyId, clientId }) =>
    clientId !== null && (await clientExists(companyId, clientId)) ? clientId : null,
  report: (what, of) => logger.error(what, of),
});

/** Handles SES's events about mails that were sent. */
export async function handler(event: unknown): Promise<void> {
  try {
    await handleEvent(event);
  } catch (error) {
    // Name and message only: an event carries addresses, and so may what fails on it.
    const { name } = Object(error);
    logger.warn('an event of SES is tried again', { reason: String(name), id: String(Object(event).id) });
    throw new Error(`an event of SES failed: ${name}`);
  }
}

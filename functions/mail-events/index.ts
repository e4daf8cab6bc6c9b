import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { sesEventHandler } from '../../lib/mail/events.ts';
import { mailServices } from '../../lib/mail/wiring.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';

const table = openTable(env('TABLE_NAME'));
const { mails, userEmailStatus, contactEmailStatus } = mailServices({ table, source: systemSource });
const clientExists = clientExistence(table);

const handleEvent = sesEventHandler({
  mails,
  async setEmailStatus(company, mailbox, status) {
    await contactEmailStatus.mark(company, mailbox, status);
    await userEmailStatus.mark(company, mailbox, status);
  },
  findClient: async ({ companyId, clientId }) =>
    clientId !== null && (await clientExists(companyId, clientId)) ? clientId : null,
  report: (problem, ids) => logger.error(problem, ids),
});

/** Handles SES events about sent mails: deliveries, bounces, complaints and rejections. */
export async function handler(event: unknown): Promise<void> {
  try {
    await handleEvent(event);
  } catch (error) {
    // Only the name of the error is logged: its message may contain an address, and so does the event.
    const { name } = Object(error);
    logger.warn('an SES event is retried', { reason: String(name), id: String(Object(event).id) });
    throw new Error(`an SES event failed: ${name}`);
  }
}

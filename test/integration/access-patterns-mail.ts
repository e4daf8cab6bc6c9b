import type { SesAnswer } from '../../lib/aws/ses.ts';
import { sesEventHandler } from '../../lib/mail/events.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { recipientRepository } from '../../lib/mail/recipient-repository.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { mailSender } from '../../lib/mail/sender.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { mailRetryServices } from '../../lib/mail/wiring.ts';
import { LogId as Log, type LogId, MailId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Source } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { UNLIMITED_MAIL } from '../support/mail-admission.ts';

/** Measures each step of a mail to a user. */
export async function measureMail(
  measure: Measure,
  { table, source, principal }: { table: Table; source: Source; principal: Principal },
): Promise<void> {
  const { companyId } = principal;
  if (principal.kind !== 'user') throw new Error('a token has no mail');
  const logs = systemLog(table);
  const mails = mailRepository(table, logs.entry);
  const recipients = recipientRepository(table);
  const templates = templateRepository(table);
  const mailId = mintId(MailId, 'mail', source);
  const to = { clientId: null, contactId: null, userId: principal.id };
  const at = source.now().toISOString();
  const mail = { mailId, kind: 'user-password-reset', ...to, requestedBy: null, at } as const;
  await measure('enqueueMail', () => transact(table, [mailOutbox(table.name).enqueue(companyId, mail)]));
  const answers: SesAnswer[] = [
    { kind: 'refused', reason: 'MessageRejected' },
    { kind: 'taken', messageId: 'x' },
  ];
  const { deliver } = mailSender({
    mails,
    async compose(mail) {
      const recipient = await recipients.findRecipient(mail);
      if (!recipient) throw new Error('nobody');
      const { groupId, languages } = recipient;
      await templates.getEffectiveText(companyId, { key: 'user-password-reset', groupId, languages });
      return { message: { raw: new Uint8Array(), from: '', to: '' }, writes: [], client: null };
    },
    send: async () => answers.shift() ?? { kind: 'unknown', reason: 'none' },
    source,
    report: () => undefined,
    leaseMs: 60_000,
  });
  await deliver(companyId, mailId);
  const [entry] = await queryAll(table, ranges.systemLogs(companyId, null));
  const log: LogId = Log.parse(entry?.id);
  const { retryMail } = mailRetryServices({ table, source }, UNLIMITED_MAIL);
  await measure('retryMail', () => retryMail(principal, log, committing(table)));
  await measure('sendMail', () => deliver(companyId, mailId));
  await measure('sendMailRepeated', () => deliver(companyId, mailId));
  const handleEvent = sesEventHandler({
    mails,
    setEmailStatus: async () => undefined,
    findClient: async () => null,
    report: () => undefined,
  });
  const event = (eventType: string, more = {}) => ({
    detail: {
      eventType,
      mail: { messageId: 'x', timestamp: at, tags: { mailId: [mailId], company: [companyId] } },
      ...more,
    },
  });
  await measure('handleDelivery', () => handleEvent(event('Delivery')));
  const bounce = {
    bounceType: 'Permanent',
    bouncedRecipients: [{ emailAddress: 'a@gone.example' }],
    timestamp: at,
  };
  await measure('handleBounce', () => handleEvent(event('Bounce', { bounce })));
  await measure('clearSuppression', () => mails.unsuppress(companyId, 'a@gone.example'));
  await measure('listCompanySystemLogs', () => logs.page(companyId, null, { filter: {}, limit: 50, after: undefined }));
}

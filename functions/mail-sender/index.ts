import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { LINK_SECONDS, oneTimeLinks, secretOf } from '../../lib/accounts/one-time-links.ts';
import { CompanyId, MailId } from '../../lib/ids.ts';
import { letters } from '../../lib/mail/letters.ts';
import { recipientRepository } from '../../lib/mail/recipient-repository.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { mailSender } from '../../lib/mail/sender.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { env } from '../../lib/platform/env.ts';
import { logger } from '../../lib/platform/logger.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import { queueConsumer } from '../../lib/platform/queue-consumer.ts';
import { secretReader } from '../../lib/platform/secrets.ts';
import { sesSender } from '../../lib/platform/ses.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { systemLog } from '../../lib/traces/system-log.ts';

const table = openTable(env('TABLE_NAME'));
const linkSecret = secretReader(env('LINK_SECRET_ARN'));
const templates = templateRepository(table);

const { deliver } = mailSender({
  mails: mailRepository(table, systemLog(table).entry, systemSource),
  write: letters({
    recipients: recipientRepository(table),
    async textFor(company, asked) {
      const { subject, body, language } = await templates.effective(company, asked);
      return { text: { subject, body }, language };
    },
    links: {
      async secretOf(mail) {
        const secret = await linkSecret.read();
        if (secret === undefined) throw new Error('the link secret is missing');
        return secretOf(secret, mail);
      },
      issue: oneTimeLinks(table).issue,
      seconds: LINK_SECONDS,
    },
    from: env('MAIL_FROM'),
    pages: { portal: env('PORTAL_URL'), staff: env('STAFF_URL') },
  }),
  send: sesSender({ configurationSet: env('CONFIGURATION_SET') }).send,
  source: systemSource,
  report({ account, ...what }) {
    if (!account) return logger.warn('a mail was not taken', what);
    logger.error('no mail can be sent', what);
    metrics.addMetric('SendingImpossible', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  },
  leaseMs: Number(env('LEASE_SECONDS')) * 1000,
});

const Message = z.object({ company: CompanyId, mailId: MailId });

/** Sends the mails that the relay hands over. */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  step: (message) => {
    const { company, mailId } = Message.parse(message);
    return deliver(company, mailId);
  },
});

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { metrics } from '../../lib/aws/metrics.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { sesSender } from '../../lib/aws/ses.ts';
import { mailComposer } from '../../lib/mail/compose.ts';
import { oneTimeLinks, secretOf } from '../../lib/mail/one-time-links.ts';
import { recipientRepository } from '../../lib/mail/recipient-repository.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { mailSender } from '../../lib/mail/sender.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { queuedMail } from '../../lib/relay/rules.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { openTable } from '../../lib/table/client.ts';

const table = openTable(env('TABLE_NAME'));
const readLinkSecret = secretReader(env('LINK_SECRET_ARN'));
const templates = templateRepository(table);

const { deliver } = mailSender({
  mails: mailRepository(table, systemLog(table).entry),
  compose: mailComposer({
    recipients: recipientRepository(table),
    async getText(company, query) {
      const { subject, body, language } = await templates.getEffectiveText(company, query);
      return { text: { subject, body }, language };
    },
    links: {
      async secretOf(mail) {
        return secretOf(await readLinkSecret(), mail);
      },
      issue: oneTimeLinks(table).issue,
    },
    from: env('MAIL_FROM'),
    pages: { portal: env('PORTAL_URL'), staff: env('STAFF_URL') },
  }),
  send: sesSender(env('CONFIGURATION_SET')).send,
  source: systemSource,
  report({ account, ...problem }) {
    if (!account) return logger.warn('SES did not accept a mail', problem);
    logger.error('SES rejects all sending', problem);
    metrics.addMetric('SendingImpossible', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  },
  leaseMs: Number(env('LEASE_SECONDS')) * 1000,
});

/** Sends the mails that the relay put into the queue. */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  step: (message) => {
    const { company, mailId } = queuedMail.message.parse(message);
    return deliver(company, mailId);
  },
});

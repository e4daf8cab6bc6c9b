import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { metrics } from '../../lib/aws/metrics.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { mailSenderServices } from '../../lib/mail/sender-wiring.ts';
import { queuedMail } from '../../lib/relay/rules.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';

const { deliver } = mailSenderServices(
  { table: openTable(env('TABLE_NAME')), source: systemSource },
  {
    // A stage without a sender sends no mail.
    from: process.env.MAIL_FROM,
    pages: { portal: env('PORTAL_URL'), staff: env('STAFF_URL') },
    configurationSet: env('CONFIGURATION_SET'),
    linkSecretArn: env('LINK_SECRET_ARN'),
    bucket: env('BUCKET_NAME'),
    leaseMs: Number(env('LEASE_SECONDS')) * 1000,
    reportUnreadableLogo: (problem) => logger.warn('a mail goes without the logo of its company', problem),
    report({ account, ...problem }) {
      if (problem.answer === 'not-asked')
        return logger.warn('a mail was not sent, because the stage has no sender: see infra/stages.ts', problem);
      if (!account) return logger.warn('SES did not accept a mail', problem);
      logger.error('SES rejects all sending', problem);
      metrics.addMetric('SendingImpossible', MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
  },
);

/** Sends the mails that the relay put into the queue. */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  step: (message) => {
    const { company, mailId } = queuedMail.message.parse(message);
    return deliver(company, mailId);
  },
});

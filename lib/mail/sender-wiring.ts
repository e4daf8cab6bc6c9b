import { objectStorage } from '../aws/object-storage.ts';
import { secretReader } from '../aws/secrets.ts';
import { sesSender } from '../aws/ses.ts';
import { logoReader } from '../logo/reader.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { mailComposer } from './compose.ts';
import { oneTimeLinks, secretOf } from './one-time-links.ts';
import { recipientRepository } from './recipient-repository.ts';
import { mailRepository } from './repository.ts';
import { mailSender } from './sender.ts';
import { templateRepository } from './templates/repository.ts';

interface SenderSettings {
  /** The installation's verified address; undefined if no mail is to be sent. */
  from: string | undefined;
  /** Where the portal and the staff's pages are, without a slash at the end. */
  pages: { portal: string; staff: string };
  configurationSet: string;
  linkSecretArn: string;
  /** The bucket that the logos are in. */
  bucket: string;
  leaseMs: number;
  report: Parameters<typeof mailSender>[0]['report'];
  reportUnreadableLogo: Parameters<typeof mailComposer>[0]['reportUnreadableLogo'];
}

/** What sends the mails of the outbox. */
export function mailSenderServices({ table, source }: ServiceDeps, settings: SenderSettings) {
  const { from, pages, configurationSet, linkSecretArn, bucket, leaseMs, report, reportUnreadableLogo } = settings;
  const readLinkSecret = secretReader(linkSecretArn);
  const templates = templateRepository(table);
  const compose = mailComposer({
    recipients: recipientRepository(table),
    async getText(company, query) {
      const { subject, body, language } = await templates.getEffectiveText(company, query);
      return { text: { subject, body }, language };
    },
    links: {
      secretOf: async (mail) => secretOf(await readLinkSecret(), mail),
      issue: oneTimeLinks(table).issue,
    },
    readLogo: logoReader(async () => {
      // Loaded by the first mail with a logo. Three attempts of two seconds leave the time that SES may take.
      const { openS3 } = await import('../aws/s3.ts');
      return objectStorage(openS3(2000), bucket);
    }),
    reportUnreadableLogo,
    from,
    pages,
  });
  return mailSender({
    mails: mailRepository(table, systemLog(table).entry),
    compose,
    send: sesSender(configurationSet).send,
    source,
    report,
    leaseMs,
  });
}

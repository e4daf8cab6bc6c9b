import type { CompanyId } from '../shared/ids.ts';
import { asItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Write, writes } from '../table/transaction.ts';
import { mailEntity, type NewMail } from './schema.ts';

/** Days until a mail expires: as long as its entries in the system log. */
const DAYS_KEPT = 90;

/**
 * The outbox of mails. A mail is written in the transaction of the change that causes it, so it exists exactly if the
 * change does. The table's stream passes it to `functions/mail-sender`.
 */
export function mailOutbox(tableName: string) {
  return {
    /** The write that queues a mail. */
    enqueue: (companyId: CompanyId, mail: NewMail): Write =>
      writes(tableName).create(
        keys.mail(companyId, mail.mailId),
        asItem(mailEntity, {
          ...mail,
          companyId,
          status: 'queued',
          queuedAt: mail.at,
          attempts: 0,
          leaseUntil: null,
          sentAt: null,
          messageId: null,
          failure: null,
          loggedAt: null,
          version: 1,
          ttl: expiryOf(mail.at),
        }),
      ),
  };
}

export type MailOutbox = ReturnType<typeof mailOutbox>;

/** Epoch seconds at which a mail expires that was queued at `at`. */
export function expiryOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000) + DAYS_KEPT * 86_400;
}

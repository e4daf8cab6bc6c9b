import type { CompanyId } from '../shared/ids.ts';
import { asItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Write, writes } from '../table/table.ts';
import { type MailIntention, mailEntity } from './schema.ts';

/** How long a mail is remembered: as long as what the system log says of it. */
const DAYS_KEPT = 90;

/**
 * Where mails wait to be sent. An intention is one of the writes of the change that it comes of, so there is a mail exactly
 * where there is the change; the table's stream takes it to `functions/mail-sender`.
 */
export function mailOutbox(tableName: string) {
  return {
    /** The write that asks for a mail. */
    intend: (companyId: CompanyId, intention: MailIntention): Write =>
      writes(tableName).create(
        keys.mail(companyId, intention.mailId),
        asItem(mailEntity, {
          ...intention,
          companyId,
          status: 'queued',
          queuedAt: intention.at,
          attempts: 0,
          leaseUntil: null,
          sentAt: null,
          messageId: null,
          failure: null,
          loggedAt: null,
          version: 1,
          ttl: keptUntil(intention.at),
        }),
      ),
  };
}

export type MailOutbox = ReturnType<typeof mailOutbox>;

/** Epoch seconds at which a mail is forgotten that was last asked for then. */
export function keptUntil(at: string): number {
  return Math.floor(Date.parse(at) / 1000) + DAYS_KEPT * 86_400;
}

import type { SesAnswer } from '../aws/ses.ts';
import type { ClientId, CompanyId, MailId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Write } from '../table/transaction.ts';
import { titleOf } from './kinds.ts';
import type { MailRepository } from './repository.ts';
import type { MailFailure, StoredMail } from './schema.ts';

/** A MIME message with its envelope. */
export interface OutgoingMail {
  raw: Uint8Array;
  from: string;
  to: string;
}

/** A composed mail with the writes that make its link valid, or why it cannot be sent. `client`: whose log it belongs to. */
export type Composition =
  | { message: OutgoingMail; writes: readonly Write[]; client: ClientId | null }
  | { failure: MailFailure; client: ClientId | null };

interface SenderDeps {
  mails: Pick<MailRepository, 'getMail' | 'update'>;
  compose: (mail: StoredMail, now: Date) => Promise<Composition>;
  send: (message: OutgoingMail & { tags: Record<string, string> }) => Promise<SesAnswer>;
  source: Source;
  /**
   * Is called for each answer that does not accept the mail, and with `not-asked` for a mail that was not sent because the
   * installation has no sender. Ids and names of errors only.
   */
  report: (problem: {
    mailId: MailId;
    answer: Exclude<SesAnswer['kind'], 'taken'> | 'not-asked';
    reason: string;
    account: boolean;
  }) => void;
  /**
   * How long a sender has a lease on a mail: longer than SES takes to publish its event, which tells whether the mail was
   * sent although the answer was lost.
   */
  leaseMs: number;
}

/** When the queue delivers the message again, in seconds; undefined if the message is done. */
type Redelivery = { againIn: number } | undefined;

/** How long a mail is retried that SES does not accept for now. */
const RETRY_MS = 24 * 3600_000;
const MIN_WAIT = 60;
const MAX_WAIT = 3 * 3600;

/**
 * Seconds until the next try of a mail that has waited for `ageMs`: as long again, from a minute to three hours, with 10 %
 * jitter either way. `random` is from 0 to 1.
 */
export function retryDelay(ageMs: number, random: number): number {
  const wait = Math.min(MAX_WAIT, Math.max(MIN_WAIT, ageMs / 1000));
  return Math.round(wait * (0.9 + random * 0.2));
}

/** The failures, as the system log describes them. */
export const failureTexts: Readonly<Record<MailFailure, string>> = {
  'no-recipient': 'The recipient was deleted or has no e-mail address.',
  superseded: 'A newer mail replaced it, its link was used, or the invoice that it is about was cancelled.',
  suppressed: 'Earlier mail to the address bounced or was reported as spam. Clear the address before sending again.',
  unverified: 'The company sends mail to others only after its owner has verified the e-mail address.',
  'no-sender': 'No sender is set for this installation, so it sends no mail. Send it again once there is one.',
  'unsupported-address': 'The mail service accepts only ASCII before the @ of an address.',
  refused: 'The mail service rejected it.',
  'gave-up': 'The mail service did not accept it for a whole day.',
};

/**
 * Sends the mails of the outbox. A sender claims a mail by an optimistic lock before it calls SES, so one of all workers and
 * repeated messages calls it. A sender that dies between the call and its own write leaves the mail claimed: SES's event
 * marks it as sent. It is sent again only if no event arrives until the lease expires.
 */
export function mailSender({ mails, compose, send, source, report, leaseMs }: SenderDeps) {
  const random = () => Buffer.from(source.random(4)).readUInt32BE() / 2 ** 32;

  async function fail(
    mail: StoredMail,
    failure: MailFailure,
    client: ClientId | null,
    reason?: string,
  ): Promise<Redelivery> {
    const detail = `${titleOf(mail.kind)}: ${failureTexts[failure]}${reason ? ` (${reason})` : ''}`;
    const logEntry = { event: 'mail.failed', outcome: 'failure', detail, at: source.now(), client } as const;
    const updated = await mails.update(mail, { status: 'failed', failure, leaseUntil: null }, { logEntry });
    return updated ? undefined : SOON;
  }

  /** Calls SES once for a claimed mail and writes the result. */
  async function sendClaimed(mail: StoredMail, message: OutgoingMail, client: ClientId | null): Promise<Redelivery> {
    const answer = await send({ ...message, tags: { mailId: mail.mailId, company: mail.companyId } });
    const now = source.now();
    if (answer.kind === 'taken') {
      // If SES's event was handled first, it has written the same.
      await mails.update(mail, sentState(answer.messageId, now), { logEntry: sentLogEntry(mail, now, client) });
      return undefined;
    }
    const { kind, reason } = answer;
    report({ mailId: mail.mailId, answer: kind, reason, account: kind === 'not-now' && answer.account });
    if (kind === 'refused') return fail(mail, 'refused', client, reason);
    if (kind === 'unknown') return redeliverAt(mail.leaseUntil, now);
    const age = now.getTime() - Date.parse(mail.queuedAt);
    if (age >= RETRY_MS) return fail(mail, 'gave-up', client, reason);
    const updated = await mails.update(mail, { status: 'deferred', leaseUntil: null });
    return updated ? { againIn: retryDelay(age, random()) } : SOON;
  }

  return {
    /** Sends a mail if it is due. Idempotent. Seven calls to the table if it is sent. */
    async deliver(company: CompanyId, id: MailId): Promise<Redelivery> {
      const mail = await mails.getMail(company, id);
      if (!mail || mail.status === 'sent' || mail.status === 'failed') return undefined;
      const now = source.now();
      if (mail.status === 'sending' && mail.leaseUntil !== null && mail.leaseUntil > now.toISOString())
        return redeliverAt(mail.leaseUntil, now);
      const composition = await compose(mail, now);
      if ('failure' in composition) {
        const { failure, client } = composition;
        if (failure === 'no-sender') report({ mailId: id, answer: 'not-asked', reason: failure, account: false });
        return fail(mail, failure, client);
      }
      const { message, writes, client } = composition;
      const leaseUntil = new Date(now.getTime() + leaseMs).toISOString();
      const claim = { status: 'sending', leaseUntil, attempts: mail.attempts + 1 } as const;
      const claimed = await mails.update(mail, claim, { writes });
      return claimed ? sendClaimed(claimed, message, client) : SOON;
    },
  };
}

/** Another writer has just changed the mail. */
const SOON = { againIn: 1 };

function redeliverAt(time: string | null, now: Date): Redelivery {
  const seconds = time === null ? 0 : (Date.parse(time) - now.getTime()) / 1000;
  return { againIn: Math.max(1, Math.ceil(seconds)) };
}

/** The state of a mail that SES accepted. */
export function sentState(messageId: string, at: Date): Partial<StoredMail> {
  return { status: 'sent', messageId, sentAt: at.toISOString(), leaseUntil: null, failure: null };
}

export function sentLogEntry(mail: StoredMail, at: Date, client: ClientId | null) {
  return { event: 'mail.sent', outcome: 'success', detail: `${titleOf(mail.kind)} was sent.`, at, client } as const;
}

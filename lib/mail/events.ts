import * as z from 'zod';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import { type ClientId, CompanyId, MailId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import { titleOf } from './kinds.ts';
import type { MailLogEntry, MailRepository } from './repository.ts';
import type { StoredMail, SuppressionReason } from './schema.ts';
import { failureTexts, sentLogEntry, sentState } from './sender.ts';

const Recipients = z.array(z.object({ emailAddress: z.string() }));

/** An event of SES, as EventBridge delivers it: the fields that are used here. The tags come from our call that sent the mail. */
const SesEvent = z.object({
  detail: z.object({
    eventType: z.string(),
    mail: z.object({
      messageId: z.string(),
      timestamp: z.string(),
      tags: z.record(z.string(), z.array(z.string())).default({}),
    }),
    bounce: z
      .object({
        bounceType: z.string(),
        bounceSubType: z.string().default(''),
        bouncedRecipients: Recipients,
        timestamp: z.string(),
      })
      .optional(),
    complaint: z.object({ complainedRecipients: Recipients, timestamp: z.string() }).optional(),
    delivery: z.object({ timestamp: z.string() }).optional(),
    deliveryDelay: z.object({ timestamp: z.string() }).optional(),
  }),
});
type Detail = z.output<typeof SesEvent>['detail'];

interface EventDeps {
  mails: Pick<MailRepository, 'getMail' | 'update' | 'suppress'>;
  /** Sets the e-mail status of the contact and the user with this mailbox. Idempotent. */
  setEmailStatus: (
    company: CompanyId,
    mailbox: string,
    status: { reason: SuppressionReason; at: string; mailId: MailId },
  ) => Promise<void>;
  /** The client whose system log a mail belongs to; null if it was deleted. */
  findClient: (mail: StoredMail) => Promise<ClientId | null>;
  /** Reports what an operator must know. Ids only. */
  report: (problem: string, ids: { mailId: string; messageId: string; type: string }) => void;
}

/**
 * Handles SES's events about our mails. Events arrive more than once, in any order, before the sender has written that SES
 * accepted the mail, and after the mail has expired.
 */
export function sesEventHandler({ mails, setEmailStatus, findClient, report }: EventDeps) {
  async function updateOrThrow(...change: Parameters<MailRepository['update']>): Promise<StoredMail> {
    const updated = await mails.update(...change);
    if (!updated) throw new Problem('stale-version');
    return updated;
  }

  /** Any event proves that SES accepted the mail, also if the sender died before it wrote so. */
  async function markAsSent(mail: StoredMail, { mail: { messageId, timestamp } }: Detail, client: ClientId | null) {
    if (mail.messageId !== null) return mail;
    const sentAt = new Date(timestamp);
    return updateOrThrow(mail, sentState(messageId, sentAt), { logEntry: sentLogEntry(mail, sentAt, client) });
  }

  /** A second message id means that the mail was sent twice. */
  async function detectSecondMessage(mail: StoredMail, detail: Detail, client: ClientId | null) {
    const { messageId } = detail.mail;
    const event = `Second ${messageId}`;
    if (mail.messageId === messageId || mail.events[event] !== undefined) return mail;
    report('a mail was sent twice', { mailId: mail.mailId, messageId, type: detail.eventType });
    const at = timeOf(detail);
    return updateOrThrow(
      mail,
      { events: { ...mail.events, [event]: at.toISOString() } },
      { logEntry: { ...sentTwiceLogEntry(mail), at, client } },
    );
  }

  async function handle(read: StoredMail, detail: Detail): Promise<void> {
    const event = `${detail.eventType} ${detail.mail.messageId}`;
    if (read.events[event] !== undefined) return;
    const client = await findClient(read);
    const mail = await detectSecondMessage(await markAsSent(read, detail, client), detail, client);
    const effect = effectOf(mail, detail);
    if (!effect) return;
    const { logEntry, suppression, failure } = effect;
    const { companyId, mailId } = mail;
    const time = timeOf(detail);
    const at = time.toISOString();
    if (suppression) await setEmailStatus(companyId, suppression.mailbox, { reason: suppression.reason, at, mailId });
    await updateOrThrow(
      mail,
      { events: { ...mail.events, [event]: at }, ...(failure && { status: 'failed', failure }) },
      {
        logEntry: { ...logEntry, at: time, client },
        writes: suppression ? [mails.suppress(companyId, suppression.mailbox, suppression.reason, at, mailId)] : [],
      },
    );
  }

  /**
   * Handles an event. Nothing happens if it was handled before, or if its mail is unknown.
   * @throws Problem `write-conflict` if other writers keep changing the mail
   */
  return async (event: unknown): Promise<void> => {
    const { detail } = SesEvent.parse(event);
    const company = CompanyId.safeParse(detail.mail.tags.company?.[0]);
    const id = MailId.safeParse(detail.mail.tags.mailId?.[0]);
    if (!company.success || !id.success) return;
    await retryOnStaleVersion(undefined, async () => {
      const mail = await mails.getMail(company.data, id.data);
      if (mail) await handle(mail, detail);
    });
  };
}

function timeOf({ mail, bounce, complaint, delivery, deliveryDelay }: Detail): Date {
  return new Date((bounce ?? complaint ?? delivery ?? deliveryDelay ?? mail).timestamp);
}

interface Effect {
  logEntry: MailLogEntry;
  suppression?: { mailbox: string; reason: SuppressionReason };
  failure?: 'refused';
}

/** What an event changes; undefined if nothing. */
function effectOf(mail: StoredMail, { eventType, bounce, complaint }: Detail): Effect | undefined {
  const title = titleOf(mail.kind);
  if (eventType === 'Bounce' && bounce) {
    const [recipient] = bounce.bouncedRecipients;
    const kind = [bounce.bounceType, bounce.bounceSubType].filter((part) => part !== '').join(', ');
    const isPermanent = bounce.bounceType === 'Permanent';
    return {
      logEntry: {
        event: 'mail.bounced',
        outcome: 'failure',
        detail: `${title} bounced (${kind}). ${consequenceOf(bounce)}`,
      },
      ...(isPermanent && recipient && { suppression: { mailbox: mailbox(recipient.emailAddress), reason: 'bounced' } }),
    };
  }
  if (eventType === 'Complaint' && complaint) {
    const [recipient] = complaint.complainedRecipients;
    return {
      logEntry: {
        event: 'mail.complained',
        outcome: 'failure',
        detail: `${title} was reported as spam. No more mail is sent to the address.`,
      },
      ...(recipient && { suppression: { mailbox: mailbox(recipient.emailAddress), reason: 'complained' } }),
    };
  }
  if (eventType === 'Reject')
    return {
      logEntry: { event: 'mail.rejected', outcome: 'failure', detail: `${title}: ${failureTexts.refused}` },
      failure: 'refused',
    };
  return undefined;
}

function consequenceOf({ bounceType, bounceSubType }: NonNullable<Detail['bounce']>): string {
  if (bounceType !== 'Permanent') return 'Mail is still sent to the address.';
  if (SUPPRESSED_BY_SES.has(bounceSubType))
    return 'Earlier mail of any sender bounced there or was reported as spam, so the mail service keeps mail from the address. Clear the address, and ask the operator of this installation to lift it there too.';
  return 'No more mail is sent to the address.';
}

/** SES's own lists of addresses, which it sends nothing to: of the account, and of all accounts. */
const SUPPRESSED_BY_SES: ReadonlySet<string> = new Set(['OnAccountSuppressionList', 'Suppressed']);

function sentTwiceLogEntry(mail: StoredMail): MailLogEntry {
  return {
    event: 'mail.sent-twice',
    outcome: 'failure',
    detail: `${titleOf(mail.kind)} was sent twice: the mail service's first answer was lost, and its event arrived too late.`,
  };
}

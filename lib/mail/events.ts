import * as z from 'zod';
import { mailbox } from '../shared/email.ts';
import { type ClientId, CompanyId, MailId } from '../shared/ids.ts';
import type { MailRepository, MailTrace } from './repository.ts';
import type { StoredMail, SuppressionReason } from './schema.ts';
import { sentAs, titleOf, traceOfSent, whatFailed } from './sender.ts';

const Recipients = z.array(z.object({ emailAddress: z.string() }));

/**
 * What SES tells of a mail through EventBridge, of each event what is looked at here. The tags are ours, from the call that
 * sent the mail.
 */
export const SesEvent = z.object({
  detail: z.object({
    eventType: z.string(),
    mail: z.object({
      messageId: z.string(),
      timestamp: z.string(),
      destination: z.array(z.string()).default([]),
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
    reject: z.object({ reason: z.string() }).optional(),
    deliveryDelay: z.object({ timestamp: z.string(), delayType: z.string() }).optional(),
  }),
});
type Detail = z.output<typeof SesEvent>['detail'];

interface EventDeps {
  mails: Pick<MailRepository, 'mail' | 'move' | 'suppress'>;
  /** Shows on the contact and the user who have the mailbox that it gets no more mail. Nothing where it shows already. */
  mark: (
    company: CompanyId,
    mailbox: string,
    mark: { reason: SuppressionReason; at: string; mailId: MailId },
  ) => Promise<void>;
  /** The client in whose log a mail's fate belongs: null once it is gone. */
  clientOf: (mail: StoredMail) => Promise<ClientId | null>;
  /** Hears of what somebody should know who runs the installation. Ids only. */
  report: (what: string, of: { mailId: string; messageId: string; type: string }) => void;
}

/** Rounds of an event that finds its mail moved by another one. */
const MAX_ROUNDS = 10;

/**
 * Takes up what SES tells of our mails. Events come more than once, in any order, before the sender has noted that SES took
 * the mail, or for a mail that is forgotten.
 */
export function mailEvents({ mails, mark, clientOf, report }: EventDeps) {
  async function takeUp(mail: StoredMail, detail: Detail): Promise<boolean> {
    const { messageId } = detail.mail;
    const known = `${detail.eventType} ${messageId}`;
    const secondTime = `Second ${messageId}`;
    if (mail.events[known] !== undefined) return true;
    const at = timeOf(detail);
    const client = await clientOf(mail);
    // Whatever SES tells of a mail, it has taken it: the first news does for the sender that died before it noted so.
    if (mail.messageId === null) {
      const sentAt = new Date(detail.mail.timestamp);
      const sent = await mails.move(mail, sentAs(messageId, sentAt), { trace: traceOfSent(mail, sentAt, client) });
      return sent ? takeUp(sent, detail) : false;
    }
    if (mail.messageId !== messageId && mail.events[secondTime] === undefined) {
      report('a mail was sent twice', { mailId: mail.mailId, messageId, type: detail.eventType });
      const events = { ...mail.events, [secondTime]: at.toISOString() };
      const noted = await mails.move(mail, { events }, { trace: { ...sentTwice(mail), at, client } });
      return noted ? takeUp(noted, detail) : false;
    }
    const consequence = consequenceOf(mail, detail);
    if (!consequence) return true;
    const events = { ...mail.events, [known]: at.toISOString() };
    const { trace, suppression, failure } = consequence;
    if (suppression)
      await mark(mail.companyId, suppression.mailbox, {
        reason: suppression.reason,
        at: at.toISOString(),
        mailId: mail.mailId,
      });
    const moved = await mails.move(
      mail,
      { events, ...(failure && { status: 'failed', failure }) },
      {
        trace: { ...trace, at, client },
        writes: suppression
          ? [mails.suppress(mail.companyId, suppression.mailbox, suppression.reason, at.toISOString(), mail.mailId)]
          : [],
      },
    );
    return moved !== undefined;
  }

  /** Takes an event up; nothing where it was before, or where nobody knows the mail. */
  return async (event: unknown): Promise<void> => {
    const { detail } = SesEvent.parse(event);
    const company = CompanyId.safeParse(detail.mail.tags.company?.[0]);
    const id = MailId.safeParse(detail.mail.tags.mailId?.[0]);
    if (!company.success || !id.success) return;
    for (let round = 1; ; round++) {
      const mail = await mails.mail(company.data, id.data);
      if (!mail || (await takeUp(mail, detail))) return;
      if (round === MAX_ROUNDS) throw new Error('the mail keeps moving');
    }
  };
}

function timeOf({ mail, bounce, complaint, delivery, deliveryDelay }: Detail): Date {
  return new Date((bounce ?? complaint ?? delivery ?? deliveryDelay ?? mail).timestamp);
}

interface Consequence {
  trace: MailTrace;
  suppression?: { mailbox: string; reason: SuppressionReason };
  failure?: 'refused';
}

/** What an event is to lead to, beyond being noted. */
function consequenceOf(mail: StoredMail, { eventType, bounce, complaint }: Detail): Consequence | undefined {
  const title = titleOf(mail);
  if (eventType === 'Bounce' && bounce) {
    const [to] = bounce.bouncedRecipients;
    const kind = [bounce.bounceType, bounce.bounceSubType].filter((part) => part !== '').join(', ');
    const permanent = bounce.bounceType === 'Permanent';
    return {
      trace: {
        event: 'mail.bounced',
        outcome: 'failure',
        detail: `${title} came back (${kind}). ${permanent ? 'The address gets no more mail.' : 'The address still gets mail.'}`,
      },
      ...(permanent && to && { suppression: { mailbox: mailbox(to.emailAddress), reason: 'bounced' } }),
    };
  }
  if (eventType === 'Complaint' && complaint) {
    const [to] = complaint.complainedRecipients;
    return {
      trace: {
        event: 'mail.complained',
        outcome: 'failure',
        detail: `${title} was complained of as unwanted. The address gets no more mail.`,
      },
      ...(to && { suppression: { mailbox: mailbox(to.emailAddress), reason: 'complained' } }),
    };
  }
  if (eventType === 'Reject')
    return {
      trace: { event: 'mail.rejected', outcome: 'failure', detail: `${title}: ${whatFailed.refused}` },
      failure: 'refused',
    };
  return undefined;
}

function sentTwice(mail: StoredMail): MailTrace {
  return {
    event: 'mail.sent-twice',
    outcome: 'failure',
    detail: `${titleOf(mail)} went out twice: the mail service's first answer was lost, and its event came too late.`,
  };
}

import type { JsonObject } from '../shared/json.ts';
import type { CapturedMail, ConfigurationSetModel } from './captured-mail.ts';

/** An event that SES publishes to the account's event bus. */
export type PublishedEvent = {
  source: 'aws.ses';
  detailType: string;
  resources: string[];
  detail: JsonObject;
  time: Date;
};

/** The detail types of EventBridge, by the event types of configuration sets. */
const detailTypes: Readonly<Record<string, string>> = {
  SEND: 'Email Sent',
  DELIVERY: 'Email Delivered',
  BOUNCE: 'Email Bounced',
  COMPLAINT: 'Email Complaint Received',
  REJECT: 'Email Rejected',
  DELIVERY_DELAY: 'Email Delivery Delayed',
};

type MailEvent = { kind: keyof typeof detailTypes; eventType: string; more: JsonObject };

/** The recipients of SES's mailbox simulator, with or without a label such as `bounce+label`. */
const simulator = /^(success|bounce|complaint|suppressionlist|ooto)(?:\+[^@]*)?@simulator\.amazonses\.com$/i;

/** The events of an accepted mail, as far as its configuration set publishes them. */
export function sesEvents(mail: CapturedMail, { arn, events }: ConfigurationSetModel): PublishedEvent[] {
  const sentAt = new Date(mail.time);
  const all: MailEvent[] = [{ kind: 'SEND', eventType: 'Send', more: { send: {} } }];
  for (const recipient of mail.to) all.push(...outcomeOf(recipient, sentAt));
  return all
    .filter(({ kind }) => events.includes(kind))
    .map(({ kind, eventType, more }) => ({
      source: 'aws.ses',
      detailType: detailTypes[kind] ?? kind,
      resources: [arn],
      time: sentAt,
      detail: { eventType, mail: mailDetail(mail), ...more },
    }));
}

function mailDetail(mail: CapturedMail): JsonObject {
  const { id, time, from, to: destination, configurationSet, tags, subject } = mail;
  return {
    timestamp: time,
    source: from,
    messageId: id,
    destination,
    headersTruncated: false,
    commonHeaders: { from: [from], to: destination, messageId: id, subject },
    tags: {
      'ses:configuration-set': [configurationSet ?? ''],
      ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
    },
  };
}

/** A bounce or complaint for the simulator's mailboxes, a delivery for every other recipient. */
function outcomeOf(recipient: string, sentAt: Date): MailEvent[] {
  const timestamp = new Date(sentAt.getTime() + 1000).toISOString();
  const [, mailbox = 'success'] = simulator.exec(recipient) ?? [];
  const delivery: MailEvent = {
    kind: 'DELIVERY',
    eventType: 'Delivery',
    more: { delivery: { timestamp, processingTimeMillis: 1000, recipients: [recipient], smtpResponse: '250 ok' } },
  };
  if (mailbox.toLowerCase() === 'complaint') {
    const complainedRecipients = [{ emailAddress: recipient }];
    const complaint = { complainedRecipients, timestamp, feedbackId: 'local', complaintFeedbackType: 'abuse' };
    return [delivery, { kind: 'COMPLAINT', eventType: 'Complaint', more: { complaint } }];
  }
  const subType = { bounce: 'General', suppressionlist: 'OnAccountSuppressionList' }[mailbox.toLowerCase()];
  if (subType === undefined) return [delivery];
  const bouncedRecipients = [{ emailAddress: recipient, action: 'failed', status: '5.1.1' }];
  const bounce = { bounceType: 'Permanent', bounceSubType: subType, bouncedRecipients, timestamp, feedbackId: 'local' };
  return [{ kind: 'BOUNCE', eventType: 'Bounce', more: { bounce } }];
}

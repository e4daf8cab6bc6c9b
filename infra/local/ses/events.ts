import type { JsonObject } from '../shared/json.ts';
import type { CapturedMail, ConfigurationSetModel } from './captured-mail.ts';

/** What SES puts on the account's event bus. */
export type PublishedEvent = {
  source: 'aws.ses';
  detailType: string;
  resources: string[];
  detail: JsonObject;
  time: Date;
};

/** What EventBridge calls the events that configuration sets name. */
const detailTypes: Readonly<Record<string, string>> = {
  SEND: 'Email Sent',
  DELIVERY: 'Email Delivered',
  BOUNCE: 'Email Bounced',
  COMPLAINT: 'Email Complaint Received',
  REJECT: 'Email Rejected',
  DELIVERY_DELAY: 'Email Delivery Delayed',
};

type Told = { kind: keyof typeof detailTypes; eventType: string; more: JsonObject };

/** The recipients by whom SES's own simulator is reached, with or without a label behind a plus sign. */
const simulator = /^(success|bounce|complaint|suppressionlist|ooto)(?:\+[^@]*)?@simulator\.amazonses\.com$/i;

/** The events of a mail that SES took: to the simulator's mailboxes what they stand for, to all others a delivery. */
export function sesEvents(mail: CapturedMail, { arn, events }: ConfigurationSetModel): PublishedEvent[] {
  const recipients = [...mail.to, ...mail.cc, ...mail.bcc];
  const sentAt = new Date(mail.time);
  const told: Told[] = [{ kind: 'SEND', eventType: 'Send', more: { send: {} } }];
  for (const recipient of recipients) told.push(...fateOf(recipient, sentAt));
  return told
    .filter(({ kind }) => events.includes(kind))
    .map(({ kind, eventType, more }) => ({
      source: 'aws.ses',
      detailType: detailTypes[kind] ?? kind,
      resources: [arn],
      time: sentAt,
      detail: { eventType, mail: described(mail, recipients), ...more },
    }));
}

function described(mail: CapturedMail, destination: string[]): JsonObject {
  const { id, time, from, configurationSet, tags, subject } = mail;
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

function fateOf(recipient: string, sentAt: Date): Told[] {
  const timestamp = new Date(sentAt.getTime() + 1000).toISOString();
  const [, mailbox = 'success'] = simulator.exec(recipient) ?? [];
  const delivery: Told = {
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

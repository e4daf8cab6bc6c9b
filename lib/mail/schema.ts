import * as z from 'zod';
import { ApiTokenId, ClientId, CompanyId, ContactId, GroupId, InvoiceId, MailId, UserId } from '../shared/ids.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { MailKind } from './kinds.ts';

/** Who requested a mail; null for the public and for the backend itself. */
const RequestedBy = z
  .union([
    z.object({ kind: z.literal('user'), id: UserId }),
    z.object({ kind: z.literal('token'), id: ApiTokenId }),
    z.object({ kind: z.literal('contact'), id: ContactId }),
  ])
  .nullable();

/** The test of a template: which text, with whose data, and the text itself if it is not saved. */
const TemplateTest = z.object({
  key: z.string(),
  language: z.string(),
  groupId: GroupId.nullable(),
  /** The client and contact whose data are used; null for sample data. */
  clientId: ClientId.nullable(),
  contactId: ContactId.nullable(),
  text: z.object({ subject: z.string(), body: z.string() }).nullable(),
});

const newMail = {
  mailId: MailId,
  kind: MailKind,
  /** Either a contact with its client, or a user. Ids only: the address is read when the mail is sent. */
  clientId: ClientId.nullable(),
  contactId: ContactId.nullable(),
  userId: UserId.nullable(),
  /** The invoice that the mail is about. */
  invoiceId: InvoiceId.optional(),
  requestedBy: RequestedBy,
  /** For the kind `template-test` only. */
  test: TemplateTest.optional(),
  /** The time of the change that caused the mail. */
  at: Instant,
};

const NewMail = z.object(newMail);
/** A mail to queue, in the transaction of the change that causes it. */
export type NewMail = z.output<typeof NewMail>;

/** Why a mail was not sent. It is not retried unless somebody requests it. */
export const MailFailure = z.enum([
  /** The contact, its client or the user was deleted, or has no address. */
  'no-recipient',
  /** A newer mail replaced it, its link was used, or the invoice that it is about was cancelled. */
  'superseded',
  /** An earlier mail to the address bounced, or its owner complained. */
  'suppressed',
  /** The company may not send mail to others yet, because the address of its owner is not verified. */
  'unverified',
  /** The deployment has no sender. */
  'no-sender',
  /** SES accepts no such address. */
  'unsupported-address',
  /** SES rejected the mail permanently. */
  'refused',
  /** SES was unavailable or throttled the mail for a day. */
  'gave-up',
]);
export type MailFailure = z.output<typeof MailFailure>;

export const mailEntity = {
  name: 'mail',
  version: 1,
  schema: z.object({
    ...newMail,
    companyId: CompanyId,
    /**
     * `queued`: the relay sends it to the sender's queue. `sending`: a sender has a lease on it until `leaseUntil`, and it is
     * not known whether SES accepted it. `deferred`: SES did not accept it, and it is retried. `sent` and `failed` are final.
     */
    status: z.enum(['queued', 'sending', 'deferred', 'sent', 'failed']),
    /** When it last became `queued`: the day of retries begins here. */
    queuedAt: Instant,
    /** Claims so far, over all retries. */
    attempts: z.int().nonnegative(),
    leaseUntil: Instant.nullable(),
    sentAt: Instant.nullable(),
    /** SES's id of the mail; the first one, if it was ever sent twice. */
    messageId: z.string().nullable(),
    failure: MailFailure.nullable(),
    /** The time of its last entry in the system log. The next one is later, so that each has its own id. */
    loggedAt: Instant.nullable(),
    /** The SES events that were handled, by kind, with their time: a repeated event has no effect. */
    events: z.record(z.string(), Instant).default({}),
    version: z.int().positive(),
    ttl: z.int(),
  }),
} satisfies Entity;
export type StoredMail = z.output<typeof mailEntity.schema>;

/** Why mail to an address is suppressed. */
export const SuppressionReason = z.enum(['bounced', 'complained']);
export type SuppressionReason = z.output<typeof SuppressionReason>;

/** An address, as a hash, that a company sends no mail to until somebody clears it. */
export const suppressionEntity = {
  name: 'suppressed-address',
  version: 1,
  schema: z.object({ reason: SuppressionReason, at: Instant, mailId: MailId }),
} satisfies Entity;

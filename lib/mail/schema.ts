import * as z from 'zod';
import { ApiTokenId, ClientId, CompanyId, ContactId, GroupId, MailId, UserId } from '../shared/ids.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

/** What is sent, and by that which template it is written with. */
export const MailKind = z.enum([
  'invitation',
  'registration',
  'password-reset',
  'user-invitation',
  'user-password-reset',
  'template-test',
]);
export type MailKind = z.output<typeof MailKind>;

/** Who asked for a mail; null stands for the public and for what the backend does by itself. */
const RequestedBy = z
  .union([
    z.object({ kind: z.literal('user'), id: UserId }),
    z.object({ kind: z.literal('token'), id: ApiTokenId }),
    z.object({ kind: z.literal('contact'), id: ContactId }),
  ])
  .nullable();

/** Of a template's test: which text, for whom, and the words themselves where they are not saved yet. */
const TemplateTest = z.object({
  key: z.string(),
  language: z.string(),
  groupId: GroupId.nullable(),
  /** Whose data the text is filled with; sample data where they are null. */
  clientId: ClientId.nullable(),
  contactId: ContactId.nullable(),
  text: z.object({ subject: z.string(), body: z.string() }).nullable(),
});

const intention = {
  mailId: MailId,
  kind: MailKind,
  /** Either a contact with its client, or a user. Ids only: the address is read when the mail is sent. */
  clientId: ClientId.nullable(),
  contactId: ContactId.nullable(),
  userId: UserId.nullable(),
  requestedBy: RequestedBy,
  /** Of kind `template-test` only. */
  test: TemplateTest.optional(),
  /** When the change happened that the mail is about. */
  at: Instant,
};

const MailIntention = z.object(intention);
/** A mail that a change asks for. It is written with that change, in one transaction. */
export type MailIntention = z.output<typeof MailIntention>;

/** Why a mail was not sent, and will not be unless somebody asks for it again. */
export const MailFailure = z.enum([
  /** The contact, its client or the user is gone, or has no address. */
  'no-recipient',
  /** A newer mail took its place, or what it was about is over. */
  'superseded',
  /** An earlier mail to the address bounced, or its owner complained. */
  'suppressed',
  /** SES takes no such address, which it told or which is known. */
  'unsupported-address',
  /** SES refused the mail for good. */
  'refused',
  /** SES could not be reached, or had no room, for a whole day. */
  'gave-up',
]);
export type MailFailure = z.output<typeof MailFailure>;

export const mailEntity = {
  name: 'mail',
  version: 1,
  schema: z.object({
    ...intention,
    companyId: CompanyId,
    /**
     * `queued`: the relay hands it to the sender's queue. `sending`: a sender has it until `leaseUntil`; whether SES took
     * it is not known. `deferred`: SES did not take it, and it is tried again. `sent` and `failed` are ends.
     */
    status: z.enum(['queued', 'sending', 'deferred', 'sent', 'failed']),
    /** When it last became `queued`: what the day of tries counts from. */
    queuedAt: Instant,
    /** Claims so far, over all retries. */
    attempts: z.int().nonnegative(),
    leaseUntil: Instant.nullable(),
    sentAt: Instant.nullable(),
    /** SES's id of the mail; of the first one, should it ever have gone out twice. */
    messageId: z.string().nullable(),
    failure: MailFailure.nullable(),
    /** The time of its last entry in the system log: the next one is later, so that each has an id of its own. */
    loggedAt: Instant.nullable(),
    /** SES's events that were taken up, by kind with their time: what keeps a repeated one from counting twice. */
    events: z.record(z.string(), Instant).default({}),
    /** By chance, other with each move: so that of two who write the same at the same time one is told no. */
    move: z.string().optional(),
    version: z.int().positive(),
    ttl: z.int(),
  }),
} satisfies Entity<z.ZodType>;
export type StoredMail = z.output<typeof mailEntity.schema>;

/** Why an address takes no more mail. */
export const SuppressionReason = z.enum(['bounced', 'complained']);
export type SuppressionReason = z.output<typeof SuppressionReason>;

/** An address of a company, by its hash alone, that gets no more mail until somebody clears it. */
export const suppressionEntity = {
  name: 'suppressed-address',
  version: 1,
  schema: z.object({ reason: SuppressionReason, at: Instant, mailId: MailId }),
} satisfies Entity<z.ZodType>;

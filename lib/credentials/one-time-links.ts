import { createHash, createHmac } from 'node:crypto';
import * as z from 'zod';
import { ClientId, type CompanyId, ContactId, MailId, UserId } from '../shared/ids.ts';
import { deriveKey } from '../shared/seal.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, type Table, type Write, writes } from '../table/table.ts';

/** What a link lets its holder do: the kind of the mail that brings it. */
export const LinkPurpose = z.enum(['invitation', 'password-reset', 'user-invitation', 'user-password-reset']);
export type LinkPurpose = z.output<typeof LinkPurpose>;

const HOUR = 3600;

/** Seconds that a link is good, from when it is mailed. */
export const LINK_SECONDS: Readonly<Record<LinkPurpose, number>> = {
  invitation: 72 * HOUR,
  'user-invitation': 72 * HOUR,
  'password-reset': HOUR,
  'user-password-reset': HOUR,
};

/** What a mailed secret looks like: 32 bytes in base64url. */
const SECRET = /^[\w-]{43}$/;

const linkEntity = {
  name: 'link',
  version: 1,
  schema: z.object({
    purpose: LinkPurpose,
    mailId: MailId,
    clientId: ClientId.nullable(),
    contactId: ContactId.nullable(),
    userId: UserId.nullable(),
    /** Epoch seconds: what DynamoDB removes after it is over by then, removed or not. */
    ttl: z.int(),
  }),
} satisfies Entity<z.ZodType>;

export type OneTimeLink = z.output<typeof linkEntity.schema>;

interface LinkedMail {
  mailId: MailId;
  kind: LinkPurpose;
  clientId: ClientId | null;
  contactId: ContactId | null;
  userId: UserId | null;
}

/**
 * The secret of the link in a mail. It follows from the mail's id, so every try to send the mail brings the same link; it
 * is kept nowhere, and whoever reads the table cannot tell it.
 */
export function secretOf(linkSecret: string, mailId: MailId): string {
  return createHmac('sha256', deriveKey(linkSecret, 'one-time link')).update(mailId).digest('base64url');
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');

/**
 * One-time links. A link is good while its item is there, its time is not over, and whom it is for still waits for just
 * this mail: so a newer mail voids the older ones, and a mail that is sent again after its link was used opens nothing.
 */
export function oneTimeLinks(table: Table) {
  const on = writes(table.name);
  return {
    /** The write that makes the mail's link good from now on, for the transaction by which a sender takes the mail. */
    issue(company: CompanyId, mail: LinkedMail, secret: string, now: Date): Write {
      const { mailId, kind, clientId, contactId, userId } = mail;
      const ttl = Math.floor(now.getTime() / 1000) + LINK_SECONDS[kind];
      const link: OneTimeLink = { purpose: kind, mailId, clientId, contactId, userId, ttl };
      return on.put(keys.oneTimeLink(company, hashOf(secret)), asItem(linkEntity, link));
    },

    /** The link of a secret that somebody sends; undefined where there is none of that purpose, or no longer. One call. */
    async find(company: CompanyId, secret: string, purpose: LinkPurpose, now: Date): Promise<OneTimeLink | undefined> {
      // What cannot be a secret is no key to look up either.
      if (!SECRET.test(secret)) return undefined;
      const item = await getItem(table, keys.oneTimeLink(company, hashOf(secret)), true);
      const link = item && readItem(linkEntity, item);
      return link?.purpose === purpose && link.ttl > now.getTime() / 1000 ? link : undefined;
    },

    /** The write that uses the link up. @throws what `refusal` makes where another request was first */
    use: (company: CompanyId, secret: string, refusal: () => Error): Write =>
      on.removeExisting(keys.oneTimeLink(company, hashOf(secret)), refusal),
  };
}

export type OneTimeLinks = ReturnType<typeof oneTimeLinks>;

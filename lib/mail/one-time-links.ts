import { createHash, createHmac } from 'node:crypto';
import * as z from 'zod';
import { ClientId, type CompanyId, ContactId, MailId, UserId } from '../shared/ids.ts';
import { deriveKey } from '../shared/seal.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { LinkPurpose, mailKinds } from './kinds.ts';

/** The form of a secret: 32 bytes in base64url. */
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
    /** Epoch seconds of the expiry. DynamoDB removes the item some time after it. */
    ttl: z.int(),
  }),
} satisfies Entity;

export type OneTimeLink = z.output<typeof linkEntity.schema>;

/** The mail that contains a link. */
interface LinkedMail {
  mailId: MailId;
  kind: LinkPurpose;
  clientId: ClientId | null;
  contactId: ContactId | null;
  userId: UserId | null;
}

/**
 * The secret of the link in a mail. It is derived from the mail's id, so every retry sends the same link. It is stored
 * nowhere: the table holds its hash only.
 */
export function secretOf(linkSecret: string, mailId: MailId): string {
  return createHmac('sha256', deriveKey(linkSecret, 'one-time link')).update(mailId).digest('base64url');
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');

/**
 * One-time links. A link is valid while its item exists, has not expired, and its recipient's record names the mail that
 * contains it. So a newer mail supersedes the older ones, and a mail that is sent again after its link was used has an
 * invalid link.
 */
export function oneTimeLinks(table: Table) {
  const on = writes(table.name);
  return {
    /** The write that makes the link of a mail valid from `now`, for the transaction in which the sender claims the mail. */
    issue(company: CompanyId, mail: LinkedMail, secret: string, now: Date): Write {
      const { mailId, kind, clientId, contactId, userId } = mail;
      const ttl = Math.floor(now.getTime() / 1000) + mailKinds[kind].oneTimeLink.seconds;
      const link: OneTimeLink = { purpose: kind, mailId, clientId, contactId, userId, ttl };
      return on.put(keys.oneTimeLink(company, hashOf(secret)), asItem(linkEntity, link));
    },

    /** The link of a secret that a client sent; undefined if it does not exist, expired, or has another purpose. One call. */
    async find(company: CompanyId, secret: string, purpose: LinkPurpose, now: Date): Promise<OneTimeLink | undefined> {
      // Without the form of a secret no read is needed.
      if (!SECRET.test(secret)) return undefined;
      const item = await getItem(table, keys.oneTimeLink(company, hashOf(secret)), true);
      const link = item && readItem(linkEntity, item);
      return link?.purpose === purpose && link.ttl > now.getTime() / 1000 ? link : undefined;
    },

    /** The write that invalidates a used link. @throws the error of `refusal` if another request used it first */
    use: (company: CompanyId, secret: string, refusal: () => Error): Write =>
      on.removeExisting(keys.oneTimeLink(company, hashOf(secret)), refusal),
  };
}

export type OneTimeLinks = ReturnType<typeof oneTimeLinks>;

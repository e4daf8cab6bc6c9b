import { createHash } from 'node:crypto';
import { encodeTime, monotonicFactory, ulid } from 'ulid';
import * as z from 'zod';
import type { Source } from './source.ts';

const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

const idOf = <P extends string>(prefix: P, name: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_${ULID}$`), `must look like ${prefix}_ and 26 characters`)
    .meta({
      id: name,
      description: `An opaque id, ordered by time: \`${prefix}_\` and a ULID.`,
      examples: [`${prefix}_01JD8X3V5QZ7M2K4N6P8R0S1TA`],
    })
    .brand<P>();

export const CompanyId = idOf('co', 'CompanyId');
export type CompanyId = z.infer<typeof CompanyId>;
export const UserId = idOf('usr', 'UserId');
export type UserId = z.infer<typeof UserId>;
export const SessionId = idOf('ses', 'SessionId');
export type SessionId = z.infer<typeof SessionId>;
export const ApiTokenId = idOf('tok', 'ApiTokenId');
export type ApiTokenId = z.infer<typeof ApiTokenId>;
export const ClientId = idOf('cli', 'ClientId');
export type ClientId = z.infer<typeof ClientId>;
export const ContactId = idOf('con', 'ContactId');
export type ContactId = z.infer<typeof ContactId>;
export const GroupId = idOf('grp', 'GroupId');
export type GroupId = z.infer<typeof GroupId>;
export const PricingId = idOf('prc', 'PricingId');
export type PricingId = z.infer<typeof PricingId>;
export const ItemId = idOf('itm', 'ItemId');
export type ItemId = z.infer<typeof ItemId>;

export const DocumentId = idOf('doc', 'DocumentId');
export type DocumentId = z.infer<typeof DocumentId>;
export const LogoId = idOf('logo', 'LogoId');
export type LogoId = z.infer<typeof LogoId>;
export const ActivityId = idOf('act', 'ActivityId');
export type ActivityId = z.infer<typeof ActivityId>;
export const LogId = idOf('log', 'LogId');
export type LogId = z.infer<typeof LogId>;
export const MailId = idOf('mail', 'MailId');
export type MailId = z.infer<typeof MailId>;
export const InvoiceId = idOf('inv', 'InvoiceId');
export type InvoiceId = z.infer<typeof InvoiceId>;
export const PaymentId = idOf('pay', 'PaymentId');
export type PaymentId = z.infer<typeof PaymentId>;
export const CreditId = idOf('crn', 'CreditId');
export type CreditId = z.infer<typeof CreditId>;
export const EntryId = idOf('led', 'EntryId');
export type EntryId = z.infer<typeof EntryId>;

// ulid asks for a number in [0, 1) per character; 32 random bits are more than the 5 that it uses.
const randomFraction = (source: Source) => () => Buffer.from(source.random(4)).readUInt32BE() / 2 ** 32;

/** A new id of the kind that `schema` describes, ordered by the source's time. */
export function mintId<S extends z.ZodType>(schema: S, prefix: string, source: Source): z.output<S> {
  return schema.parse(`${prefix}_${ulid(source.now().getTime(), randomFraction(source))}`);
}

/** Returns a function whose ids sort in the order of its calls, even within a millisecond. */
export function mintInOrder<S extends z.ZodType>(schema: S, prefix: string, source: Source): () => z.output<S> {
  const next = monotonicFactory(randomFraction(source));
  return () => schema.parse(`${prefix}_${next(source.now().getTime())}`);
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** An id that depends on time and seed only, so that a repeated write of the same record gets the same id. */
export function idOfEvent<S extends z.ZodType>(schema: S, prefix: string, at: Date, seed: string): z.output<S> {
  const digest = createHash('sha256').update(seed).digest();
  const rest = Array.from(digest.subarray(0, RANDOM_CHARACTERS), (byte) => CROCKFORD[byte % CROCKFORD.length]);
  return schema.parse(`${prefix}_${encodeTime(at.getTime())}${rest.join('')}`);
}

/** The id of an event of a record at a time. It has the random part of the record's own id, so that it leads back to the record. */
export function idOfTrace<S extends z.ZodType>(schema: S, prefix: string, at: Date, record: string): z.output<S> {
  return schema.parse(`${prefix}_${encodeTime(at.getTime())}${record.slice(-RANDOM_CHARACTERS)}`);
}

const VERSION_CHARACTERS = 7;

/** The id of a record's change to `version`. Within a millisecond, the change to the later version sorts later. */
export function idOfChange<S extends z.ZodType>(
  schema: S,
  prefix: string,
  at: Date,
  version: number,
  record: string,
): z.output<S> {
  const id = idOfEvent(z.string(), prefix, at, `${record}#${version}`);
  const start = prefix.length + 1 + TIME_CHARACTERS;
  const place = encodeTime(version, VERSION_CHARACTERS);
  return schema.parse(id.slice(0, start) + place + id.slice(start + VERSION_CHARACTERS));
}

/** The id of a company's General group. It follows from the company's id, so that no lookup is needed. */
export function generalGroupId(companyId: CompanyId): GroupId {
  return GroupId.parse(companyId.replace(/^co_/, 'grp_'));
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type * as z from 'zod';
import { ApiTokenId, ClientId, CompanyId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';

/** Seconds for which an access token is valid. */
export const ACCESS_SECONDS = 900;
/** Seconds without a refresh after which a session expires. */
export const SESSION_SECONDS = 30 * 24 * 3600;
const SECRET_BYTES = 32;

/** A user's session. */
export interface StaffSession {
  companyId: CompanyId;
  userId: UserId;
  sessionId: SessionId;
}

/** A contact's session in the portal. */
export interface PortalSession {
  companyId: CompanyId;
  clientId: ClientId;
  contactId: ContactId;
  sessionId: SessionId;
}

/** The content of a token that was sent: the ids of the record to look up, and the secret to compare with it. */
export type Presented<T> = T & { secret: string };

/** SHA-256 of a secret. A random secret needs no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether the hash is the secret's. Compares in constant time. */
export function isSecretOf(secret: string, hash: string): boolean {
  const actual = Buffer.from(hashSecret(secret));
  const expected = Buffer.from(hash);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** 256 random bits in base64url. */
export function mintSecret(source: Source): string {
  return Buffer.from(source.random(SECRET_BYTES)).toString('base64url');
}

/** `cla_<company>.<user>.<session>.<secret>`, in the portal `cpa_<company>.<client>.<contact>.<session>.<secret>`. */
export function writeAccessToken(session: StaffSession | PortalSession, secret: string): string {
  return 'contactId' in session ? portalToken('cpa', session, secret) : staffToken('cla', session, secret);
}

/** The same with the prefix `clr_`, in the portal `cpr_`. */
export function writeRefreshToken(session: StaffSession | PortalSession, secret: string): string {
  return 'contactId' in session ? portalToken('cpr', session, secret) : staffToken('clr', session, secret);
}

/** An API token, and the user who made it. */
export interface ApiTokenIds {
  companyId: CompanyId;
  userId: UserId;
  id: ApiTokenId;
}

/** `clt_<token>.<company>.<user>.<secret>`. */
export function writeApiToken({ companyId, userId, id }: ApiTokenIds, secret: string): string {
  return join('clt', [id, companyId, userId], secret);
}

/** The part of an API token that may be shown. */
export function apiTokenPrefix(id: ApiTokenId): string {
  return `clt_${withoutPrefix(id)}`;
}

/** The content of a token; undefined if the text is not such a token. */
export function readStaffToken(kind: 'access' | 'refresh', token: string): Presented<StaffSession> | undefined {
  const { ids, secret } = split(kind === 'access' ? 'cla' : 'clr', 3, token);
  const companyId = idOf(CompanyId, 'co', ids[0]);
  const userId = idOf(UserId, 'usr', ids[1]);
  const sessionId = idOf(SessionId, 'ses', ids[2]);
  return companyId && userId && sessionId && { companyId, userId, sessionId, secret };
}

/** The content of a token; undefined if the text is not such a token. */
export function readPortalToken(kind: 'access' | 'refresh', token: string): Presented<PortalSession> | undefined {
  const { ids, secret } = split(kind === 'access' ? 'cpa' : 'cpr', 4, token);
  const companyId = idOf(CompanyId, 'co', ids[0]);
  const clientId = idOf(ClientId, 'cli', ids[1]);
  const contactId = idOf(ContactId, 'con', ids[2]);
  const sessionId = idOf(SessionId, 'ses', ids[3]);
  return companyId && clientId && contactId && sessionId && { companyId, clientId, contactId, sessionId, secret };
}

/** The content of a token; undefined if the text is not such a token. */
export function readApiToken(token: string): Presented<ApiTokenIds> | undefined {
  const { ids, secret } = split('clt', 3, token);
  const id = idOf(ApiTokenId, 'tok', ids[0]);
  const companyId = idOf(CompanyId, 'co', ids[1]);
  const userId = idOf(UserId, 'usr', ids[2]);
  return id && companyId && userId && { id, companyId, userId, secret };
}

function staffToken(prefix: string, { companyId, userId, sessionId }: StaffSession, secret: string): string {
  return join(prefix, [companyId, userId, sessionId], secret);
}

function portalToken(
  prefix: string,
  { companyId, clientId, contactId, sessionId }: PortalSession,
  secret: string,
): string {
  return join(prefix, [companyId, clientId, contactId, sessionId], secret);
}

const withoutPrefix = (id: string) => id.slice(id.indexOf('_') + 1);

function join(prefix: string, ids: readonly string[], secret: string): string {
  return `${prefix}_${[...ids.map(withoutPrefix), secret].join('.')}`;
}

const SECRET = /^[\w-]{43}$/;
/** The longest one has a prefix, four ids and a secret: 155 characters. */
const MAX_LENGTH = 200;

/** The parts of a token. No ids if the text does not have the prefix, the number of ids and a secret. */
function split(prefix: string, count: number, token: string): { ids: readonly string[]; secret: string } {
  const isPossible = token.length <= MAX_LENGTH && token.startsWith(`${prefix}_`);
  const parts = isPossible ? token.slice(prefix.length + 1).split('.') : [];
  const [ids, secret = ''] = [parts.slice(0, -1), parts.at(-1)];
  return ids.length === count && SECRET.test(secret) ? { ids, secret } : { ids: [], secret: '' };
}

function idOf<S extends z.ZodType>(schema: S, prefix: string, part: string | undefined): z.output<S> | undefined {
  return schema.safeParse(`${prefix}_${part}`).data;
}

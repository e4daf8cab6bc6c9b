import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { ApiTokenId, ClientId, CompanyId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { KeyRing } from './signing-keys.ts';

/** Seconds that an access token is valid. Its account and session are read for every request all the same. */
export const ACCESS_SECONDS = 900;
/** Seconds that an unused session lives. */
export const SESSION_SECONDS = 30 * 24 * 3600;
const SECRET_BYTES = 32;

/** Staff and contacts of clients have tokens of the same make, told apart by whom they are for. */
const Claims = z.discriminatedUnion('aud', [
  z.object({ aud: z.literal('staff'), sub: UserId, co: CompanyId, sid: SessionId }),
  z.object({ aud: z.literal('portal'), sub: ContactId, co: CompanyId, cli: ClientId, sid: SessionId }),
]);

export interface StaffToken {
  userId: UserId;
  companyId: CompanyId;
  sessionId: SessionId;
}

export interface PortalToken {
  contactId: ContactId;
  clientId: ClientId;
  companyId: CompanyId;
  sessionId: SessionId;
}

/** A signed access token (ES256) of a session. */
export async function issueAccessToken(
  ring: KeyRing,
  issuer: string,
  holder: StaffToken | PortalToken,
  now: Date,
): Promise<string> {
  const { kid, privateKey } = await ring.current();
  const issuedAt = Math.floor(now.getTime() / 1000);
  const portal = 'contactId' in holder;
  return new SignJWT({ co: holder.companyId, sid: holder.sessionId, ...(portal && { cli: holder.clientId }) })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(portal ? 'portal' : 'staff')
    .setSubject(portal ? holder.contactId : holder.userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_SECONDS)
    .sign(privateKey);
}

/** Whose access token this is; undefined where it is not one of ours, or no longer. */
export async function readAccessToken(
  ring: KeyRing,
  issuer: string,
  token: string,
  now: Date,
): Promise<StaffToken | PortalToken | undefined> {
  try {
    const { kid } = decodeProtectedHeader(token);
    let key = (await ring.accepted()).find((one) => one.kid === kid);
    if (!key) {
      ring.refresh();
      key = (await ring.accepted()).find((one) => one.kid === kid);
    }
    if (!key) return undefined;
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['ES256'],
      issuer,
      typ: 'at+jwt',
      currentDate: now,
    });
    const claims = Claims.safeParse(payload);
    return claims.success ? holderOf(claims.data) : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function holderOf(claims: z.output<typeof Claims>): StaffToken | PortalToken {
  const { co: companyId, sid: sessionId } = claims;
  if (claims.aud === 'staff') return { userId: claims.sub, companyId, sessionId };
  return { contactId: claims.sub, clientId: claims.cli, companyId, sessionId };
}

/** SHA-256 of a secret that is itself random: nothing slower is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares in constant time. */
export function isSecretOf(secret: string, hash: string): boolean {
  const actual = Buffer.from(hashSecret(secret));
  const expected = Buffer.from(hash);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

export function mintSecret(source: Source): string {
  return Buffer.from(source.random(SECRET_BYTES)).toString('base64url');
}

const bare = (id: string) => id.slice(id.indexOf('_') + 1);

/**
 * `clr_<company>.<user>.<session>.<secret>`, of a contact `clp_<company>.<client>.<contact>.<session>.<secret>`: says where
 * to look, proves with the secret.
 */
export function writeRefreshToken(holder: StaffToken | PortalToken, secret: string): string {
  const { companyId, sessionId } = holder;
  const who = 'contactId' in holder ? [holder.clientId, holder.contactId] : [holder.userId];
  const path = [companyId, ...who, sessionId].map(bare).join('.');
  return `${'contactId' in holder ? 'clp' : 'clr'}_${path}.${secret}`;
}

export function readRefreshToken(token: string): (StaffToken & { secret: string }) | undefined {
  const [, company, user, session, secret] = /^clr_([^.]+)\.([^.]+)\.([^.]+)\.([\w-]{43})$/.exec(token) ?? [];
  const companyId = CompanyId.safeParse(`co_${company}`);
  const userId = UserId.safeParse(`usr_${user}`);
  const sessionId = SessionId.safeParse(`ses_${session}`);
  if (!companyId.success || !userId.success || !sessionId.success || !secret) return undefined;
  return { companyId: companyId.data, userId: userId.data, sessionId: sessionId.data, secret };
}

export function readPortalRefreshToken(token: string): (PortalToken & { secret: string }) | undefined {
  const [, company, client, contact, session, secret] =
    /^clp_([^.]+)\.([^.]+)\.([^.]+)\.([^.]+)\.([\w-]{43})$/.exec(token) ?? [];
  const companyId = CompanyId.safeParse(`co_${company}`);
  const clientId = ClientId.safeParse(`cli_${client}`);
  const contactId = ContactId.safeParse(`con_${contact}`);
  const sessionId = SessionId.safeParse(`ses_${session}`);
  if (!companyId.success || !clientId.success || !contactId.success || !sessionId.success || !secret) return undefined;
  return {
    companyId: companyId.data,
    clientId: clientId.data,
    contactId: contactId.data,
    sessionId: sessionId.data,
    secret,
  };
}

/** `clt_<token>.<company>.<secret>`. */
export function writeApiToken(companyId: CompanyId, id: ApiTokenId, secret: string): string {
  return `clt_${bare(id)}.${bare(companyId)}.${secret}`;
}

export function apiTokenPrefix(id: ApiTokenId): string {
  return `clt_${bare(id)}`;
}

export function readApiToken(token: string): { companyId: CompanyId; id: ApiTokenId; secret: string } | undefined {
  const [, tokenId, company, secret] = /^clt_([^.]+)\.([^.]+)\.([\w-]{43})$/.exec(token) ?? [];
  const id = ApiTokenId.safeParse(`tok_${tokenId}`);
  const companyId = CompanyId.safeParse(`co_${company}`);
  return id.success && companyId.success && secret ? { id: id.data, companyId: companyId.data, secret } : undefined;
}

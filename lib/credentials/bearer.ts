import type * as z from 'zod';
import { fullName } from '../shared/full-name.ts';
import type { CompanyId } from '../shared/ids.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import type { Caller } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { CallerRepository } from './caller-repository.ts';
import type { callersCompany, Session } from './schema.ts';
import { acceptsAccessToken, openSession } from './session-tokens.ts';
import {
  isSecretOf,
  type PortalSession,
  type Presented,
  readApiToken,
  readPortalToken,
  readStaffToken,
  type StaffSession,
} from './tokens.ts';

/** Resolves the value of an Authorization header to the caller; null if it is missing or not valid. */
export type ResolveCaller = (authorization: string | undefined) => Promise<Caller | null>;

const BEARER = /^Bearer +([\w.~+/=-]{1,4096}) *$/i;

/**
 * Resolves bearer tokens. Every request reads account, session and company (and the client of a contact), so that a changed
 * role, a closed client or a revoked token takes effect with the next request. One eventually consistent call. If that does
 * not confirm the token, which may be milliseconds old, a second, consistent one. One more call to note that an API token
 * was used today.
 */
export function bearerResolver(callers: CallerRepository, source: Source): ResolveCaller {
  const isValid = (session: Session | undefined, since: string | undefined, secret: string) => {
    const open = openSession(session, since, source.now());
    return open !== undefined && acceptsAccessToken(open, secret, source.now());
  };

  async function resolveStaff(presented: Presented<StaffSession>, consistent: boolean): Promise<Caller | null> {
    const { companyId, sessionId, secret } = presented;
    const { user, session, company } = await callers.staff(presented, consistent);
    if (user?.status !== 'active' || !company || !isValid(session, user.sessionsSince, secret)) return null;
    const { id, name, role } = user;
    return { kind: 'user', ...companyContext(companyId, company), id, name, role, sessionId };
  }

  async function resolveContact(presented: Presented<PortalSession>, consistent: boolean): Promise<Caller | null> {
    const { companyId, clientId, sessionId, secret } = presented;
    const { contact, client, session, company } = await callers.contact(presented, consistent);
    if (contact?.portal.status !== 'active' || !client || !isPortalOpen(client) || !company) return null;
    if (!isValid(session, contact.sessionsSince, secret)) return null;
    const name = fullName(contact) ?? contact.email ?? '';
    return { kind: 'contact', ...companyContext(companyId, company), id: contact.id, clientId, name, sessionId };
  }

  async function resolveApiToken(bearer: string, consistent: boolean): Promise<Caller | null> {
    const presented = readApiToken(bearer);
    if (!presented) return null;
    const { companyId, id, secret } = presented;
    const { token, company } = await callers.apiToken(companyId, id, consistent);
    if (!token || !company || !isSecretOf(secret, token.secretHash)) return null;
    const today = source.now().toISOString().slice(0, 10);
    if (token.lastUsedOn !== today) await callers.markApiTokenUsed(companyId, id, today);
    return { kind: 'token', ...companyContext(companyId, company), id, name: token.name, role: token.role };
  }

  async function resolve(bearer: string, consistent: boolean): Promise<Caller | null> {
    const staffToken = readStaffToken('access', bearer);
    if (staffToken) return resolveStaff(staffToken, consistent);
    const portalToken = readPortalToken('access', bearer);
    if (portalToken) return resolveContact(portalToken, consistent);
    return resolveApiToken(bearer, consistent);
  }

  return async (authorization) => {
    const [, bearer] = BEARER.exec(authorization ?? '') ?? [];
    if (bearer === undefined) return null;
    return (await resolve(bearer, false)) ?? resolve(bearer, true);
  };
}

function companyContext(companyId: CompanyId, company: z.output<typeof callersCompany.schema>) {
  const { timezone, country, customFieldsDefined, activityDays, clientsModule, mailVerifiedAt } = company;
  const { status, minimumRole, requiredFields } = clientsModule;
  return {
    companyId,
    timezone,
    country,
    customFieldsDefined,
    activityDays,
    mayMailOthers: mailVerifiedAt !== null,
    clientsModule: { status, minimumRole, requiredFields },
  };
}

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

/** Who sends the value of an Authorization header; null for whoever cannot prove to be somebody. */
export type ResolveCaller = (authorization: string | undefined) => Promise<Caller | null>;

const BEARER = /^Bearer +([\w.~+/=-]{1,4096}) *$/i;

/**
 * Resolves bearer tokens. Account, session and company, of a contact its client too, are read for each request, so a changed
 * role, a closed client or a revoked token counts with the next one. One call; a second on an API token's first use of
 * the day, and for a token that the first, eventually consistent read did not confirm: it may be milliseconds old.
 */
export function bearerResolver(callers: CallerRepository, source: Source): ResolveCaller {
  const accepts = (session: Session | undefined, since: string | undefined, secret: string) => {
    const open = openSession(session, since, source.now());
    return open !== undefined && acceptsAccessToken(open, secret, source.now());
  };

  async function staff(presented: Presented<StaffSession>, consistent: boolean): Promise<Caller | null> {
    const { companyId, sessionId, secret } = presented;
    const { user, session, company } = await callers.staff(presented, consistent);
    if (user?.status !== 'active' || !company || !accepts(session, user.sessionsSince, secret)) return null;
    const { id, name, role } = user;
    return { kind: 'user', ...companyPart(companyId, company), id, name, role, sessionId };
  }

  async function contact(presented: Presented<PortalSession>, consistent: boolean): Promise<Caller | null> {
    const { companyId, clientId, sessionId, secret } = presented;
    const { contact: found, client, session, company } = await callers.contact(presented, consistent);
    if (found?.portal.status !== 'active' || !client || !isPortalOpen(client) || !company) return null;
    if (!accepts(session, found.sessionsSince, secret)) return null;
    const name = fullName(found) ?? found.email ?? '';
    return { kind: 'contact', ...companyPart(companyId, company), id: found.id, clientId, name, sessionId };
  }

  async function apiToken(bearer: string, consistent: boolean): Promise<Caller | null> {
    const presented = readApiToken(bearer);
    if (!presented) return null;
    const { companyId, id, secret } = presented;
    const { token, company } = await callers.apiToken(companyId, id, consistent);
    if (!token || !company || !isSecretOf(secret, token.secretHash)) return null;
    const today = source.now().toISOString().slice(0, 10);
    if (token.lastUsedOn !== today) await callers.markApiTokenUsed(companyId, id, today);
    return { kind: 'token', ...companyPart(companyId, company), id, name: token.name, role: token.role };
  }

  async function resolve(bearer: string, consistent: boolean): Promise<Caller | null> {
    const ofStaff = readStaffToken('access', bearer);
    if (ofStaff) return staff(ofStaff, consistent);
    const ofContact = readPortalToken('access', bearer);
    if (ofContact) return contact(ofContact, consistent);
    return apiToken(bearer, consistent);
  }

  return async (authorization) => {
    const [, bearer] = BEARER.exec(authorization ?? '') ?? [];
    if (bearer === undefined) return null;
    return (await resolve(bearer, false)) ?? resolve(bearer, true);
  };
}

function companyPart(companyId: CompanyId, company: z.output<typeof callersCompany.schema>) {
  const { timezone, country, customFieldsDefined, activityDays, clientsModule } = company;
  const { status, minimumRole, requiredFields } = clientsModule;
  return {
    companyId,
    timezone,
    country,
    customFieldsDefined,
    activityDays,
    clientsModule: { status, minimumRole, requiredFields },
  };
}

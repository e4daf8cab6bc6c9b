import type * as z from 'zod';
import { fullName } from '../shared/full-name.ts';
import type { CompanyId } from '../shared/ids.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import type { Caller } from '../shared/principal.ts';
import { lowerOf } from '../shared/roles.ts';
import type { Source } from '../shared/source.ts';
import type { CallerRepository } from './caller-repository.ts';
import type { callersCompany, Session } from './schema.ts';
import { acceptsAccessToken, openSession, portalGeneration, staffGeneration } from './session-tokens.ts';
import {
  type ApiTokenIds,
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
 * Resolves bearer tokens. Every request reads account, session and company (and the client of a contact) in one strongly
 * consistent call, so that a changed role, a new password, a closed client or a revoked token counts with the very next
 * request. One more call to note that an API token was used today.
 */
export function bearerResolver(callers: CallerRepository, source: Source): ResolveCaller {
  const isValid = (session: Session | undefined, generation: string, secret: string) => {
    const open = openSession(session, generation, source.now());
    return open !== undefined && acceptsAccessToken(open, secret, source.now());
  };

  async function resolveStaff({ secret, ...ids }: Presented<StaffSession>): Promise<Caller | null> {
    const { user, session, company } = await callers.staff(ids);
    if (user?.status !== 'active' || !company || !isValid(session, staffGeneration(user), secret)) return null;
    const { id, name, role } = user;
    return { kind: 'user', ...companyContext(ids.companyId, company), id, name, role, sessionId: ids.sessionId };
  }

  async function resolveContact({ secret, ...ids }: Presented<PortalSession>): Promise<Caller | null> {
    const { contact, client, session, company } = await callers.contact(ids);
    if (contact?.portal.status !== 'active' || !client || !isPortalOpen(client) || !company) return null;
    if (!isValid(session, portalGeneration(contact, client), secret)) return null;
    const { companyId, clientId, sessionId } = ids;
    const name = fullName(contact) ?? contact.email ?? '';
    return { kind: 'contact', ...companyContext(companyId, company), id: contact.id, clientId, name, sessionId };
  }

  async function resolveApiToken({ secret, ...ids }: Presented<ApiTokenIds>): Promise<Caller | null> {
    const { companyId, userId, id } = ids;
    const { token, maker, company } = await callers.apiToken(ids);
    if (!token || !company || token.createdBy !== userId || !isSecretOf(secret, token.secretHash)) return null;
    if (maker?.status !== 'active' || maker.apiTokenGeneration !== token.generation) return null;
    const now = source.now().toISOString();
    if (token.expiresAt !== null && token.expiresAt <= now) return null;
    const today = now.slice(0, 10);
    if (token.lastUsedOn !== today) await callers.markApiTokenUsed(companyId, id, today);
    const role = lowerOf(token.role, maker.role);
    return { kind: 'token', ...companyContext(companyId, company), id, name: token.name, role };
  }

  return async (authorization) => {
    const [, bearer = ''] = BEARER.exec(authorization ?? '') ?? [];
    const staff = readStaffToken('access', bearer);
    if (staff) return resolveStaff(staff);
    const contact = readPortalToken('access', bearer);
    if (contact) return resolveContact(contact);
    const apiToken = readApiToken(bearer);
    return apiToken ? resolveApiToken(apiToken) : null;
  };
}

function companyContext(companyId: CompanyId, company: z.output<typeof callersCompany.schema>) {
  const { timezone, country, customFieldsDefined, customFieldShapes, activityDays, clientsModule, mailVerifiedAt } =
    company;
  const { status, minimumRole, requiredFields } = clientsModule;
  return {
    companyId,
    timezone,
    country,
    customFieldsDefined,
    customFieldShapes,
    activityDays,
    mayMailOthers: mailVerifiedAt !== null,
    clientsModule: { status, minimumRole, requiredFields },
  };
}

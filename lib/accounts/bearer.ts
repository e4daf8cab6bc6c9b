import { goodSession } from '../credentials/session-frame.ts';
import type { KeyRing } from '../credentials/signing-keys.ts';
import { isSecretOf, type PortalToken, readAccessToken, readApiToken, type StaffToken } from '../credentials/tokens.ts';
import type { PortalRepository } from '../portal/repository.ts';
import { fullName } from '../shared/full-name.ts';
import { isOpen } from '../shared/portal-access.ts';
import type { Caller } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { AccountRepository, StoredCompany } from './repository.ts';

interface AuthorizerDeps {
  accounts: AccountRepository;
  portal: Pick<PortalRepository, 'portalState'>;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

function ofCompany({ id, timezone, country, customFieldsDefined, activityDays, clientsModule }: StoredCompany) {
  const { status, minimumRole, requiredFields } = clientsModule;
  return {
    companyId: id,
    timezone,
    country,
    customFieldsDefined,
    activityDays,
    clientsModule: { status, minimumRole, requiredFields },
  };
}

/**
 * Who calls with an Authorization header: account, session and company, of a contact its client too, are read afresh, so a
 * changed role, a closed client or a revoked token counts with the next request. Null for whoever cannot prove to be
 * somebody. One call, a second on an API token's first use of the day.
 */
export function bearerResolver({ accounts, portal, ring, issuer, source }: AuthorizerDeps) {
  async function staff({ companyId, userId, sessionId }: StaffToken): Promise<Caller | null> {
    const { user, session, company } = await accounts.sessionState(companyId, userId, sessionId);
    if (user?.status !== 'active' || !company) return null;
    if (!goodSession(session, user.sessionsSince, source.now())) return null;
    return { kind: 'user', ...ofCompany(company), id: user.id, name: user.name, role: user.role, sessionId };
  }

  async function contactOf({ companyId, sessionId, ...place }: PortalToken): Promise<Caller | null> {
    const { contact, client, session, company } = await portal.portalState(companyId, place, sessionId);
    if (contact?.portal.status !== 'active' || !client || !isOpen(client) || !company) return null;
    if (!goodSession(session, contact.sessionsSince, source.now())) return null;
    const name = fullName(contact) ?? contact.email ?? '';
    return { kind: 'contact', ...ofCompany(company), id: contact.id, clientId: client.id, name, sessionId };
  }

  async function apiToken(bearer: string): Promise<Caller | null> {
    const named = readApiToken(bearer);
    if (!named) return null;
    const { token, company } = await accounts.tokenState(named.companyId, named.id);
    if (!token || !company || !isSecretOf(named.secret, token.secretHash)) return null;
    const today = source.now().toISOString().slice(0, 10);
    if (token.lastUsedOn !== today) await accounts.markTokenUsed(named.companyId, named.id, today);
    return { kind: 'token', ...ofCompany(company), id: token.id, name: token.name, role: token.role };
  }

  return async (authorization: string | undefined): Promise<Caller | null> => {
    const [, bearer] = /^Bearer +([\w.~+/=-]{1,4096}) *$/i.exec(authorization ?? '') ?? [];
    if (bearer === undefined) return null;
    if (bearer.startsWith('clt_')) return apiToken(bearer);
    const holder = await readAccessToken(ring, issuer, bearer, source.now());
    if (!holder) return null;
    return 'contactId' in holder ? contactOf(holder) : staff(holder);
  };
}

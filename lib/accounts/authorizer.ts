import type { Source } from '../ids.ts';
import type { Principal } from '../principal.ts';
import type { AccountRepository, StoredCompany } from './repository.ts';
import type { KeyRing } from './signing-keys.ts';
import { isSecretOf, readAccessToken, readApiToken } from './tokens.ts';

interface AuthorizerDeps {
  accounts: AccountRepository;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

function ofCompany({ id, timezone, country, customFieldsDefined, clientsModule }: StoredCompany) {
  const { status, minimumRole, requiredFields } = clientsModule;
  return {
    companyId: id,
    timezone,
    country,
    customFieldsDefined,
    clientsModule: { status, minimumRole, requiredFields },
  };
}

/**
 * Who calls with an Authorization header: account, session and company are read afresh, so a changed role or a revoked
 * token counts with the next request. Null for whoever cannot prove to be somebody. One call, a second on an API token's
 * first use of the day.
 */
export function bearerResolver({ accounts, ring, issuer, source }: AuthorizerDeps) {
  async function staff(token: string): Promise<Principal | null> {
    const holder = await readAccessToken(ring, issuer, token, source.now());
    if (!holder) return null;
    const { user, session, company } = await accounts.sessionState(holder.companyId, holder.userId, holder.sessionId);
    if (user?.status !== 'active' || !session || !company) return null;
    return { kind: 'user', ...ofCompany(company), id: user.id, role: user.role, sessionId: session.id };
  }

  async function apiToken(bearer: string): Promise<Principal | null> {
    const named = readApiToken(bearer);
    if (!named) return null;
    const { token, company } = await accounts.tokenState(named.companyId, named.id);
    if (!token || !company || !isSecretOf(named.secret, token.secretHash)) return null;
    const today = source.now().toISOString().slice(0, 10);
    if (token.lastUsedOn !== today) await accounts.markTokenUsed(named.companyId, named.id, today);
    return { kind: 'token', ...ofCompany(company), id: token.id, role: token.role };
  }

  return async (authorization: string | undefined): Promise<Principal | null> => {
    const [, bearer] = /^Bearer +([\w.~+/=-]{1,4096}) *$/i.exec(authorization ?? '') ?? [];
    if (bearer === undefined) return null;
    return bearer.startsWith('clt_') ? apiToken(bearer) : staff(bearer);
  };
}

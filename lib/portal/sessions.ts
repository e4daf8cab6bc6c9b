import type { AccountRepository } from '../accounts/repository.ts';
import { Slug, type Tokens } from '../accounts/schema.ts';
import { verifyPassword } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import { goodSession, refusedRefresh, sessionFrame } from '../credentials/session-frame.ts';
import type { KeyRing } from '../credentials/signing-keys.ts';
import { readPortalRefreshToken } from '../credentials/tokens.ts';
import { Problem } from '../shared/errors.ts';
import { ClientId, ContactId } from '../shared/ids.ts';
import { isOpen } from '../shared/portal-access.ts';
import type { PortalPrincipal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import { usernameKey } from '../shared/username.ts';
import type { Write } from '../table/table.ts';
import type { PortalRepository } from './repository.ts';
import type { PortalMe, PortalSignIn } from './schema.ts';

export interface PortalSessionDeps {
  accounts: Pick<AccountRepository, 'companyIdOf'>;
  portal: PortalRepository;
  attempts: SignInAttempts;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

/** Nobody's place: what is read where a username is nobody's, so that it takes as long. */
const NOWHERE = {
  clientId: ClientId.parse(`cli_${'0'.repeat(26)}`),
  contactId: ContactId.parse(`con_${'0'.repeat(26)}`),
};

/** Sign-in, refresh and sign-out of contacts, and who they are. */
export function portalSessions({ accounts, portal, attempts, ring, issuer, source }: PortalSessionDeps) {
  const frame = sessionFrame({ sessions: portal, ring, issuer, source });

  return {
    /**
     * Tokens for a company's slug, a username and its password. Every way to fail takes the same work and gives the same
     * answer, a closed client's too.
     * @throws Problem `sign-in-failed`, `too-many-attempts`; `module-inactive` for whoever has the right password
     */
    async signIn({ company: slug, username, password }: PortalSignIn, address: string): Promise<Tokens> {
      await attempts.checkAddress(address);
      // What cannot be a slug is no key to look up either.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      const name = username.normalize('NFKC');
      if (companyId) await attempts.take(companyId, name);
      const holder = companyId && (await portal.holderOf(companyId, usernameKey(name)));
      const state = companyId && (await portal.signInState(companyId, holder ?? NOWHERE));
      const matches = await verifyPassword(password, holder && state ? state.login?.passwordHash : undefined);
      const { contact, client, company } = state || {};
      const admitted = matches && contact?.portal.status === 'active' && client && isOpen(client);
      if (!companyId || !holder || !admitted) {
        await attempts.failAddress(address);
        throw new Problem('sign-in-failed');
      }
      if (company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      const [tokens] = await Promise.all([
        frame.open({ companyId, ...holder }),
        portal.noteSignIn(companyId, holder, source.now().toISOString()),
        attempts.forgive(companyId, name),
      ]);
      return tokens;
    },

    /** New tokens for a refresh token, which is spent by that. @throws Problem `unauthenticated`, `module-inactive` */
    async refresh(token: string, remember: (tokens: Tokens) => readonly Write[]): Promise<Tokens> {
      const holder = readPortalRefreshToken(token);
      if (!holder) throw refusedRefresh();
      const { contact, client, session, company } = await portal.portalState(
        holder.companyId,
        holder,
        holder.sessionId,
      );
      if (contact?.portal.status !== 'active' || !client || !isOpen(client)) throw refusedRefresh();
      const good = goodSession(session, contact.sessionsSince, source.now());
      if (good && company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      return frame.rotate(holder, good, remember);
    },

    /** Ends the session, and the one of the refresh token if that is the same contact's. */
    async signOut({ companyId, id, sessionId }: PortalPrincipal, refreshToken: string | undefined): Promise<void> {
      await portal.closeSession(companyId, id, sessionId);
      const other = refreshToken === undefined ? undefined : readPortalRefreshToken(refreshToken);
      if (other?.contactId === id && other.sessionId !== sessionId)
        await portal.closeSession(companyId, id, other.sessionId);
    },

    /** One call. @throws Problem `not-found` where the contact has just gone */
    async me({ companyId, clientId, id }: PortalPrincipal): Promise<PortalMe> {
      const { contact, client, company } = await portal.me(companyId, { clientId, contactId: id });
      if (!contact || !client || !company) throw new Problem('not-found');
      return { contact: { ...contact, username: contact.portal.username }, client, company };
    },
  };
}

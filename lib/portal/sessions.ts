import type { AccountRepository } from '../accounts/repository.ts';
import { Slug } from '../accounts/schema.ts';
import type { CallerRepository } from '../credentials/caller-repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import type { Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { invalidRefreshToken, openSession, sessionTokens } from '../credentials/session-tokens.ts';
import { readPortalToken } from '../credentials/tokens.ts';
import { Problem } from '../shared/errors.ts';
import { ClientId, ContactId } from '../shared/ids.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import type { PortalPrincipal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import { usernameKey } from '../shared/username.ts';
import type { Commit } from '../table/transaction.ts';
import type { PortalRepository } from './repository.ts';
import type { PortalMe, PortalSignIn } from './schema.ts';

interface PortalSessionDeps {
  accounts: Pick<AccountRepository, 'companyIdOf'>;
  portal: PortalRepository;
  sessions: SessionRepository;
  callers: CallerRepository;
  attempts: SignInAttempts;
  hashing: PasswordHashing;
  source: Source;
}

/** Ids that no contact has. They are read for an unknown username, so that the request takes as long. */
const UNKNOWN_CONTACT = {
  clientId: ClientId.parse(`cli_${'0'.repeat(26)}`),
  contactId: ContactId.parse(`con_${'0'.repeat(26)}`),
};

/** Sign-in, refresh and sign-out of contacts, and their own account. */
export function portalSessions({ accounts, portal, sessions, callers, attempts, hashing, source }: PortalSessionDeps) {
  const tokens = sessionTokens(sessions, source);

  return {
    /**
     * Tokens for a company's slug, a username and its password. Every failure takes the same work and has the same reply, also
     * if the client's portal is closed.
     * @throws Problem `sign-in-failed`, `too-many-attempts`; `module-inactive` if the password is right
     */
    async signIn({ company: slug, username, password }: PortalSignIn, address: string): Promise<Tokens> {
      await attempts.checkAddress(address);
      // An ill-formed slug would be an ill-formed key.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      const name = username.normalize('NFKC');
      if (companyId) await attempts.take(companyId, name);
      const holder = companyId && (await portal.holderOf(companyId, usernameKey(name)));
      const state = companyId && (await portal.signInState(companyId, holder ?? UNKNOWN_CONTACT));
      const matches = await hashing.verify(password, holder && state ? state.login?.passwordHash : undefined);
      const { contact, client, company } = state || {};
      const admitted = matches && contact?.portal.status === 'active' && client && isPortalOpen(client);
      if (!companyId || !holder || !admitted) {
        await attempts.failAddress(address);
        throw new Problem('sign-in-failed');
      }
      if (company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      const [issued] = await Promise.all([
        tokens.open({ companyId, ...holder }),
        portal.recordSignIn(companyId, holder, source.now().toISOString()),
        attempts.clear(companyId, name),
      ]);
      return issued;
    },

    /** New tokens for a refresh token, which is then used up. @throws Problem `unauthenticated`, `module-inactive` */
    async refresh(refreshToken: string, commit: Commit<Tokens>): Promise<Tokens> {
      const presented = readPortalToken('refresh', refreshToken);
      if (!presented) throw invalidRefreshToken();
      const { contact, client, session, company } = await callers.contact(presented);
      if (contact?.portal.status !== 'active' || !client || !isPortalOpen(client)) throw invalidRefreshToken();
      const open = openSession(session, contact.sessionsSince, source.now());
      if (open && company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      return tokens.rotate(presented, open, commit);
    },

    /** Ends the caller's session, and the session of the refresh token if it is another one of the same contact. */
    async signOut({ companyId, id, sessionId }: PortalPrincipal, refreshToken: string | undefined): Promise<void> {
      await sessions.close(companyId, id, sessionId);
      const other = refreshToken === undefined ? undefined : readPortalToken('refresh', refreshToken);
      if (other?.contactId === id && other.sessionId !== sessionId)
        await sessions.close(companyId, id, other.sessionId);
    },

    /** The caller's own account. One call. @throws Problem `not-found` if the contact has just been deleted */
    async me({ companyId, clientId, id }: PortalPrincipal): Promise<PortalMe> {
      const { contact, client, company } = await portal.me(companyId, { clientId, contactId: id });
      if (!contact || !client || !company) throw new Problem('not-found');
      return { contact: { ...contact, username: contact.portal.username }, client, company };
    },
  };
}

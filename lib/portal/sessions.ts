import type { AccountRepository } from '../accounts/repository.ts';
import { Slug } from '../accounts/schema.ts';
import type { CallerRepository } from '../credentials/caller-repository.ts';
import type { DeviceTokens } from '../credentials/devices.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import type { SignedIn, Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { invalidRefreshToken, openSession, portalGeneration, sessionTokens } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
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
  devices: DeviceTokens;
  hashing: PasswordHashing;
  commit: Commit<unknown>;
  source: Source;
}

/** Ids that no contact has. They are read for an unknown username, so that the request takes as long. */
const UNKNOWN_CONTACT = {
  clientId: ClientId.parse(`cli_${'0'.repeat(26)}`),
  contactId: ContactId.parse(`con_${'0'.repeat(26)}`),
};

/** Sign-in, refresh and sign-out of contacts, and their own account. */
export function portalSessions(deps: PortalSessionDeps) {
  const { accounts, portal, sessions, callers, attempts, devices, hashing, commit, source } = deps;
  const tokens = sessionTokens(sessions, source);

  return {
    /**
     * Tokens for a company's slug, a username and its password. Every failure takes the same work and has the same reply, also
     * if the client's portal is closed. The session opens in one transaction with the check that the password is still the
     * present one and the portal still open.
     * @throws Problem `sign-in-failed`, `too-many-attempts`; `module-inactive` if the password is right
     */
    async signIn(input: PortalSignIn, address: string): Promise<SignedIn> {
      const { company: slug, username, password, deviceToken } = input;
      const failed = () => new Problem('sign-in-failed');
      // An ill-formed slug would be an ill-formed key.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      if (!companyId) {
        await attempts.checkAddress(address);
        await hashing.verify(password, undefined);
        await attempts.failAddress(address);
        throw failed();
      }
      const name = username.normalize('NFKC');
      const origin = await devices.originOf(companyId, name, deviceToken, address);
      const admitted = await attempts.check(companyId, name, origin);
      const holder = await portal.holderOf(companyId, usernameKey(name));
      const { login, contact, client, company } = await portal.signInState(companyId, holder ?? UNKNOWN_CONTACT);
      const passwordHash = holder ? login?.passwordHash : undefined;
      const matches = await hashing.verify(password, passwordHash);
      const isOpen = contact?.portal.status === 'active' && client && isPortalOpen(client);
      if (!holder || !passwordHash || !matches || !isOpen) {
        const lockedUntil = await attempts.fail(companyId, name, origin);
        // For an unknown username too, so that the request takes as long.
        if (lockedUntil) await portal.showLock(companyId, holder ?? UNKNOWN_CONTACT, lockedUntil);
        throw failed();
      }
      if (company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      const session = tokens.open({ companyId, ...holder }, portalGeneration(contact, client));
      const at = source.now().toISOString();
      const opening = [
        session.write,
        ...portal.writesToSignIn(companyId, { contact, client, passwordHash, at }, failed),
      ];
      await attempts.succeed({ company: companyId, account: name, origin, admitted }, (clear) =>
        commit([...opening, ...clear], undefined),
      );
      return { ...session.tokens, deviceToken: await devices.tokenFor(companyId, name, origin) };
    },

    /** New tokens for a refresh token, which is then used up. @throws Problem `unauthenticated`, `module-inactive` */
    async refresh(refreshToken: string, commitTokens: Commit<Tokens>): Promise<Tokens> {
      const presented = readPortalToken('refresh', refreshToken);
      if (!presented) throw invalidRefreshToken();
      const { contact, client, session, company } = await callers.contact(presented);
      if (contact?.portal.status !== 'active' || !client || !isPortalOpen(client)) throw invalidRefreshToken();
      const open = openSession(session, portalGeneration(contact, client), source.now());
      if (open && company?.clientsModule.status !== 'active') throw new Problem('module-inactive');
      return tokens.rotate(presented, open, commitTokens);
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

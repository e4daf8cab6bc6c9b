import type { CallerRepository } from '../credentials/caller-repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import type { Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { invalidRefreshToken, openSession, sessionTokens } from '../credentials/session-tokens.ts';
import { readStaffToken } from '../credentials/tokens.ts';
import { Problem } from '../shared/errors.ts';
import type { UserPrincipal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import { Slug } from './schema.ts';

interface SessionDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  callers: CallerRepository;
  attempts: SignInAttempts;
  hashing: PasswordHashing;
  source: Source;
}

/** Sign-in, refresh and sign-out of staff. */
export function staffSessions({ accounts, sessions, callers, attempts, hashing, source }: SessionDeps) {
  const tokens = sessionTokens(sessions, source);

  return {
    /**
     * Tokens for a company's slug, an e-mail address and its password. Every failure takes the same work and has the same
     * reply, so that it does not reveal whether an account exists.
     * @throws Problem `sign-in-failed` or `too-many-attempts`
     */
    async signIn(slug: string, email: string, password: string, address: string): Promise<Tokens> {
      await attempts.checkAddress(address);
      // An ill-formed slug would be an ill-formed key.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      if (companyId) await attempts.take(companyId, email);
      const login = companyId && (await accounts.login(companyId, email));
      const [matches, user] = await Promise.all([
        hashing.verify(password, login?.passwordHash),
        companyId && login ? accounts.user(companyId, login.userId) : undefined,
      ]);
      if (!companyId || !login || !matches || user?.status !== 'active') {
        await attempts.failAddress(address);
        throw new Problem('sign-in-failed');
      }
      const [issued] = await Promise.all([
        tokens.open({ companyId, userId: login.userId }),
        attempts.clear(companyId, email),
      ]);
      return issued;
    },

    /** New tokens for a refresh token, which is then used up. @throws Problem `unauthenticated` */
    async refresh(refreshToken: string, commit: Commit<Tokens>): Promise<Tokens> {
      const presented = readStaffToken('refresh', refreshToken);
      if (!presented) throw invalidRefreshToken();
      const { user, session } = await callers.staff(presented);
      if (user?.status !== 'active') throw invalidRefreshToken();
      return tokens.rotate(presented, openSession(session, user.sessionsSince, source.now()), commit);
    },

    /** Ends the caller's session, and the session of the refresh token if it is another one of the same user. */
    async signOut({ companyId, id, sessionId }: UserPrincipal, refreshToken: string | undefined): Promise<void> {
      await sessions.close(companyId, id, sessionId);
      const other = refreshToken === undefined ? undefined : readStaffToken('refresh', refreshToken);
      if (other?.userId === id && other.sessionId !== sessionId) await sessions.close(companyId, id, other.sessionId);
    },
  };
}

import type { CallerRepository } from '../credentials/caller-repository.ts';
import type { DeviceTokens } from '../credentials/devices.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import type { SignedIn, Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { invalidRefreshToken, openSession, sessionTokens, staffGeneration } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import { readStaffToken } from '../credentials/tokens.ts';
import { Problem } from '../shared/errors.ts';
import type { UserPrincipal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import { type SignIn, Slug } from './schema.ts';
import { UNKNOWN_USER } from './unknown-accounts.ts';

interface SessionDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  callers: CallerRepository;
  attempts: SignInAttempts;
  devices: DeviceTokens;
  hashing: PasswordHashing;
  commit: Commit<unknown>;
  source: Source;
}

/** Sign-in, refresh and sign-out of staff. */
export function staffSessions(deps: SessionDeps) {
  const { accounts, sessions, callers, attempts, devices, hashing, commit, source } = deps;
  const tokens = sessionTokens(sessions, source);

  return {
    /**
     * Tokens for a company's slug, an e-mail address and its password. Every failure takes the same work and has the same
     * reply, so that it does not reveal whether an account exists. The session opens in one transaction with the check that
     * the password is still the present one.
     * @throws Problem `sign-in-failed` or `too-many-attempts`
     */
    async signIn(input: SignIn, address: string): Promise<SignedIn> {
      const { company: slug, email, password, deviceToken } = input;
      const failed = () => new Problem('sign-in-failed');
      // An ill-formed slug would be an ill-formed key.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      if (!companyId) {
        await attempts.checkAddress(address);
        await hashing.verify(password, undefined);
        await attempts.failAddress(address);
        throw failed();
      }
      const origin = await devices.originOf(companyId, email, deviceToken, address);
      const admitted = await attempts.check(companyId, email, origin);
      const login = await accounts.login(companyId, email);
      const [matches, user] = await Promise.all([
        hashing.verify(password, login?.passwordHash),
        accounts.user(companyId, login?.userId ?? UNKNOWN_USER),
      ]);
      if (!login?.passwordHash || !matches || user?.status !== 'active') {
        await attempts.fail(companyId, email, origin);
        throw failed();
      }
      const session = tokens.open({ companyId, userId: user.id }, staffGeneration(user));
      const opening = [session.write, ...accounts.requirePassword(companyId, user, login.passwordHash, failed)];
      await attempts.succeed({ company: companyId, account: email, origin, admitted }, (clear) =>
        commit([...opening, ...clear], undefined),
      );
      return { ...session.tokens, deviceToken: await devices.tokenFor(companyId, email, origin) };
    },

    /** New tokens for a refresh token, which is then used up. @throws Problem `unauthenticated` */
    async refresh(refreshToken: string, commitTokens: Commit<Tokens>): Promise<Tokens> {
      const presented = readStaffToken('refresh', refreshToken);
      if (!presented) throw invalidRefreshToken();
      const { user, session } = await callers.staff(presented);
      if (user?.status !== 'active') throw invalidRefreshToken();
      return tokens.rotate(presented, openSession(session, staffGeneration(user), source.now()), commitTokens);
    },

    /** Ends the caller's session, and the session of the refresh token if it is another one of the same user. */
    async signOut({ companyId, id, sessionId }: UserPrincipal, refreshToken: string | undefined): Promise<void> {
      await sessions.close(companyId, id, sessionId);
      const other = refreshToken === undefined ? undefined : readStaffToken('refresh', refreshToken);
      if (other?.userId === id && other.sessionId !== sessionId) await sessions.close(companyId, id, other.sessionId);
    },
  };
}

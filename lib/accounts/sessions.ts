import { verifyPassword } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import { goodSession, refusedRefresh, sessionFrame } from '../credentials/session-frame.ts';
import type { KeyRing } from '../credentials/signing-keys.ts';
import { readRefreshToken, type StaffToken } from '../credentials/tokens.ts';
import { Problem } from '../shared/errors.ts';
import type { Source } from '../shared/source.ts';
import type { Write } from '../table/table.ts';
import type { AccountRepository } from './repository.ts';
import { Slug, type Tokens } from './schema.ts';

export interface SessionDeps {
  accounts: AccountRepository;
  attempts: SignInAttempts;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

/** Sign-in, refresh and sign-out of staff. */
export function sessionService({ accounts, attempts, ring, issuer, source }: SessionDeps) {
  const frame = sessionFrame({ sessions: accounts, ring, issuer, source });

  return {
    /**
     * Tokens for a company's slug, an e-mail address and its password. Every way to fail takes the same work and gives the
     * same answer.
     * @throws Problem `sign-in-failed` or `too-many-attempts`
     */
    async signIn(slug: string, email: string, password: string, address: string): Promise<Tokens> {
      await attempts.checkAddress(address);
      // What cannot be a slug is no key to look up either.
      const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
      if (companyId) await attempts.take(companyId, email);
      const login = companyId && (await accounts.login(companyId, email));
      const [matches, user] = await Promise.all([
        verifyPassword(password, login?.passwordHash),
        companyId && login ? accounts.user(companyId, login.userId) : undefined,
      ]);
      if (!companyId || !login || !matches || user?.status !== 'active') {
        await attempts.failAddress(address);
        throw new Problem('sign-in-failed');
      }
      const holder = { companyId, userId: login.userId };
      const [tokens] = await Promise.all([frame.open(holder), attempts.forgive(companyId, email)]);
      return tokens;
    },

    /** New tokens for a refresh token, which is spent by that. @throws Problem `unauthenticated` */
    async refresh(token: string, remember: (tokens: Tokens) => readonly Write[]): Promise<Tokens> {
      const holder = readRefreshToken(token);
      if (!holder) throw refusedRefresh();
      const { user, session } = await accounts.sessionState(holder.companyId, holder.userId, holder.sessionId);
      if (user?.status !== 'active') throw refusedRefresh();
      return frame.rotate(holder, goodSession(session, user.sessionsSince, source.now()), remember);
    },

    /** Ends the session, and the one of the refresh token if that is the same user's. */
    async signOut(holder: StaffToken, refreshToken: string | undefined): Promise<void> {
      await accounts.closeSession(holder.companyId, holder.userId, holder.sessionId);
      const other = refreshToken === undefined ? undefined : readRefreshToken(refreshToken);
      if (other?.userId === holder.userId && other.sessionId !== holder.sessionId)
        await accounts.closeSession(holder.companyId, holder.userId, other.sessionId);
    },
  };
}

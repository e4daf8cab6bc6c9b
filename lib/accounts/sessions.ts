import { Problem } from '../errors.ts';
import { type CompanyId, mintId, SessionId, type Source, type UserId } from '../ids.ts';
import type { Write } from '../table/table.ts';
import type { SignInAttempts } from './attempts.ts';
import { verifyPassword } from './passwords.ts';
import type { AccountRepository } from './repository.ts';
import { Slug, type Tokens } from './schema.ts';
import type { KeyRing } from './signing-keys.ts';
import {
  ACCESS_SECONDS,
  hashSecret,
  isSecretOf,
  issueAccessToken,
  mintSecret,
  readRefreshToken,
  SESSION_SECONDS,
  type StaffToken,
  writeRefreshToken,
} from './tokens.ts';

export interface SessionDeps {
  accounts: AccountRepository;
  attempts: SignInAttempts;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

/** Sign-in, refresh and sign-out of staff. */
export function sessionService({ accounts, attempts, ring, issuer, source }: SessionDeps) {
  async function tokensFor(holder: StaffToken, secret: string): Promise<Tokens> {
    return {
      accessToken: await issueAccessToken(ring, issuer, holder, source.now()),
      refreshToken: writeRefreshToken(holder, secret),
      tokenType: 'Bearer',
      expiresIn: ACCESS_SECONDS,
    };
  }

  const expiry = () => Math.floor(source.now().getTime() / 1000) + SESSION_SECONDS;

  async function open(companyId: CompanyId, userId: UserId): Promise<Tokens> {
    const secret = mintSecret(source);
    const holder = { companyId, userId, sessionId: mintId(SessionId, 'ses', source) };
    await accounts.openSession(companyId, {
      id: holder.sessionId,
      userId,
      refreshHash: hashSecret(secret),
      createdAt: source.now().toISOString(),
      ttl: expiry(),
    });
    return tokensFor(holder, secret);
  }

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
      const [tokens] = await Promise.all([open(companyId, login.userId), attempts.forgive(companyId, email)]);
      return tokens;
    },

    /**
     * New tokens for a refresh token, which is spent by that. A spent one that comes again was stolen, by one of the two
     * who hold it: the session ends for both (RFC 9700, 4.14.2).
     * @throws Problem `unauthenticated`
     */
    async refresh(token: string, remember: (tokens: Tokens) => readonly Write[]): Promise<Tokens> {
      const refused = new Problem('unauthenticated', {
        detail: 'The refresh token is not valid (any more). Sign in again.',
      });
      const holder = readRefreshToken(token);
      if (!holder) throw refused;
      const { companyId, userId, sessionId } = holder;
      const { user, session } = await accounts.sessionState(companyId, userId, sessionId);
      if (user?.status !== 'active' || !session || session.ttl <= source.now().getTime() / 1000) throw refused;
      const secret = mintSecret(source);
      const tokens = await tokensFor(holder, secret);
      const rotated =
        isSecretOf(holder.secret, session.refreshHash) &&
        (await accounts.rotateSession(
          companyId,
          session,
          { from: session.refreshHash, to: hashSecret(secret), ttl: expiry() },
          remember(tokens),
        ));
      if (rotated) return tokens;
      await accounts.closeSession(companyId, userId, sessionId);
      throw refused;
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

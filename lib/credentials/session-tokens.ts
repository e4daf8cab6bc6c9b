import { Problem } from '../shared/errors.ts';
import { mintId, SessionId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Commit, Write } from '../table/transaction.ts';
import type { AccessToken, Session, Tokens } from './schema.ts';
import type { SessionHolder, SessionRepository } from './session-repository.ts';
import {
  ACCESS_SECONDS,
  hashSecret,
  isSecretOf,
  mintSecret,
  type PortalSession,
  type Presented,
  SESSION_SECONDS,
  type StaffSession,
  writeAccessToken,
  writeRefreshToken,
} from './tokens.ts';

type AnySession = StaffSession | PortalSession;
type Holder = Omit<StaffSession, 'sessionId'> | Omit<PortalSession, 'sessionId'>;

/** Access tokens of one session that can be valid at the same time. A further one replaces the oldest. */
const MAX_ACCESS_TOKENS = 10;

const holderId = (holder: Holder): SessionHolder => ('contactId' in holder ? holder.contactId : holder.userId);

/** Opens sessions and rotates their tokens, for staff and the portal alike. */
export function sessionTokens(sessions: SessionRepository, source: Source) {
  const nowSeconds = () => Math.floor(source.now().getTime() / 1000);

  function mintTokens(session: AnySession, present: readonly AccessToken[]) {
    const [access, refresh] = [mintSecret(source), mintSecret(source)];
    const valid = present.filter(({ until }) => until > nowSeconds()).slice(1 - MAX_ACCESS_TOKENS);
    const tokens: Tokens = {
      accessToken: writeAccessToken(session, access),
      refreshToken: writeRefreshToken(session, refresh),
      tokenType: 'Bearer',
      expiresIn: ACCESS_SECONDS,
    };
    const stored = {
      access: [...valid, { hash: hashSecret(access), until: nowSeconds() + ACCESS_SECONDS }],
      refreshHash: hashSecret(refresh),
      ttl: nowSeconds() + SESSION_SECONDS,
    };
    return { tokens, stored };
  }

  return {
    /**
     * A new session with its first tokens, and the write that opens it. The transaction has to check that the credentials
     * still have this generation.
     */
    open(holder: Holder, generation: string): { tokens: Tokens; write: Write } {
      const sessionId = mintId(SessionId, 'ses', source);
      const { tokens, stored } = mintTokens({ ...holder, sessionId }, []);
      const session = { id: sessionId, createdAt: source.now().toISOString(), generation, ...stored };
      return { tokens, write: sessions.writeToOpen(holder.companyId, holderId(holder), session) };
    },

    /**
     * New tokens for a refresh token, which is then used up. If a used one is sent again, one of its two senders has stolen it,
     * so the session ends for both (RFC 9700, 4.14.2). One call.
     * @throws Problem `unauthenticated`
     */
    async rotate(
      presented: Presented<AnySession>,
      session: Session | undefined,
      commit: Commit<Tokens>,
    ): Promise<Tokens> {
      if (!session) throw invalidRefreshToken();
      const { secret, ...ids } = presented;
      const { tokens, stored } = mintTokens(ids, session.access);
      const reused = new Error('the refresh token has already been used');
      try {
        if (!isSecretOf(secret, session.refreshHash)) throw reused;
        await commit([sessions.rotation(ids.companyId, holderId(ids), session, stored, () => reused)], tokens);
        return tokens;
      } catch (error) {
        if (error !== reused) throw error;
        await sessions.close(ids.companyId, holderId(ids), ids.sessionId);
        throw invalidRefreshToken();
      }
    },
  };
}

/**
 * The generation of the credentials that stand behind a user's sessions. A new password and a deactivation start a new one,
 * which ends all sessions of the one before.
 */
export function staffGeneration({ credentialGeneration }: { credentialGeneration: number }): string {
  return String(credentialGeneration);
}

/** The same of a contact's sessions. They also end when the portal is closed for the client, and stay ended when it opens. */
export function portalGeneration(
  { credentialGeneration }: { credentialGeneration: number },
  client: { portalGeneration: number },
): string {
  return `${credentialGeneration}.${client.portalGeneration}`;
}

/** The session, unless it has expired or its credentials have got another generation since. */
export function openSession(session: Session | undefined, generation: string, now: Date): Session | undefined {
  if (!session || session.ttl <= now.getTime() / 1000) return undefined;
  return session.generation === generation ? session : undefined;
}

/** Whether the session has an unexpired access token with this secret. */
export function acceptsAccessToken({ access }: Session, secret: string, now: Date): boolean {
  return access.some(({ hash, until }) => until > now.getTime() / 1000 && isSecretOf(secret, hash));
}

export function invalidRefreshToken(): Problem {
  return new Problem('unauthenticated', {
    detail: 'The refresh token is invalid, used or expired. Sign in again.',
  });
}

import type { Session, Tokens } from '../accounts/schema.ts';
import { Problem } from '../shared/errors.ts';
import { type ContactId, mintId, SessionId, type UserId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Write } from '../table/table.ts';
import type { SessionRepository } from './session-repository.ts';
import type { KeyRing } from './signing-keys.ts';
import {
  ACCESS_SECONDS,
  hashSecret,
  isSecretOf,
  issueAccessToken,
  mintSecret,
  type PortalToken,
  SESSION_SECONDS,
  type StaffToken,
  writeRefreshToken,
} from './tokens.ts';

export interface FrameDeps {
  sessions: SessionRepository;
  ring: KeyRing;
  issuer: string;
  source: Source;
}

type Holder = StaffToken | PortalToken;

type Who = Omit<StaffToken, 'sessionId'> | Omit<PortalToken, 'sessionId'>;

const idOf = (holder: Who): UserId | ContactId => ('contactId' in holder ? holder.contactId : holder.userId);

/** What sessions have in common, whoever holds them: tokens, rotation, and the end of a stolen one. */
export function sessionFrame({ sessions, ring, issuer, source }: FrameDeps) {
  const expiry = () => Math.floor(source.now().getTime() / 1000) + SESSION_SECONDS;

  async function tokensFor(holder: Holder, secret: string): Promise<Tokens> {
    return {
      accessToken: await issueAccessToken(ring, issuer, holder, source.now()),
      refreshToken: writeRefreshToken(holder, secret),
      tokenType: 'Bearer',
      expiresIn: ACCESS_SECONDS,
    };
  }

  return {
    /** A new session with its first tokens. One call. */
    async open(holder: Who): Promise<Tokens> {
      const secret = mintSecret(source);
      const sessionId = mintId(SessionId, 'ses', source);
      await sessions.openSession(holder.companyId, idOf(holder), {
        id: sessionId,
        refreshHash: hashSecret(secret),
        createdAt: source.now().toISOString(),
        ttl: expiry(),
      });
      return tokensFor({ ...holder, sessionId }, secret);
    },

    /**
     * New tokens for a refresh token, which is spent by that. A spent one that comes again was stolen, by one of the two
     * who hold it: the session ends for both (RFC 9700, 4.14.2).
     * @throws Problem `unauthenticated`
     */
    async rotate(
      holder: Holder & { secret: string },
      session: Session | undefined,
      remember: (tokens: Tokens) => readonly Write[],
    ): Promise<Tokens> {
      if (!session) throw refusedRefresh();
      const { companyId, sessionId } = holder;
      const secret = mintSecret(source);
      const tokens = await tokensFor(holder, secret);
      const rotated =
        isSecretOf(holder.secret, session.refreshHash) &&
        (await sessions.rotateSession(
          companyId,
          idOf(holder),
          sessionId,
          { from: session.refreshHash, to: hashSecret(secret), ttl: expiry() },
          remember(tokens),
        ));
      if (rotated) return tokens;
      await sessions.closeSession(companyId, idOf(holder), sessionId);
      throw refusedRefresh();
    },
  };
}

/** The session where it still counts: not over, and not from before all sessions of its holder were ended. */
export function goodSession(session: Session | undefined, since: string | undefined, now: Date): Session | undefined {
  if (!session || session.ttl <= now.getTime() / 1000) return undefined;
  return since === undefined || session.createdAt >= since ? session : undefined;
}

export function refusedRefresh(): Problem {
  return new Problem('unauthenticated', { detail: 'The refresh token is not valid (any more). Sign in again.' });
}

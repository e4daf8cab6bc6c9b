import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { acceptsAccessToken, openSession } from '../../lib/credentials/session-tokens.ts';
import {
  hashSecret,
  isSecretOf,
  mintSecret,
  readApiToken,
  readPortalToken,
  readStaffToken,
  writeAccessToken,
  writeApiToken,
  writeRefreshToken,
} from '../../lib/credentials/tokens.ts';
import { ApiTokenId, ClientId, CompanyId, ContactId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';

const source = {
  now: () => new Date('2026-03-04T10:00:00Z'),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
};
const seconds = source.now().getTime() / 1000;
const companyId = mintId(CompanyId, 'co', source);
const sessionId = mintId(SessionId, 'ses', source);
const userId = mintId(UserId, 'usr', source);
const staff = { companyId, userId, sessionId };
const portal = {
  companyId,
  clientId: mintId(ClientId, 'cli', source),
  contactId: mintId(ContactId, 'con', source),
  sessionId,
};
const secret = mintSecret(source);

describe('a token', () => {
  it('is read back as it was written', () => {
    expect(readStaffToken('access', writeAccessToken(staff, secret))).toEqual({ ...staff, secret });
    expect(readStaffToken('refresh', writeRefreshToken(staff, secret))).toEqual({ ...staff, secret });
    expect(readPortalToken('access', writeAccessToken(portal, secret))).toEqual({ ...portal, secret });
    expect(readPortalToken('refresh', writeRefreshToken(portal, secret))).toEqual({ ...portal, secret });
    const id = mintId(ApiTokenId, 'tok', source);
    expect(readApiToken(writeApiToken({ companyId, userId, id }, secret))).toEqual({ companyId, userId, id, secret });
  });

  it('of one kind is no token of another kind', () => {
    const tokens = [
      writeAccessToken(staff, secret),
      writeRefreshToken(staff, secret),
      writeAccessToken(portal, secret),
      writeRefreshToken(portal, secret),
      writeApiToken({ companyId, userId, id: mintId(ApiTokenId, 'tok', source) }, secret),
    ];
    const readers = [
      (token: string) => readStaffToken('access', token),
      (token: string) => readStaffToken('refresh', token),
      (token: string) => readPortalToken('access', token),
      (token: string) => readPortalToken('refresh', token),
      readApiToken,
    ];
    for (const [written, token] of tokens.entries())
      for (const [reading, read] of readers.entries())
        expect({ written, reading, read: read(token) !== undefined }).toEqual({
          written,
          reading,
          read: written === reading,
        });
  });

  const whole = writeAccessToken(staff, secret);
  it.each(['', 'cla_', 'cla_a.b.c.d', 'Bearer', `${whole}x`, whole.slice(0, -1), `${whole}.x`, whole.slice(4)])(
    'is not %j',
    (text) => {
      expect(readStaffToken('access', text)).toBeUndefined();
    },
  );

  it('is compared by the hash of its secret', () => {
    expect(isSecretOf('a', hashSecret('a'))).toBe(true);
    expect(isSecretOf('b', hashSecret('a'))).toBe(false);
    expect(isSecretOf('a', 'short')).toBe(false);
  });
});

describe('a session', () => {
  const session = {
    id: sessionId,
    access: [{ hash: hashSecret(secret), until: seconds + 900 }],
    refreshHash: hashSecret('refresh'),
    createdAt: source.now().toISOString(),
    generation: '3',
    ttl: seconds + 1000,
  };
  const secondsLater = (elapsed: number) => new Date((seconds + elapsed) * 1000);

  it('accepts its access token until that expires, and no other', () => {
    expect(acceptsAccessToken(session, secret, secondsLater(899))).toBe(true);
    expect(acceptsAccessToken(session, secret, secondsLater(900))).toBe(false);
    expect(acceptsAccessToken(session, mintSecret(source), secondsLater(0))).toBe(false);
    expect(acceptsAccessToken({ ...session, access: [] }, secret, secondsLater(0))).toBe(false);
  });

  it('is closed when it expires, and when the credentials have another generation', () => {
    expect(openSession(session, '3', secondsLater(999))).toBe(session);
    expect(openSession(session, '3', secondsLater(1000))).toBeUndefined();
    expect(openSession(session, '4', secondsLater(1))).toBeUndefined();
    expect(openSession(undefined, '3', secondsLater(0))).toBeUndefined();
  });
});

describe('passwords', () => {
  const hashing = passwordHashing('owasp');

  it('are kept as argon2id strings with their cost and salt, and checked against them', async () => {
    const phc = await hashing.hash('correct horse', randomBytes(16));
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await hashing.verify('correct horse', phc)).toBe(true);
    expect(await hashing.verify('Correct horse', phc)).toBe(false);
  });

  it('compare as typed on any keyboard', async () => {
    const phc = await hashing.hash('caf\u00e9', randomBytes(16));
    expect(await hashing.verify('cafe\u0301', phc)).toBe(true);
  });

  it('of nobody are wrong', async () => {
    expect(await hashing.verify('anything', undefined)).toBe(false);
  });
});

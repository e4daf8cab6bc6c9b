import { randomBytes } from 'node:crypto';
import { createLocalJWKSet, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from '../../lib/credentials/passwords.ts';
import { deriveSigningKey, keyRing } from '../../lib/credentials/signing-keys.ts';
import {
  ACCESS_SECONDS,
  hashSecret,
  isSecretOf,
  issueAccessToken,
  mintSecret,
  readAccessToken,
  readApiToken,
  readRefreshToken,
  writeApiToken,
  writeRefreshToken,
} from '../../lib/credentials/tokens.ts';
import { ApiTokenId, CompanyId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';

const source = {
  now: () => new Date('2026-03-04T10:00:00Z'),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
};
const ISSUER = 'https://api.example';
const now = source.now();
const holder = {
  companyId: mintId(CompanyId, 'co', source),
  userId: mintId(UserId, 'usr', source),
  sessionId: mintId(SessionId, 'ses', source),
};

/** A secret as Secrets Manager keeps it, to be rotated by the test. */
const versions: { AWSCURRENT: string; AWSPREVIOUS: string | undefined } = { AWSCURRENT: '', AWSPREVIOUS: undefined };
const secret = {
  read: async (stage: 'AWSCURRENT' | 'AWSPREVIOUS' = 'AWSCURRENT') => versions[stage],
  forget: () => undefined,
};

beforeEach(() => {
  versions.AWSCURRENT = 'first text';
  versions.AWSPREVIOUS = undefined;
});

describe('signing keys', () => {
  it('are the same for the same text, and others for another', async () => {
    const [a, b, c] = await Promise.all([deriveSigningKey('one'), deriveSigningKey('one'), deriveSigningKey('two')]);
    expect(a.kid).toBe(b.kid);
    expect(a.jwk).toEqual(b.jwk);
    expect(a.kid).not.toBe(c.kid);
  });

  it('show their public half only', async () => {
    const { jwk } = await deriveSigningKey('one');
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('verify for anyone who reads the JWKS', async () => {
    const ring = keyRing(secret);
    const token = await issueAccessToken(ring, ISSUER, holder, now);
    const jwks = createLocalJWKSet({ keys: (await ring.accepted()).map(({ jwk }) => jwk) });
    const { payload } = await jwtVerify(token, jwks, { issuer: ISSUER, currentDate: now });
    expect(payload.sub).toBe(holder.userId);
  });
});

describe('access tokens', () => {
  const read = (token: string, at = now, issuer = ISSUER) => readAccessToken(keyRing(secret), issuer, token, at);

  it('tell who holds them until they expire', async () => {
    const token = await issueAccessToken(keyRing(secret), ISSUER, holder, now);
    expect(await read(token)).toEqual(holder);
    expect(await read(token, new Date(now.getTime() + (ACCESS_SECONDS - 1) * 1000))).toEqual(holder);
    expect(await read(token, new Date(now.getTime() + ACCESS_SECONDS * 1000))).toBeUndefined();
  });

  it('stay good over one rotation of the secret, not over two', async () => {
    const token = await issueAccessToken(keyRing(secret), ISSUER, holder, now);
    versions.AWSPREVIOUS = versions.AWSCURRENT;
    versions.AWSCURRENT = 'second text';
    expect(await read(token)).toEqual(holder);
    versions.AWSPREVIOUS = versions.AWSCURRENT;
    versions.AWSCURRENT = 'third text';
    expect(await read(token)).toBeUndefined();
  });

  it('are refused from another issuer, with another signature, unsigned or cut', async () => {
    const token = await issueAccessToken(keyRing(secret), ISSUER, holder, now);
    const [header, payload] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    expect(await read(token, now, 'https://other.example')).toBeUndefined();
    expect(await read(`${header}.${payload}.${'A'.repeat(86)}`)).toBeUndefined();
    expect(await read(`${none}.${payload}.`)).toBeUndefined();
    expect(await read(`${header}.${payload}`)).toBeUndefined();
    expect(await read('nonsense')).toBeUndefined();
  });

  it('are refused when someone else signed them under our key id', async () => {
    const { kid } = await deriveSigningKey('first text');
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await new SignJWT({ co: holder.companyId, sid: holder.sessionId })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience('staff')
      .setSubject(holder.userId)
      .setIssuedAt(now)
      .setExpirationTime('1h')
      .sign(privateKey);
    expect(await read(forged)).toBeUndefined();
  });
});

describe('tokens that say where to look', () => {
  it('come back as they were written', () => {
    const part = mintSecret(source);
    expect(readRefreshToken(writeRefreshToken(holder, part))).toEqual({ ...holder, secret: part });
    const id = mintId(ApiTokenId, 'tok', source);
    expect(readApiToken(writeApiToken(holder.companyId, id, part))).toEqual({
      companyId: holder.companyId,
      id,
      secret: part,
    });
  });

  it.each(['', 'clr_', 'clr_a.b.c.d', 'clt_x.y.z', 'Bearer'])('are undefined of %j', (text) => {
    expect(readRefreshToken(text)).toBeUndefined();
    expect(readApiToken(text)).toBeUndefined();
  });

  it('are compared by hash', () => {
    expect(isSecretOf('a', hashSecret('a'))).toBe(true);
    expect(isSecretOf('b', hashSecret('a'))).toBe(false);
    expect(isSecretOf('a', 'short')).toBe(false);
  });
});

describe('passwords', () => {
  it('are kept as argon2id strings with their cost and salt, and checked against them', async () => {
    const phc = await hashPassword('correct horse', randomBytes(16));
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verifyPassword('correct horse', phc)).toBe(true);
    expect(await verifyPassword('Correct horse', phc)).toBe(false);
  });

  it('compare as typed on any keyboard', async () => {
    const phc = await hashPassword('caf\u00e9', randomBytes(16));
    expect(await verifyPassword('cafe\u0301', phc)).toBe(true);
  });

  it('of nobody are wrong', async () => {
    expect(await verifyPassword('anything', undefined)).toBe(false);
  });
});

import { createECDH, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { SecretReader } from '../aws/secrets.ts';

/** Order of P-256 (FIPS 186-5; SEC 2, 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public half as it stands in the JWKS (RFC 7517). */
  jwk: { kty: string; crv: string; x: string; y: string; kid: string; use: string; alg: string };
}

/**
 * The ES256 key pair of a secret text. Secrets Manager can make random text but no keys; deriving the pair lets the stack
 * sign from its first second and makes rotation a change of text. Scalar by FIPS 186-5 A.2.1 (extra random bits).
 */
export async function deriveSigningKey(secret: string): Promise<SigningKey> {
  const wide = BigInt(`0x${Buffer.from(hkdfSync('sha256', secret, '', 'clientele es256', 48)).toString('hex')}`);
  const scalar = Buffer.from(((wide % (ORDER - 1n)) + 1n).toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const pub = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const kid = await calculateJwkThumbprint(pub);
  return {
    kid,
    privateKey: createPrivateKey({ key: { ...pub, d: scalar.toString('base64url') }, format: 'jwk' }),
    publicKey: createPublicKey({ key: pub, format: 'jwk' }),
    jwk: { ...pub, kid, use: 'sig', alg: 'ES256' },
  };
}

export interface KeyRing {
  /** The key that signs now. */
  current(): Promise<SigningKey>;
  /** The keys whose signatures are good: the current one and the one before it. */
  accepted(): Promise<SigningKey[]>;
  /** Reads the secret again, at most every second: for a token of a key that is not known yet. */
  refresh(): void;
}

const REFRESH_MS = 1000;

/** The keys of the signing secret. */
export function keyRing(secret: SecretReader, now: () => number = Date.now): KeyRing {
  const derived = new Map<string, Promise<SigningKey>>();
  let refreshedAt = now();

  function keyOf(text: string): Promise<SigningKey> {
    const known = derived.get(text);
    if (known) return known;
    const key = deriveSigningKey(text);
    derived.set(text, key);
    return key;
  }

  return {
    async current() {
      const text = await secret.read('AWSCURRENT');
      if (text === undefined) throw new Error('the signing secret has no current version');
      return keyOf(text);
    },
    async accepted() {
      const texts = await Promise.all([secret.read('AWSCURRENT'), secret.read('AWSPREVIOUS')]);
      return Promise.all(texts.filter((text) => text !== undefined).map(keyOf));
    },
    refresh() {
      if (now() - refreshedAt < REFRESH_MS) return;
      refreshedAt = now();
      secret.forget();
    },
  };
}

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Derives a 256-bit key from secret material, a different one for each purpose (HKDF with SHA-256, RFC 5869). */
export function deriveKey(material: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, '', purpose, 32));
}

/** The HMAC-SHA-256 of a text. Without the key, nobody can compute it to compare guesses with it. */
export function keyedHash(key: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(text).digest());
}

/** Encrypts a text and authenticates it together with its context (AES-256-GCM). Returns base64url. */
export function seal(key: Uint8Array, nonce: Uint8Array, context: string, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce.subarray(0, NONCE_BYTES));
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([
    nonce.subarray(0, NONCE_BYTES),
    cipher.update(text),
    cipher.final(),
    cipher.getAuthTag(),
  ]).toString('base64url');
}

/** The text of `sealed`; undefined if it was not sealed with this key and context. */
export function unseal(key: Uint8Array, context: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

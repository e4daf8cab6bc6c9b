import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Source } from '../shared/source.ts';

const derive = promisify(argon2);

const TAG_BYTES = 32;
export const SALT_BYTES = 16;
/** Entropy of a generated password: 120 bits. */
const GENERATED_BYTES = 15;

/** A strong password of 20 characters. */
export function generatePassword(source: Source): string {
  return Buffer.from(source.random(GENERATED_BYTES)).toString('base64url');
}

interface Cost {
  /** KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

const COSTS: Readonly<Record<string, Cost>> = {
  /** OWASP's first choice for argon2id (Password Storage Cheat Sheet): 46 MiB, one pass, one lane. */
  owasp: { memory: 47_104, passes: 1, parallelism: 1 },
  /** The lowest cost that argon2 allows. It protects nothing; only stage `test` uses it. */
  test: { memory: 8, passes: 1, parallelism: 1 },
};

export interface PasswordHashing {
  /** The password hash as a PHC string, `$argon2id$v=19$m=…`. */
  hash(password: string, salt: Uint8Array): Promise<string>;
  /**
   * Whether the password matches the PHC string, hashed at the cost in the string. False without a PHC string, after the same
   * work, so that the time does not reveal whether an account exists.
   */
  verify(password: string, phc: string | undefined): Promise<boolean>;
}

/** NFKC makes a password match however a keyboard composes its characters (NIST SP 800-63B). */
function deriveTag(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES, ...cost });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');

const phcOf = ({ memory, passes, parallelism }: Cost, salt: Uint8Array, hash: Uint8Array) =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Password hashing at a named cost.
 * @param cost `owasp` or `test`
 * @throws Error for any other cost
 */
export function passwordHashing(cost: string): PasswordHashing {
  const params = Object.hasOwn(COSTS, cost) ? COSTS[cost] : undefined;
  if (!params) throw new Error(`unknown cost of password hashing: "${cost}"`);
  const unmatched = phcOf(params, Buffer.alloc(SALT_BYTES), Buffer.alloc(TAG_BYTES));

  return {
    async hash(password, salt) {
      return phcOf(params, salt, await deriveTag(password, salt, params));
    },

    async verify(password, phc) {
      const parts = PHC.exec(phc ?? unmatched);
      if (!parts) throw new Error('a stored password hash is not a PHC string');
      const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
      const stored = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
      const actual = await deriveTag(password, Buffer.from(salt, 'base64'), stored);
      const matches = timingSafeEqual(actual, Buffer.from(expected, 'base64'));
      return matches && phc !== undefined;
    },
  };
}

import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

const TAG_BYTES = 32;
export const SALT_BYTES = 16;

interface Cost {
  /** KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

const COSTS: Readonly<Record<string, Cost>> = {
  /** OWASP's first choice for argon2id (Password Storage Cheat Sheet): 46 MiB, one pass, one lane. */
  owasp: { memory: 47_104, passes: 1, parallelism: 1 },
  /** The least that argon2 allows. It protects nothing: only stage `test` has it. */
  test: { memory: 8, passes: 1, parallelism: 1 },
};

export interface PasswordHashing {
  /** The password as PHC string, `$argon2id$v=19$m=…`. */
  hash(password: string, salt: Uint8Array): Promise<string>;
  /**
   * Whether the password is the one of the PHC string, at the cost that stands in it. Without a PHC string false, after the
   * same work, so that the time does not tell whether an account exists.
   */
  verify(password: string, phc: string | undefined): Promise<boolean>;
}

/** Unicode passwords compare as typed on any keyboard (NIST SP 800-63B asks for NFKC or NFKD). */
function tag(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
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
  const own = Object.hasOwn(COSTS, cost) ? COSTS[cost] : undefined;
  if (!own) throw new Error(`there is no cost "${cost}" of password hashing`);
  const nobody = phcOf(own, Buffer.alloc(SALT_BYTES), Buffer.alloc(TAG_BYTES));

  return {
    async hash(password, salt) {
      return phcOf(own, salt, await tag(password, salt, own));
    },

    async verify(password, phc) {
      const parts = PHC.exec(phc ?? nobody);
      if (!parts) throw new Error('a stored password hash is not readable');
      const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
      const stored = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
      const actual = await tag(password, Buffer.from(salt, 'base64'), stored);
      const matches = timingSafeEqual(actual, Buffer.from(expected, 'base64'));
      return matches && phc !== undefined;
    },
  };
}

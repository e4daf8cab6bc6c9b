import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's first choice for argon2id (Password Storage Cheat Sheet): 46 MiB, one pass, one lane. */
const COST = { memory: 47_104, passes: 1, parallelism: 1 } as const;
const TAG_BYTES = 32;
export const SALT_BYTES = 16;

interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

/** Unicode passwords compare as typed on any keyboard (NIST SP 800-63B asks for NFKC or NFKD). */
function tag(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES, ...cost });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** The password as PHC string, `$argon2id$v=19$m=…`. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(await tag(password, salt, COST))}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Hash of no password, for accounts that do not exist: checking it takes as long as checking a real one. */
const NOBODY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(Buffer.alloc(SALT_BYTES))}$${base64(Buffer.alloc(TAG_BYTES))}`;

/** Whether the password is the one of the PHC string; of none, false after the same work. */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const parts = PHC.exec(phc ?? NOBODY);
  if (!parts) throw new Error('a stored password hash is not readable');
  const [, memory, passes, parallelism, salt = '', expected = ''] = parts;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const actual = await tag(password, Buffer.from(salt, 'base64'), cost);
  const matches = timingSafeEqual(actual, Buffer.from(expected, 'base64'));
  return matches && phc !== undefined;
}

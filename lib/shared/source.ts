import { randomBytes } from 'node:crypto';

/** A clock and a random source. Tests pass their own. */
export interface Source {
  now(): Date;
  /** The given number of cryptographically random bytes. */
  random(bytes: number): Uint8Array;
}

const POOL_BYTES = 4096;
let pool: Uint8Array = new Uint8Array(0);

/** Bytes of a pool that is filled at once, because a request needs many small portions. No byte is given out twice. */
function pooledRandom(bytes: number): Uint8Array {
  if (bytes > POOL_BYTES) return randomBytes(bytes);
  if (bytes > pool.length) pool = randomBytes(POOL_BYTES);
  const taken = pool.slice(0, bytes);
  pool = pool.subarray(bytes);
  return taken;
}

/** The system's clock and random source. */
export const systemSource: Source = { now: () => new Date(), random: pooledRandom };

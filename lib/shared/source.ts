import { randomBytes } from 'node:crypto';

/** A clock and a random source. Tests pass their own. */
export interface Source {
  now(): Date;
  /** The given number of cryptographically random bytes. */
  random(bytes: number): Uint8Array;
}

/** The system's clock and random source. */
export const systemSource: Source = { now: () => new Date(), random: (bytes) => randomBytes(bytes) };

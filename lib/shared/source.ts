import { randomBytes } from 'node:crypto';

/** The clock and the random source; tests hand in their own. */
export interface Source {
  /** The present, from the system's clock. */
  now(): Date;
  /** `bytes` unguessable bytes. */
  random(bytes: number): Uint8Array;
}

/** The system's clock and random source. */
export const systemSource: Source = { now: () => new Date(), random: (bytes) => randomBytes(bytes) };

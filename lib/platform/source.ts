import { randomBytes } from 'node:crypto';
import type { Source } from '../ids.ts';

/** Time and chance of the system. */
export const systemSource: Source = { now: () => new Date(), random: (bytes) => randomBytes(bytes) };

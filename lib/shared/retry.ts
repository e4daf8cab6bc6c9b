import { Problem } from './errors.ts';

/** Rounds of a change that finds its record changed by another one. */
const MAX_ROUNDS = 20;

/**
 * Runs a change that reads, decides and writes; again where another change came between and the caller named no version.
 * @throws Problem `write-conflict` where others keep coming between
 */
export async function overOthers<T>(ifMatch: readonly number[] | undefined, change: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await change();
    } catch (error) {
      const overtaken = error instanceof Problem && error.code === 'stale-version' && ifMatch === undefined;
      if (!overtaken) throw error;
      if (round === MAX_ROUNDS) throw new Problem('write-conflict', { retryAfter: 1 });
    }
  }
}

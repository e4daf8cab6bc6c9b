import { Problem } from './errors.ts';

/** Tries of a change whose record others keep changing. */
const MAX_ATTEMPTS = 20;

/**
 * Runs a change that reads, decides and writes. It runs again where another change came between and the caller's If-Match
 * names no version.
 * @throws Problem `write-conflict` where others keep coming between
 */
export async function retryOnStaleVersion<T>(
  ifMatch: readonly number[] | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const retryable = (error: unknown) =>
    error instanceof Problem && error.code === 'stale-version' && ifMatch === undefined;
  return retryWhile(retryable, change);
}

/** Runs a change again as long as it fails with a retryable error. @throws Problem `write-conflict` where it keeps failing */
export async function retryWhile<T>(retryable: (error: unknown) => boolean, change: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      if (!retryable(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw new Problem('write-conflict', { retryAfter: 1, cause: error });
    }
  }
}

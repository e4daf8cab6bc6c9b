import { Problem } from './errors.ts';

/** Attempts of a change that keeps conflicting with concurrent changes. */
const MAX_ATTEMPTS = 20;

/**
 * Runs a change that reads a record and writes it under an optimistic lock. If a concurrent change makes it fail with
 * `stale-version`, it runs again, unless the caller sent If-Match.
 * @throws Problem `write-conflict` if all attempts fail
 */
export async function retryOnStaleVersion<T>(
  ifMatch: readonly number[] | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const retryable = (error: unknown) =>
    error instanceof Problem && error.code === 'stale-version' && ifMatch === undefined;
  return retryWhile(retryable, change);
}

/** Runs a change, again while it fails with a retryable error. @throws Problem `write-conflict` if all attempts fail */
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

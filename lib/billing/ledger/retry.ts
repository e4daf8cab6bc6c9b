import { Problem } from '../../shared/errors.ts';
import type { Source } from '../../shared/source.ts';
import type { Table } from '../../table/client.ts';

/** Milliseconds for which an operation is tried again. Its function has 29 seconds. */
const PATIENCE = 20_000;
/** With the table's back-off, these take longer than that. */
const MAX_ATTEMPTS = 60;

/** A concurrent operation changed what this one has read: the account of the client, an invoice, or a counter of numbers. */
export class LockConflict extends Error {
  constructor() {
    super('a concurrent operation was faster');
  }
}

/**
 * Runs an operation on the money of a client, which reads, computes and commits under optimistic locks, again while
 * concurrent operations are faster. The waits are random, so that many operations on one client or one counter spread out.
 * @throws Problem `write-conflict` if it is outrun for 20 seconds
 */
export async function retryOnLockConflict<T>(
  { table, source }: { table: Table; source: Source },
  run: () => Promise<T>,
): Promise<T> {
  const end = source.now().getTime() + PATIENCE;
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      if (attempt === MAX_ATTEMPTS || source.now().getTime() >= end)
        throw new Problem('write-conflict', { retryAfter: 1, cause: error });
      await table.backOff(attempt);
    }
  }
}

function isLockConflict(error: unknown): boolean {
  return (
    error instanceof LockConflict ||
    (error instanceof Problem && (error.code === 'write-conflict' || error.code === 'stale-version'))
  );
}

import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { Problem } from '../shared/errors.ts';

const CONFLICT_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Whether a write met another transaction: it may be tried again as it is. */
export function isConflict(error: unknown): boolean {
  if (error instanceof TransactionConflictException) return true;
  return (
    error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => Code !== undefined && CONFLICT_REASONS.has(Code))
  );
}

const UNAVAILABLE = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
]);

/** What the SDK gave up on after its own retries is a 503 of ours, not a 500. */
export async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && (UNAVAILABLE.has(error.name) || UNAVAILABLE.has(String(Object(error).code))))
      throw new Problem('unavailable', { retryAfter: 1, cause: error });
    throw error;
  }
}

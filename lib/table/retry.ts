import {
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { Problem } from '../shared/errors.ts';
import type { Table } from './client.ts';

/** Attempts of a call that conflicts with other transactions. With the table's back-off they take about four seconds. */
export const MAX_ATTEMPTS = 9;

const CONFLICT_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Whether a write conflicted with another transaction, or with its own lost attempt, so that it can be sent again. */
function isConflict(error: unknown): boolean {
  if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException) return true;
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

/**
 * Runs a call to DynamoDB.
 * @throws Problem `unavailable` (503) if it still fails after the SDK's own retries
 */
export async function callTable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && (UNAVAILABLE.has(error.name) || UNAVAILABLE.has(String(Object(error).code))))
      throw new Problem('unavailable', { retryAfter: 1, cause: error });
    throw error;
  }
}

/**
 * Runs a write, again while it conflicts with other transactions. The SDK retries throttling and network errors, but not
 * conflicts.
 * @throws Problem `write-conflict` (409) once the attempts are used up, `unavailable` (503)
 */
export async function retryOnConflict<T>(table: Table, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await callTable(run);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw new Problem('write-conflict', { retryAfter: 1 });
      await table.backOff(attempt);
    }
  }
}

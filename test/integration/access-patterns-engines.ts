import { inject } from 'vitest';

/**
 * What DynamoDB Local counts otherwise than AWS's developer guide ("Read and write operations"); dynoxide counts as the guide says.
 * The guide: each write of a transaction takes its units, and reading an item that does not exist takes those of a small one.
 */
const countedOtherwise: Readonly<Record<string, string>> = {
  TransactWriteItems: 'writes that take equally many units are counted once',
  BatchGetItem: 'items that do not exist take nothing',
  reportGroups: 'its Query that finds nothing takes nothing',
  listClientsAny: 'its Query that finds nothing takes nothing',
};

/** The part of an operation's cost (`calls | units`) that the engine of the tests counts as AWS does: its calls, and mostly its units. */
export function comparableCost(operation: string, cost: string | undefined): string | undefined {
  const [calls = ''] = cost?.split(' | ') ?? [];
  const counted = [operation, ...calls.split(', ')].every((name) => !(name in countedOtherwise));
  return counted || inject('engine') !== 'DynamoDB Local' ? cost : calls;
}

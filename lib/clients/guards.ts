import type * as z from 'zod';
import type { InputFault, Problem } from '../shared/errors.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import type { Key } from '../table/keys.ts';
import { getItems } from '../table/query.ts';
import { guardEntity } from './schema.ts';

/** The guard item of a unique value, and the problem if another record holds it. */
export interface Guard {
  readonly key: Key;
  readonly refusal: () => Problem;
}

type Holder = z.output<typeof guardEntity.schema>;

/**
 * The faults of values that other records hold, for an answer that has other faults as well: a write finds them by its
 * conditions. One call, none without guards.
 */
export async function takenFaults(
  table: Table,
  guards: readonly Guard[],
  isOwn: (holder: Holder) => boolean = () => false,
): Promise<InputFault[]> {
  // Two contacts of one body can claim one value. The first of them has the fault.
  const byKey = new Map(guards.toReversed().map((guard) => [guard.key.PK, guard]));
  const unique = [...byKey.values()];
  if (unique.length === 0) return [];
  const items = await getItems(
    table,
    unique.map(({ key }) => key),
  );
  return unique.flatMap(({ refusal }, index) => {
    const item = items[index];
    return item && !isOwn(readItem(guardEntity, item)) ? [...(refusal().errors ?? [])] : [];
  });
}

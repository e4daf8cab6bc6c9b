import type { Json } from '../shared/json.ts';
import { asObject, isObject } from '../shared/json.ts';
import type { StreamRecord } from './stream-reader.ts';

/** Whether a MODIFY changed nothing: dynoxide writes a record for it, DynamoDB does not. */
export function changesNothing({ record }: StreamRecord): boolean {
  const { NewImage, OldImage } = asObject(record.dynamodb);
  if (record.eventName !== 'MODIFY' || NewImage === undefined || OldImage === undefined) return false;
  return isEqual(NewImage, OldImage);
}

const setTypes = ['SS', 'NS', 'BS'];

function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((value, at) => isEqual(value, other[at]));
  }
  if (!isObject(one)) return one === other;
  if (!isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) =>
      setTypes.includes(key) ? isEqual(sorted(one[key]), sorted(other[key])) : isEqual(one[key], other[key]),
    )
  );
}

/** The members of a set have no order. An attribute may be named as a set's type is, and is no list then. */
function sorted(set: Json | undefined): Json | undefined {
  return Array.isArray(set) ? set.map(String).sort() : set;
}

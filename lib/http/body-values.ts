import { type InputFault, invalid } from '../shared/errors.ts';
import { pointerOf } from '../shared/validation.ts';

/**
 * The most values of a body: members of objects and entries of arrays. The largest valid body has some thousand. Each value
 * can be a fault, and more would take seconds to find.
 */
const MAX_VALUES = 25_000;

/** No field lies deeper. What does is in a field that does not exist. */
const MAX_DEPTH = 20;

/** Names with a meaning for JavaScript objects. Libraries drop them or fail, and no field has such a name. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

interface Place {
  value: unknown;
  path: readonly string[];
}

/**
 * The faults that the schemas do not see: reserved names, and text that is not well-formed Unicode. Takes time in
 * proportion to the size of the body.
 * @throws Problem `validation` if the body has too many values to be checked
 */
export function bodyFaults(body: unknown): InputFault[] {
  const faults: InputFault[] = [];
  const places: Place[] = [{ value: body, path: [] }];
  // The array grows while it is walked.
  for (const { value, path } of places) {
    if (typeof value === 'string' && !value.isWellFormed()) faults.push(illFormed(path));
    if (typeof value !== 'object' || value === null || path.length === MAX_DEPTH) continue;
    const members = membersOf(value, MAX_VALUES - places.length);
    if (!members) throw invalid(tooManyValues(path));
    for (const [name, inner] of members) {
      const place = [...path, name];
      if (RESERVED.has(name)) faults.push(reservedName(place));
      else if (!name.isWellFormed()) faults.push(illFormed(place));
      else places.push({ value: inner, path: place });
    }
  }
  return faults;
}

/** The members of an object or an array; undefined if there are more than `max`. */
function membersOf(value: object, max: number): [string, unknown][] | undefined {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  return size <= max ? Object.entries(value) : undefined;
}

function faultAt(path: readonly string[], code: string, detail: string): InputFault {
  return { pointer: pointerOf('body', path), code, detail };
}

const illFormed = (path: readonly string[]) => faultAt(path, 'wrong-format', 'must be well-formed Unicode');
const reservedName = (path: readonly string[]) => faultAt(path, 'reserved-name', 'No field can have this name.');
const tooManyValues = (path: readonly string[]) =>
  faultAt(path, 'too-many', `The body has more than ${MAX_VALUES} values, too many of them here.`);

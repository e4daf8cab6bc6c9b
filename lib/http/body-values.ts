import { type InputFault, invalid } from '../shared/errors.ts';
import type { FaultCode } from '../shared/faults.ts';
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

/** An object or an array of the body. */
interface Place {
  value: object;
  path: readonly string[];
}

/**
 * The faults that the schemas do not see: reserved names, and text that is not well-formed Unicode. Takes time in
 * proportion to the size of the body.
 * @throws Problem `validation` if the body has too many values to be checked
 */
export function bodyFaults(body: unknown): InputFault[] {
  const faults: InputFault[] = [];
  const places: Place[] = isObject(body) ? [{ value: body, path: [] }] : [];
  let remaining = MAX_VALUES;
  // The array grows while it is walked.
  for (const { value, path } of places) {
    remaining -= sizeOf(value);
    if (remaining < 0) throw invalid(tooManyValues(path));
    for (const [name, inner] of Object.entries(value)) {
      if (RESERVED.has(name)) faults.push(reservedName([...path, name]));
      else if (!name.isWellFormed() || (typeof inner === 'string' && !inner.isWellFormed()))
        faults.push(illFormed([...path, name]));
      else if (isObject(inner) && path.length < MAX_DEPTH) places.push({ value: inner, path: [...path, name] });
    }
  }
  return faults;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function sizeOf(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function faultAt(path: readonly string[], code: FaultCode, detail: string): InputFault {
  return { pointer: pointerOf('body', path), code, detail };
}

const illFormed = (path: readonly string[]) => faultAt(path, 'wrong-format', 'must be well-formed Unicode');
const reservedName = (path: readonly string[]) => faultAt(path, 'reserved-name', 'No field can have this name.');
const tooManyValues = (path: readonly string[]) =>
  faultAt(path, 'too-many', `The body has more than ${MAX_VALUES} values, too many of them here.`);

import { isDeepStrictEqual } from 'node:util';
import type { FaultWithPath } from '../shared/validation.ts';

type Json = Record<string, unknown>;
export type Path = readonly PropertyKey[];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of a JSON value. */
function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = Reflect.get(at, name);
  }
  return at;
}

/**
 * A copy without the members at these paths. Entries of arrays stay, so that all keep their places. Only what is around
 * them is copied: a body can be nested deeper than a whole copy could follow.
 */
export function withoutMembers(value: unknown, paths: Iterable<Path>): unknown {
  const root = { body: value };
  const copies = new Set<unknown>([root]);
  for (const path of paths) {
    const name = path.at(-1);
    let at: object = root;
    for (const step of ['body', ...path.slice(0, -1)]) {
      const inner: unknown = Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined;
      if (typeof inner !== 'object' || inner === null) break;
      const copy = copies.has(inner) ? inner : Array.isArray(inner) ? [...inner] : { ...inner };
      copies.add(copy);
      Object.defineProperty(at, step, { value: copy, configurable: true, enumerable: true, writable: true });
      at = copy;
    }
    if (name !== undefined && at === valueAt(root, ['body', ...path.slice(0, -1)]) && isObject(at))
      Reflect.deleteProperty(at, name);
  }
  return root.body;
}

/**
 * A body without the values that the record has anyway, so that what was read can be sent back: those that caused a fault,
 * and of a merge patch all.
 */
export function withoutPresentValues(
  body: Json,
  present: Json,
  { faults, isPatch }: { faults: Iterable<FaultWithPath>; isPatch: boolean },
): unknown {
  const faulty = Array.from(faults, ({ path }) => path);
  const members = isPatch ? Object.keys(body).map((name) => [name]) : [];
  const isPresent = (path: Path) => {
    const value = valueAt(body, path);
    return value !== undefined && isDeepStrictEqual(value, valueAt(present, path));
  };
  return withoutMembers(body, [...members, ...faulty].filter(isPresent));
}

/** The faults of a body, in which a field of the record that no request can write is `read-only` instead of unknown. */
export function* withReadOnly(faults: Iterable<FaultWithPath>, present: Json): Generator<FaultWithPath> {
  for (const fault of faults) {
    const value = valueAt(present, fault.path);
    if (fault.code !== 'unknown-field' || value === undefined) yield fault;
    else yield { path: fault.path, code: 'read-only', detail: readOnlyText(fault.path, value) };
  }
}

function readOnlyText(path: Path, value: unknown): string {
  return path.length === 1 && path[0] === 'version'
    ? `The record has version ${value}. Read it again and repeat the change.`
    : 'This field cannot be written. It is accepted only with its present value.';
}

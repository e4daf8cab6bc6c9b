import type * as z from 'zod';
import { type InputFault, Problem } from './errors.ts';

type Issue = z.core.$ZodIssue;

/** The part of a request. It determines the form of a fault's pointer. */
export type InputPart = 'body' | 'query' | 'path';

/** The issues of a failed parse as faults with pointers, made one by one, because there can be thousands. */
export function* faultsOf(
  issues: readonly Issue[],
  part: InputPart,
  above: readonly PropertyKey[] = [],
): Generator<InputFault> {
  for (const issue of issues) yield* faultsOfIssue(issue, part, [...above, ...issue.path]);
}

function* faultsOfIssue(issue: Issue, part: InputPart, path: readonly PropertyKey[]): Generator<InputFault> {
  if (issue.code === 'unrecognized_keys') {
    const detail = part === 'query' ? 'There is no such parameter.' : 'There is no such field.';
    for (const key of issue.keys) yield { pointer: pointerOf(part, [...path, key]), code: 'unknown-field', detail };
    return;
  }
  const pointer = pointerOf(part, path);
  if (issue.code !== 'invalid_union') yield { pointer, code: codeOf(issue), detail: issue.message };
  // The discriminator matched no branch, so there are no issues of a branch.
  else if (issue.errors.length === 0) yield { pointer, code: 'not-allowed', detail: issue.message };
  else yield* faultsOf(closestBranch(issue.errors), part, path);
}

/** The issues of the union's branch that the sender most likely meant: the one that matched furthest. */
function closestBranch(branches: readonly Issue[][]): Issue[] {
  const matchedOutside = branches.find((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  const sameKind = branches.find((issues) => issues.length > 0 && issues.every(({ code }) => code !== 'invalid_type'));
  return matchedOutside ?? sameKind ?? branches[0] ?? [];
}

function codeOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'required' : 'wrong-type';
    case 'too_big':
      return issue.origin === 'string' ? 'too-long' : issue.origin === 'array' ? 'too-many' : 'too-big';
    case 'too_small':
      return issue.origin === 'string' ? 'too-short' : issue.origin === 'array' ? 'too-few' : 'too-small';
    case 'invalid_value':
      return 'not-allowed';
    case 'invalid_format':
      return 'wrong-format';
    case 'custom':
      return typeof issue.params?.code === 'string' ? issue.params.code : 'invalid';
    default:
      return 'invalid';
  }
}

/** Characters of a name in a pointer, and of a whole pointer. No field of the API needs more, but names can be made up. */
const MAX_NAME = 100;
const MAX_POINTER = 250;

/** RFC 6901 for a body, `?name` for the query, `{name}` for the path. Names that no field has are cut. */
export function pointerOf(part: InputPart, path: readonly PropertyKey[]): string {
  const [first = ''] = path;
  if (part === 'query') return `?${printable(first)}`;
  if (part === 'path') return `{${printable(first)}}`;
  const whole = path.map((key) => `/${printable(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return cut(whole, MAX_POINTER);
}

/** A name, cut, with a replacement character for what JSON would have to escape. */
function printable(key: PropertyKey): string {
  return cut(String(key), MAX_NAME).replace(/\p{Cc}/gu, '\ufffd');
}

function cut(text: string, max: number): string {
  return text.length <= max ? text.toWellFormed() : `${text.slice(0, max).toWellFormed()}…`;
}

/**
 * Parses a value that combines a body with stored data.
 * @throws Problem `validation` with pointers as if the whole value were the body
 */
export function validated<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Problem('validation', { errors: faultsOf(result.error.issues, 'body') });
}

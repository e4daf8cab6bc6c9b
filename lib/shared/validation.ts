import type * as z from 'zod';
import { type InputFault, Problem } from './errors.ts';

type Issue = z.core.$ZodIssue;

/** The part of a request. It determines the form of a fault's pointer. */
export type InputPart = 'body' | 'query' | 'path';

/** The issues of a failed parse as faults with pointers. */
export function faultsOf(issues: readonly Issue[], part: InputPart): InputFault[] {
  return issues.flatMap((issue) => faultOf(issue, part, []));
}

function faultOf(issue: Issue, part: InputPart, above: PropertyKey[]): InputFault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointer(part, [...path, key]),
      code: 'unknown-field',
      detail: part === 'query' ? 'There is no such parameter.' : 'There is no such field.',
    }));
  if (issue.code === 'invalid_union') {
    // The discriminator matched no branch, so there are no issues of a branch.
    if (issue.errors.length === 0)
      return [{ pointer: pointer(part, path), code: 'not-allowed', detail: issue.message }];
    const closest = closestBranch(issue.errors);
    return closest.flatMap((inner) => faultOf(inner, part, path));
  }
  return [{ pointer: pointer(part, path), code: codeOf(issue), detail: issue.message }];
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

/** RFC 6901 for a body, `?name` for the query, `{name}` for the path. */
function pointer(part: InputPart, path: readonly PropertyKey[]): string {
  const [first = ''] = path;
  if (part === 'query') return `?${String(first)}`;
  if (part === 'path') return `{${String(first)}}`;
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
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

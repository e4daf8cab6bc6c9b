import type * as z from 'zod';
import { type InputFault, Problem } from './errors.ts';
import { type FaultCode, isFaultCode } from './faults.ts';

type Issue = z.core.$ZodIssue;

/** The part of a request. It determines the form of a fault's pointer. */
export type InputPart = 'body' | 'query' | 'path';

/** Parses a value. The issues are such as `faultsOf` takes: with the texts of the API, and with what was given. */
export function parseValue<S extends z.ZodType>(schema: S, value: unknown) {
  return schema.safeParse(value, { error: textOf, reportInput: true });
}

/** The issues of `parseValue` as faults with pointers, made one by one, because there can be thousands. */
export function* faultsOf(
  issues: readonly Issue[],
  part: InputPart,
  above: readonly PropertyKey[] = [],
): Generator<InputFault> {
  for (const { path, ...fault } of faultsWithPaths(issues, part, above))
    yield { pointer: pointerOf(part, path), ...fault };
}

/** A fault whose place is a path instead of a pointer. */
export interface FaultWithPath extends Omit<InputFault, 'pointer'> {
  path: readonly PropertyKey[];
}

/** The issues of `parseValue` as faults with paths. */
export function* faultsWithPaths(
  issues: readonly Issue[],
  part: InputPart,
  above: readonly PropertyKey[] = [],
): Generator<FaultWithPath> {
  for (const issue of issues) yield* faultsOfIssue(issue, part, [...above, ...issue.path]);
}

function* faultsOfIssue(issue: Issue, part: InputPart, path: readonly PropertyKey[]): Generator<FaultWithPath> {
  if (issue.code === 'unrecognized_keys') {
    const detail = part === 'query' ? 'There is no such parameter.' : 'There is no such field.';
    for (const key of issue.keys) yield { path: [...path, key], code: 'unknown-field', detail };
    return;
  }
  const missing = missingFault(issue, path);
  if (missing) yield { path, ...missing };
  else if (issue.code === 'custom')
    yield { path, code: codeOf(issue), detail: issue.message, ...dependenciesOf(issue, part, path) };
  else if (issue.code !== 'invalid_union') yield { path, code: codeOf(issue), detail: issue.message };
  // The discriminator matched no branch, so there are no issues of a branch.
  else if (issue.errors.length === 0) yield { path, code: 'not-allowed', detail: issue.message };
  else yield* faultsWithPaths(closestBranch(issue.errors), part, path);
}

/** The fault of a field without a value: left out, null or empty. Rules between fields have faults of their own. */
function missingFault({ code, input }: Issue, path: readonly PropertyKey[]): Omit<InputFault, 'pointer'> | undefined {
  const isOfValue = code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';
  if (isOfValue && input === undefined) return { code: 'required', detail: 'This field is required.' };
  if (isOfValue && input === null && path.length > 0) return { code: 'required', detail: 'must not be null' };
  if (typeof input === 'string' && input.trim() === '' && code !== 'invalid_type')
    return { code: 'required', detail: 'must not be empty' };
  return undefined;
}

/** The fields that a rule between fields has looked at, as `addFault` has written them. */
function dependenciesOf(
  { params }: Extract<Issue, { code: 'custom' }>,
  part: InputPart,
  path: readonly PropertyKey[],
): Pick<InputFault, 'dependsOn'> {
  if (!Array.isArray(params?.dependsOn)) return {};
  const object = path.slice(0, path.length - Number(params.depth));
  return { dependsOn: params.dependsOn.map((name) => pointerOf(part, [...object, String(name)])) };
}

/** The issues of the union's branch that the sender most likely meant: the one that matched furthest. */
function closestBranch(branches: readonly Issue[][]): Issue[] {
  const matchedOutside = branches.find((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  const sameKind = branches.find((issues) => issues.length > 0 && issues.every(({ code }) => code !== 'invalid_type'));
  return matchedOutside ?? sameKind ?? branches[0] ?? [];
}

function codeOf(issue: Issue): FaultCode {
  switch (issue.code) {
    case 'invalid_type':
      return 'wrong-type';
    case 'too_big':
      return issue.origin === 'string' ? 'too-long' : issue.origin === 'array' ? 'too-many' : 'too-big';
    case 'too_small':
      return issue.origin === 'string' ? 'too-short' : issue.origin === 'array' ? 'too-few' : 'too-small';
    case 'invalid_value':
      return 'not-allowed';
    case 'invalid_format':
      return 'wrong-format';
    case 'custom':
      return isFaultCode(issue.params?.code) ? issue.params.code : 'invalid';
    default:
      return 'invalid';
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const FORMATS: Readonly<Record<string, string>> = {
  date: 'must be a date such as 2026-01-31',
  datetime: 'must be a time such as 2026-01-31T09:30:00.000Z',
};
/** Values that a text lists. The API reference has longer lists. */
const MAX_LISTED_VALUES = 12;

/** The text of an issue whose schema has none of its own. The validator's texts are about JavaScript. */
function textOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? 'another type of value'}`;
    case 'too_big':
      return `must ${limitOf(issue.origin, 'at most', issue.maximum)}`;
    case 'too_small':
      return `must ${limitOf(issue.origin, 'at least', issue.minimum)}`;
    case 'invalid_value':
      return issue.values.length > MAX_LISTED_VALUES
        ? 'is not one of the allowed values'
        : `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'does not have the right format';
    case 'invalid_key':
      return issue.issues.map(({ message }) => `The name ${message}.`).join(' ');
    default:
      return 'is not valid';
  }
}

function limitOf(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  return origin === 'array' ? `have ${bound} ${limit} entries` : `be ${bound} ${limit}`;
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

/** The faults of a value that combines a body with stored data, with pointers as if the whole value were the body. */
export function faultsIn(schema: z.ZodType, value: unknown): InputFault[] {
  return [...faultsOf(parseValue(schema, value).error?.issues ?? [], 'body')];
}

/** Parses a value that combines a body with stored data. @throws Problem `validation` with its faults */
export function validated<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = parseValue(schema, value);
  if (result.success) return result.data;
  throw new Problem('validation', { errors: faultsOf(result.error.issues, 'body') });
}

import { type InputFault, Problem } from '../shared/errors.ts';
import { faultsOf, parseValue, pointerOf } from '../shared/validation.ts';
import { withoutBlanks } from './blank-values.ts';
import type { Route } from './contract.ts';
import { type CheckedInput, faultsInBody, inputFaults, isFaultless, type ParsedInput, withBody } from './input.ts';
import { lenientSchemaOf } from './lenient-schema.ts';
import { type Path, withoutMembers, withoutPresentValues, withReadOnly } from './present-values.ts';

type Json = Record<string, unknown>;

/** A record as its GET answers it. */
export interface PresentRecord {
  body: Json;
  version: number | undefined;
}

interface FaultyRequest {
  route: Route;
  input: CheckedInput;
  ifMatch: readonly number[] | undefined;
  /** Reads the record that a PATCH or PUT changes. */
  readPresent?: () => Promise<PresentRecord>;
  /** Finds what services would refuse about the faultless part of the body. */
  findFaults?: (body: unknown) => Promise<readonly InputFault[]>;
}

/**
 * Looks again at an input that the schemas refuse. If all its faults are fields of the record that cannot be written, with
 * their present values, it returns the input without them. Otherwise it refuses the input with all faults: those of the
 * schemas, and those that the service finds in the rest of the body.
 * @throws Problem `validation`, or `stale-version` if a field that cannot be written has another value because of that
 */
export async function takeOrRefuse(
  request: FaultyRequest,
): Promise<{ input: ParsedInput; ifMatch?: readonly number[] }> {
  const { route, input, ifMatch, readPresent, findFaults } = request;
  const sent = input.rawBody;
  const present = isObject(sent) && readPresent ? await unlessRefused(readPresent()) : undefined;
  if (!present || !isObject(sent)) throw await refusalOf(request, input, inputFaults(input));
  const body = withoutPresentValues(sent, present.body, {
    faults: faultsInBody(input),
    isPatch: route.method === 'PATCH',
  });
  const mended = withBody(route, input, body);
  const namesVersion = sent.version !== undefined && present.version !== undefined;
  // A change between the read above and the write is then found as well.
  if (isFaultless(mended))
    return { input: mended, ifMatch: ifMatch ?? (namesVersion ? [present.version ?? 0] : undefined) };
  const faults = Array.from(withReadOnly(faultsInBody(mended), present.body), ({ path, ...fault }) => ({
    pointer: pointerOf('body', path),
    ...fault,
  }));
  const others = new Set(input.otherFaults.map(({ pointer }) => pointer));
  const isStale = ifMatch && present.version !== undefined && !ifMatch.includes(present.version);
  if (isStale && faults.some(({ code }) => code === 'read-only')) throw new Problem('stale-version');
  throw await refusalOf({ ...request, findFaults }, mended, [
    ...input.otherFaults,
    ...faults.filter(({ pointer }) => !others.has(pointer)),
  ]);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The refusal with the given faults, and with those that they hide. */
async function refusalOf(
  { route, findFaults }: FaultyRequest,
  input: CheckedInput,
  known: Iterable<InputFault>,
): Promise<Problem> {
  const faults = [...known];
  if (!isObject(input.rawBody) || !route.body) return new Problem('validation', { errors: faults });
  const rest = withoutMembers(
    input.rawBody,
    Array.from(faultsInBody(input), ({ path }) => path),
  );
  const between = faultsOf(withBody(route, input, rest).bodyIssues, 'body');
  const body = findFaults && parseRest(route.body, rest, route.method === 'PATCH');
  const found = body === undefined ? [] : await faultsFrom(findFaults?.(body));
  return new Problem('validation', { errors: [...faults, ...unreported(faults, between, found)] });
}

/** What can be read of a partly wrong body: its fields that are right. */
function parseRest(schema: NonNullable<Route['body']>, rest: unknown, isPatch: boolean): unknown {
  const lenient = lenientSchemaOf(schema);
  const parsed = parseValue(lenient, withoutBlanks(schema, rest, isPatch));
  if (parsed.success) return parsed.data;
  const wrong: Path[] = parsed.error.issues.map(({ path }) => path.slice(0, 1));
  return parseValue(lenient, withoutBlanks(schema, withoutMembers(rest, wrong), isPatch)).data;
}

/**
 * The later faults at places where nothing has been reported, neither there nor around it, and that do not follow from the
 * faulty members that were removed.
 */
function* unreported(reported: readonly InputFault[], ...later: Iterable<InputFault>[]): Generator<InputFault> {
  const pointers = new Set(reported.map(({ pointer }) => pointer));
  const around = new Set(reported.flatMap(({ pointer }) => pathTo(pointer)));
  const isReported = (pointer: string) => pathTo(pointer).some((outer) => pointers.has(outer));
  const isFaulty = (pointer: string) => around.has(pointer) || isReported(pointer);
  for (const fault of later.flatMap((faults) => [...faults])) {
    const { pointer, dependsOn } = fault;
    // A fault of an object that does not say what it follows from can follow from any of its members.
    const isDoubtful = dependsOn ? dependsOn.some(isFaulty) : pointer === '' || around.has(pointer);
    if (isDoubtful || isReported(pointer)) continue;
    pointers.add(pointer);
    yield fault;
  }
}

/** A pointer and those around it: `/a/b` has `/a/b` and `/a`. */
function pathTo(pointer: string): string[] {
  const names = pointer.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 2).join('/'));
}

/** The faults that a check returns, or with which it refuses the rest. */
async function faultsFrom(check: Promise<readonly InputFault[]> | undefined): Promise<readonly InputFault[]> {
  try {
    return (await check) ?? [];
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return error.errors ?? [];
    throw error;
  }
}

/** A result, if nothing refuses it. */
async function unlessRefused<T>(result: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return undefined;
    throw error;
  }
}

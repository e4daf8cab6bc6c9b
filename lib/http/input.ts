import * as z from 'zod';
import { type InputFault, Problem } from '../shared/errors.ts';
import { type FaultWithPath, faultsOf, faultsWithPaths, parseValue } from '../shared/validation.ts';
import { withoutBlanks } from './blank-values.ts';
import { bodyFaults } from './body-values.ts';
import type { Route } from './contract.ts';
import type { HttpEvent } from './event.ts';
import { gatherMaps } from './query-values.ts';

/** Bytes of the largest body that is accepted. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Characters of the longest content type that is looked at. */
const MAX_CONTENT_TYPE = 200;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

export interface ParsedInput {
  params: Record<string, unknown> | undefined;
  query: Record<string, unknown> | undefined;
  body: unknown;
  /** The body as it was sent, before its schema added defaults. */
  rawBody: unknown;
}

/** An input with what is wrong about it. */
export interface CheckedInput extends ParsedInput {
  /** Faults of the query, and names and texts of the body that no field can have. */
  otherFaults: readonly InputFault[];
  /** The issues that the schema of the body found. */
  bodyIssues: Issues;
}

type Issues = readonly z.core.$ZodIssue[];

const NO_PARAMETERS = z.strictObject({});

/**
 * Parses path, query and body with the route's schemas. The data are complete only if the input `isFaultless`.
 * @throws Problem `not-found` for an ill-formed id; 413, 415 or malformed JSON
 */
export function checkInput(route: Route, event: HttpEvent): CheckedInput {
  const rawBody = readBody(route, event);
  const hidden = bodyFaults(rawBody);
  const params = parse(route.params, event.pathParameters ?? {});
  // An ill-formed id gets the same reply as an unknown one.
  if (params.issues.length > 0) throw new Problem('not-found');
  const query = parse(
    route.query ?? NO_PARAMETERS,
    gatherMaps(event.queryStringParameters ?? {}, route.query?.shape ?? {}),
  );
  const body = parseBody(route, rawBody);
  return {
    params: params.data,
    query: route.query && query.data,
    body: body.data,
    rawBody,
    otherFaults: [...hidden, ...faultsOf(query.issues, 'query')],
    bodyIssues: body.issues,
  };
}

/** Whether the schemas accept an input. */
export function isFaultless({ otherFaults, bodyIssues }: CheckedInput): boolean {
  return otherFaults.length + bodyIssues.length === 0;
}

/** The input with another body, for example one without the fields that cannot be written. */
export function withBody(route: Route, input: CheckedInput, rawBody: unknown): CheckedInput {
  const { data, issues } = parseBody(route, rawBody);
  return { ...input, body: data, rawBody, bodyIssues: issues };
}

/** All faults of an input. */
export function* inputFaults({ otherFaults, bodyIssues }: CheckedInput): Generator<InputFault> {
  yield* otherFaults;
  // A reserved name of an object without such a field would be reported twice, also as unknown.
  const reported = new Set(otherFaults.map(({ pointer }) => pointer));
  for (const fault of faultsOf(bodyIssues, 'body')) if (!reported.has(fault.pointer)) yield fault;
}

/** The faults of the body with their paths. */
export function faultsInBody({ bodyIssues }: CheckedInput): Iterable<FaultWithPath> {
  return faultsWithPaths(bodyIssues, 'body');
}

function parseBody(route: Route, rawBody: unknown) {
  const hasBody = rawBody !== undefined || !route.bodyOptional;
  return parse(hasBody ? route.body : undefined, withoutBlanks(route.body, rawBody, route.method === 'PATCH'));
}

function parse<S extends z.ZodType>(
  schema: S | undefined,
  value: unknown,
): { data: z.output<S> | undefined; issues: Issues } {
  const result = schema && parseValue(schema, value);
  return { data: result?.data, issues: result?.error?.issues ?? [] };
}

function readBody(route: Route, event: HttpEvent): unknown {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new Problem('body-too-large');
  if (!route.body || (bytes.length === 0 && route.bodyOptional)) return undefined;
  const contentType = event.headers['content-type'] ?? '';
  if (contentType.length > MAX_CONTENT_TYPE || !JSON_TYPE.test(contentType))
    throw new Problem('unsupported-media-type');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const detail = error instanceof SyntaxError ? 'The body could not be read as JSON.' : 'The body is not UTF-8.';
    throw new Problem('malformed-json', { detail });
  }
}

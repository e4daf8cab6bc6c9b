import * as z from 'zod';
import { type InputFault, Problem } from '../shared/errors.ts';
import { faultsOf } from '../shared/validation.ts';
import { bodyFaults } from './body-values.ts';
import type { Route } from './contract.ts';
import type { HttpEvent } from './event.ts';
import { gatherMaps } from './query-values.ts';

/** Bytes of the largest body that is accepted. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Characters of the longest content type that is looked at. */
const MAX_CONTENT_TYPE = 200;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

interface ParsedInput {
  params: Record<string, unknown> | undefined;
  query: Record<string, unknown> | undefined;
  body: unknown;
  /** The body as it was sent, before its schema added defaults. */
  rawBody: unknown;
}

const NO_PARAMETERS = z.strictObject({});

/**
 * Parses path, query and body with the route's schemas.
 * @throws Problem `validation` with all faults of query and body; `not-found` for an ill-formed id; 413, 415 or malformed JSON
 */
export function parseInput(route: Route, event: HttpEvent): ParsedInput {
  const rawBody = readBody(route, event);
  const hasBody = rawBody !== undefined || !route.bodyOptional;
  const hidden = bodyFaults(rawBody);
  const params = parse(route.params, event.pathParameters ?? {});
  // An ill-formed id gets the same reply as an unknown one.
  if (params.issues.length > 0) throw new Problem('not-found');
  const query = parse(
    route.query ?? NO_PARAMETERS,
    gatherMaps(event.queryStringParameters ?? {}, route.query?.shape ?? {}),
  );
  const body = parse(hasBody ? route.body : undefined, rawBody);
  if (hidden.length + query.issues.length + body.issues.length > 0)
    throw new Problem('validation', { errors: allFaults(hidden, query.issues, body.issues) });
  return { params: params.data, query: route.query && query.data, body: body.data, rawBody };
}

type Issues = readonly z.core.$ZodIssue[];

function parse<S extends z.ZodType>(
  schema: S | undefined,
  value: unknown,
): { data: z.output<S> | undefined; issues: Issues } {
  const result = schema?.safeParse(value, { reportInput: false });
  return { data: result?.data, issues: result?.error?.issues ?? [] };
}

/** A reserved name of an object without such a field would be reported twice, also as unknown. */
function* allFaults(hidden: readonly InputFault[], query: Issues, body: Issues): Generator<InputFault> {
  yield* hidden;
  yield* faultsOf(query, 'query');
  const reported = new Set(hidden.map(({ pointer }) => pointer));
  for (const fault of faultsOf(body, 'body')) if (!reported.has(fault.pointer)) yield fault;
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

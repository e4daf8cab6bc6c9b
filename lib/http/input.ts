import type * as z from 'zod';
import { type InputFault, Problem } from '../shared/errors.ts';
import { faultsOf, type InputPart } from '../shared/validation.ts';
import type { Route } from './contract.ts';
import type { HttpEvent } from './event.ts';

/** Bytes of the largest body that is accepted. */
const MAX_BODY_BYTES = 1024 * 1024;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

interface ParsedInput {
  params: Record<string, unknown> | undefined;
  query: Record<string, unknown> | undefined;
  body: unknown;
  /** The body as it was sent, before its schema added defaults. */
  rawBody: unknown;
}

/**
 * Parses path, query and body with the route's schemas.
 * @throws Problem `validation` with all faults of query and body; `not-found` for an ill-formed id; 413, 415 or malformed JSON
 */
export function parseInput(route: Route, event: HttpEvent): ParsedInput {
  const rawBody = readBody(route, event);
  const faults: InputFault[] = [];
  const parse = <S extends z.ZodType>(
    schema: S | undefined,
    value: unknown,
    part: InputPart,
  ): z.output<S> | undefined => {
    if (!schema) return undefined;
    const result = schema.safeParse(value, { reportInput: false });
    if (result.success) return result.data;
    faults.push(...faultsOf(result.error.issues, part));
    return undefined;
  };
  const params = parse(route.params, event.pathParameters ?? {}, 'path');
  // An ill-formed id gets the same reply as an unknown one.
  if (faults.length > 0) throw new Problem('not-found');
  const query = parse(route.query, event.queryStringParameters ?? {}, 'query');
  if (!route.query)
    for (const name of Object.keys(event.queryStringParameters ?? {}))
      faults.push({ pointer: `?${name}`, code: 'unknown-field', detail: 'There is no such parameter.' });
  const body = rawBody === undefined && route.bodyOptional ? undefined : parse(route.body, rawBody, 'body');
  if (faults.length > 0) throw new Problem('validation', { errors: faults });
  return { params, query, body, rawBody };
}

function readBody(route: Route, event: HttpEvent): unknown {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new Problem('body-too-large');
  if (!route.body || (bytes.length === 0 && route.bodyOptional)) return undefined;
  if (!JSON_TYPE.test(event.headers['content-type'] ?? '')) throw new Problem('unsupported-media-type');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const detail = error instanceof SyntaxError ? 'The body could not be read as JSON.' : 'The body is not UTF-8.';
    throw new Problem('malformed-json', { detail });
  }
}

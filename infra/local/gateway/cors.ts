import type { IncomingMessage } from 'node:http';
import type { CorsModel } from '../assembly/http.ts';
import type { HttpResponse } from './http-response.ts';

/** Whether a browser asks with this request what it may send from another origin. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** The gateway's own response to a preflight request, for an API whose routes do not match it. */
export const preflightResponse: HttpResponse = { status: 204, headers: {}, cookies: [], body: Buffer.alloc(0) };

/**
 * Adds the CORS headers to a response, also to one of a function to a preflight request. With CORS configured on the
 * API, the gateway drops those that a function sets.
 */
export function withCors(cors: CorsModel | undefined, request: IncomingMessage, response: HttpResponse): HttpResponse {
  if (cors === undefined) return response;
  const headers = Object.fromEntries(
    Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-')),
  );
  const allowed = request.headers.origin === undefined ? undefined : allowedOrigin(cors, request.headers.origin);
  if (allowed === undefined) return { ...response, headers };
  const added = { ...originHeaders(cors, allowed), ...(isPreflight(request) && preflightHeaders(cors)) };
  return { ...response, headers: { ...headers, ...added } };
}

function preflightHeaders({ allowMethods, allowHeaders, maxAge }: CorsModel): Record<string, string> {
  return {
    ...(allowMethods.length > 0 && { 'access-control-allow-methods': allowMethods.join(',') }),
    ...(allowHeaders.length > 0 && { 'access-control-allow-headers': allowHeaders.join(',') }),
    ...(maxAge !== undefined && { 'access-control-max-age': String(maxAge) }),
  };
}

function originHeaders(cors: CorsModel, allowed: string): Record<string, string> {
  const headers: Record<string, string> = { 'access-control-allow-origin': allowed };
  if (cors.allowCredentials) headers['access-control-allow-credentials'] = 'true';
  if (cors.exposeHeaders.length > 0) headers['access-control-expose-headers'] = cors.exposeHeaders.join(',');
  return headers;
}

function allowedOrigin(cors: CorsModel, origin: string): string | undefined {
  if (cors.allowOrigins.includes('*')) return '*';
  const scheme = `${origin.split('://')[0]}://*`;
  return cors.allowOrigins.some((allowed) => allowed === origin || allowed === scheme) ? origin : undefined;
}

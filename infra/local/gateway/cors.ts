import type { IncomingMessage } from 'node:http';
import type { CorsModel } from '../assembly/http.ts';
import type { HttpResponse } from './http-response.ts';

/** The gateway's response to a preflight request; undefined for other requests and without CORS configuration. */
export function preflight(cors: CorsModel | undefined, request: IncomingMessage): HttpResponse | undefined {
  const { origin, 'access-control-request-method': wanted } = request.headers;
  if (cors === undefined || request.method !== 'OPTIONS' || origin === undefined || wanted === undefined)
    return undefined;
  const allowed = allowedOrigin(cors, origin);
  const headers: Record<string, string> = allowed === undefined ? {} : originHeaders(cors, allowed);
  if (allowed !== undefined) {
    if (cors.allowMethods.length > 0) headers['access-control-allow-methods'] = cors.allowMethods.join(',');
    if (cors.allowHeaders.length > 0) headers['access-control-allow-headers'] = cors.allowHeaders.join(',');
    if (cors.maxAge !== undefined) headers['access-control-max-age'] = String(cors.maxAge);
  }
  return { status: 204, headers, cookies: [], body: Buffer.alloc(0) };
}

/** Adds the CORS headers to a response. With CORS configured on the API, the gateway drops those that a function sets. */
export function withCors(cors: CorsModel | undefined, request: IncomingMessage, response: HttpResponse): HttpResponse {
  if (cors === undefined) return response;
  const headers = Object.fromEntries(
    Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-')),
  );
  const allowed = request.headers.origin === undefined ? undefined : allowedOrigin(cors, request.headers.origin);
  return { ...response, headers: allowed === undefined ? headers : { ...headers, ...originHeaders(cors, allowed) } };
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

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Place } from '../assembly/template.ts';
import type { JsonObject } from '../shared/json.ts';

/** A request with the route that matched it. */
export type RoutedRequest = {
  request: IncomingMessage;
  requestId: string;
  /** Percent-encoded, without the query. */
  path: string;
  query: string;
  routeKey: string;
  pathParameters: Record<string, string> | undefined;
  receivedAt: Date;
  apiId: string;
  stage: string;
  place: Place;
};

/** Headers that belong to the connection and do not reach a function. */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'te',
  'trailer',
  'expect',
]);

/** The event of payload format 2.0 that a Lambda integration receives. */
export function integrationEvent(routed: RoutedRequest, body: Buffer): JsonObject {
  const { request, path, query, routeKey, pathParameters } = routed;
  const text = isText(request.headers['content-type']);
  const { headers, cookies } = readHeaders(request);
  const queryParameters = queryStringParameters(query);
  return {
    version: '2.0',
    routeKey,
    rawPath: decodePath(path),
    rawQueryString: query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(queryParameters === undefined ? {} : { queryStringParameters: queryParameters }),
    ...(pathParameters === undefined ? {} : { pathParameters }),
    requestContext: requestContext(routed),
    ...(body.length === 0 ? {} : { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** HTTP APIs pass the path decoded, unlike REST APIs and function URLs. */
function decodePath(path: string): string {
  return decodeURIComponent(path);
}

function requestContext({
  request,
  requestId,
  path,
  routeKey,
  receivedAt,
  apiId,
  stage,
  place,
}: RoutedRequest): JsonObject {
  const host = request.headers.host ?? '';
  return {
    accountId: place.account,
    apiId,
    domainName: host,
    domainPrefix: host.split('.')[0] ?? '',
    http: {
      method: request.method ?? 'GET',
      path: decodePath(path),
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: sourceIp(request),
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId,
    routeKey,
    stage,
    time: commonLogTime(receivedAt),
    timeEpoch: receivedAt.getTime(),
  };
}

function sourceIp(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
}

/** Header names in lower case, repeated headers joined by commas, cookies as a separate list. */
function readHeaders(request: IncomingMessage): { headers: JsonObject; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? '').toLowerCase();
    const value = request.rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ''));
    else if (!connectionHeaders.has(name)) headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = forwarded === undefined ? sourceIp(request) : `${forwarded}, ${sourceIp(request)}`;
  headers['x-forwarded-port'] = String(request.socket.localPort ?? '');
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] ??=
    `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  return { headers, cookies };
}

/** Decoded query parameters, repeated ones joined by commas; undefined when there are none. */
function queryStringParameters(query: string): Record<string, string> | undefined {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return parameters.size === 0 ? undefined : Object.fromEntries(parameters);
}

/** As measured on AWS: these content types reach a function as text, all others (also forms and a missing type) as base64. */
function isText(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || ['application/json', 'application/xml', 'application/javascript'].includes(type);
}

function commonLogTime(time: Date): string {
  const [, weekdayless = ''] = /^\w+, (.*) GMT$/.exec(time.toUTCString()) ?? [];
  const [day, month, year, clock] = weekdayless.split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}

import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AuthorizerModel } from '../assembly/http.ts';
import type { Place } from '../assembly/template.ts';
import type { Json, JsonObject } from '../shared/json.ts';

/** What the gateway knows of a request by the time a route is found. */
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
export function integrationEvent(
  routed: RoutedRequest,
  body: Buffer,
  authorizerContext: JsonObject | undefined,
): JsonObject {
  const { request } = routed;
  const text = isText(request.headers['content-type']);
  return {
    version: '2.0',
    ...commonParts(routed),
    requestContext: {
      ...requestContext(routed),
      ...(authorizerContext === undefined ? {} : { authorizer: { lambda: authorizerContext } }),
    },
    ...(body.length === 0 ? {} : { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** The event of payload format 2.0 that a Lambda authorizer of type REQUEST receives. */
export function authorizerEvent(
  routed: RoutedRequest,
  authorizer: AuthorizerModel,
  identity: readonly string[],
): JsonObject {
  const { place, apiId, stage, request, path } = routed;
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:${place.partition}:execute-api:${place.region}:${place.account}:${apiId}/${stage}/${request.method}${decodePath(path)}`,
    identitySource: authorizer.identitySources.length === 0 ? null : [...identity],
    ...commonParts(routed),
    requestContext: requestContext(routed),
  };
}

function commonParts({ request, path, query, routeKey, pathParameters }: RoutedRequest): JsonObject {
  const { headers, cookies } = readHeaders(request);
  const queryParameters = queryStringParameters(query);
  return {
    routeKey,
    rawPath: decodePath(path),
    rawQueryString: query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(queryParameters === undefined ? {} : { queryStringParameters: queryParameters }),
    ...(pathParameters === undefined ? {} : { pathParameters }),
  };
}

/** HTTP APIs, unlike REST APIs and function URLs, hand the path on decoded. */
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

/** Lower-case names, repeated headers joined by commas, cookies apart. */
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
export function queryStringParameters(query: string): Record<string, string> | undefined {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return parameters.size === 0 ? undefined : Object.fromEntries(parameters);
}

/** As measured on AWS: these content types reach a function as text, every other one (forms and none at all too) as base64. */
function isText(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || ['application/json', 'application/xml', 'application/javascript'].includes(type);
}

function commonLogTime(time: Date): string {
  const [, weekdayless = ''] = /^\w+, (.*) GMT$/.exec(time.toUTCString()) ?? [];
  const [day, month, year, clock] = weekdayless.split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** The values of an authorizer's identity sources; undefined as soon as one is missing or empty. */
export function identityOf(sources: readonly string[], routed: RoutedRequest): string[] | undefined {
  const values = sources.map((source) => identityValue(source, routed));
  return values.every((value): value is string => value !== undefined && value !== '') ? values : undefined;
}

function identityValue(source: string, routed: RoutedRequest): string | undefined {
  const [, kind, name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (kind === 'request.header') return headerText(routed.request.headers, name.toLowerCase());
  if (kind === 'request.querystring') return queryStringParameters(routed.query)?.[name];
  if (kind !== 'context') return undefined;
  const value = name
    .split('.')
    .reduce<Json | undefined>(
      (node, key) => (typeof node === 'object' && node !== null && !Array.isArray(node) ? node[key] : undefined),
      requestContext(routed),
    );
  return typeof value === 'string' ? value : undefined;
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

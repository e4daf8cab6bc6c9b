import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiModel, RouteModel } from '../assembly/http.ts';
import type { Place } from '../assembly/template.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { isPreflight, preflightResponse, withCors } from './cors.ts';
import { integrationEvent, type RoutedRequest } from './http-event.ts';
import { gatewayMessage, type HttpResponse, isDecodable, readIntegrationResult } from './http-response.ts';
import { matchRoute } from './route-match.ts';

export type Gateway = { handle(request: IncomingMessage, response: ServerResponse): Promise<void> };

const megabyte = 1024 * 1024;
const maximumBodyBytes = 10 * megabyte;
/** A body that is too large is still read up to this size, so that the client gets to read the response. */
const discardedBytes = 64 * megabyte;
/** Lambda's limit on the payload of a synchronous invocation, in either direction. */
const maximumPayloadBytes = 6 * megabyte;

/** Serves HTTP as API Gateway's HTTP APIs do: routes, CORS, limits, and Lambda proxy integrations of payload 2.0. */
export function createGateway(
  api: ApiModel,
  functions: ReadonlyMap<string, Pick<LambdaFunction, 'invoke'>>,
  place: Place,
): Gateway {
  async function answer(request: IncomingMessage, requestId: string): Promise<HttpResponse> {
    const [path, query] = splitTarget(request.url ?? '/');
    if (!isDecodable(path)) return gatewayMessage(400, 'Bad Request');
    const match = matchRoute(api.routes, request.method ?? 'GET', path);
    if (match === undefined)
      return api.cors && isPreflight(request) ? preflightResponse : gatewayMessage(404, 'Not Found');
    const { route, pathParameters } = match;
    const { routeKey } = route;
    const routed = {
      request,
      requestId,
      path,
      query,
      routeKey,
      pathParameters,
      receivedAt: new Date(),
      apiId: api.id,
      stage: api.stage,
      place,
    };
    return await callIntegration(route, routed);
  }

  async function callIntegration(route: RouteModel, routed: RoutedRequest): Promise<HttpResponse> {
    const body = await readBody(routed.request);
    if (body === 'too large') return gatewayMessage(413, 'Request Entity Too Large');
    const event = JSON.stringify(integrationEvent(routed, body));
    if (Buffer.byteLength(event) > maximumPayloadBytes) return gatewayMessage(413, 'Request Entity Too Large');
    return await invoke(route, event);
  }

  async function invoke(route: RouteModel, event: string): Promise<HttpResponse> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), route.timeoutMillis);
    });
    const outcome = await Promise.race([functions.get(route.functionName)?.invoke(event), timeout]);
    clearTimeout(timer);
    // The function keeps running, as on AWS; only its response is dropped.
    if (outcome === undefined) return gatewayMessage(503, 'Service Unavailable');
    if (!outcome.ok || Buffer.byteLength(outcome.result) > maximumPayloadBytes)
      return gatewayMessage(500, 'Internal Server Error');
    return readIntegrationResult(outcome.result) ?? gatewayMessage(500, 'Internal Server Error');
  }

  return {
    async handle(request, response) {
      const requestId = randomBytes(11).toString('base64url');
      const answered = await answer(request, requestId).catch(() => gatewayMessage(500, 'Internal Server Error'));
      send(request, response, withCors(api.cors, request, answered), requestId);
    },
  };
}

function splitTarget(url: string): [string, string] {
  // A request line may hold an absolute address, as sent to proxies.
  const target = /^https?:\/\/[^/?#]*/i.test(url) ? url.replace(/^https?:\/\/[^/?#]*/i, '') || '/' : url;
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** Reads a body. A body that is too large is read and discarded, because a client reads the response only after sending its body. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large'> {
  if (Number(request.headers['content-length'] ?? 0) > discardedBytes) return 'too large';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > discardedBytes) return 'too large';
    if (bytes <= maximumBodyBytes) chunks.push(chunk);
  }
  return bytes > maximumBodyBytes ? 'too large' : Buffer.concat(chunks);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, cookies, body }: HttpResponse,
  requestId: string,
): void {
  if (response.destroyed) return;
  const bodiless = status === 204 || status === 304;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.setHeader('apigw-requestid', requestId);
  if (!bodiless) response.setHeader('content-length', body.length);
  // The unread rest of a body would be parsed as the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(status);
  response.end(bodiless || request.method === 'HEAD' ? undefined : body);
}

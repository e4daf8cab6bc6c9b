import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ApiModel, CorsModel } from '../../infra/local/assembly/http.ts';
import { createGateway } from '../../infra/local/gateway/gateway.ts';
import { matchRoute, parseRouteKey } from '../../infra/local/gateway/route-match.ts';

const routes = [
  '$default',
  'GET /{any+}',
  'GET /pets/{rest+}',
  'GET /{kind}/dogs',
  'GET /pets/{id}',
  'GET /pets/dogs',
  'GET /pets/{id}/owner',
  'OPTIONS /{proxy+}',
].map(parseRouteKey);

describe('of several routes that match', () => {
  it.each([
    ['GET /pets/dogs', 'GET /pets/dogs', undefined],
    ['GET /pets/cats', 'GET /pets/{id}', { id: 'cats' }],
    ['GET /cats/dogs', 'GET /{kind}/dogs', { kind: 'cats' }],
    ['GET /pets/7/owner', 'GET /pets/{id}/owner', { id: '7' }],
    ['GET /pets/7/food/%C3%BC', 'GET /pets/{rest+}', { rest: '7/food/ü' }],
    ['GET /elsewhere', 'GET /{any+}', { any: 'elsewhere' }],
    ['GET /', '$default', undefined],
    ['POST /pets/dogs', '$default', undefined],
    ['OPTIONS /pets/dogs', 'OPTIONS /{proxy+}', { proxy: 'pets/dogs' }],
    ['OPTIONS /', '$default', undefined],
  ])('%s takes %s', (request, routeKey, pathParameters) => {
    const [method = '', path = ''] = request.split(' ');
    const match = matchRoute(routes, method, path);
    expect([match?.route.routeKey, match?.pathParameters]).toEqual([routeKey, pathParameters]);
  });

  it.each(['ANY /pets', 'GET /{all+}/owner'])('%s is refused, because the local stack does not match it', (key) => {
    expect(() => parseRouteKey(key)).toThrow(key);
  });
});

describe('a preflight request', () => {
  const origin = 'https://app.example';
  const cors: CorsModel = {
    allowOrigins: [origin],
    allowMethods: ['GET', 'PATCH'],
    allowHeaders: ['authorization'],
    exposeHeaders: ['etag'],
    allowCredentials: false,
    maxAge: 60,
  };

  /** Sends a preflight request to an API with these routes, whose function answers with the status and a header. */
  async function preflight(routeKeys: string[], status: number, from = origin) {
    const called: string[] = [];
    const headers = { 'access-control-allow-origin': '*' };
    const api: ApiModel = {
      id: 'api',
      endpoint: 'https://api.example',
      stage: '$default',
      cors,
      routes: routeKeys.map((key) => ({ ...parseRouteKey(key), functionName: 'rest', timeoutMillis: 1000 })),
    };
    const rest = {
      invoke: async (event: string) => {
        called.push(JSON.parse(event).routeKey);
        return { ok: true as const, result: JSON.stringify({ statusCode: status, headers }) };
      },
    };
    const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'S' };
    const gateway = createGateway(api, new Map([['rest', rest]]), place);
    const server = createServer((request, response) => void gateway.handle(request, response));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const answer = await fetch(`http://127.0.0.1:${address.port}/v1/clients`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'PATCH', connection: 'close' },
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), called };
  }

  const allowing = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET,PATCH',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '60',
  };

  it('reaches $default, which can refuse it', async () => {
    const answer = await preflight(['GET /v1/clients', '$default'], 405);
    expect(answer).toMatchObject({ status: 405, called: ['$default'] });
  });

  it('reaches a greedy OPTIONS route before $default, and the gateway adds the CORS headers', async () => {
    const answer = await preflight(['$default', 'OPTIONS /{proxy+}'], 204);
    expect(answer).toMatchObject({ status: 204, headers: allowing, called: ['OPTIONS /{proxy+}'] });
  });

  it('gets no CORS headers for an origin that is not allowed, whatever the function says', async () => {
    const { status, headers } = await preflight(['OPTIONS /{proxy+}'], 204, 'https://evil.example');
    expect([status, Object.keys(headers).filter((name) => name.startsWith('access-control'))]).toEqual([204, []]);
  });

  it('is answered by the gateway itself where no route matches it', async () => {
    const answer = await preflight(['GET /v1/clients'], 200);
    expect(answer).toMatchObject({ status: 204, headers: allowing, called: [] });
  });
});

import { expect, inject, it } from 'vitest';
import { pathOf, routes } from '../support/api/routes.ts';

/** Allowed in the stages dev and test. */
const ORIGIN = 'http://localhost:5173';
const local = inject('apiIsLocal');

it('a page of an allowed origin may call every route, with the headers of the API', async () => {
  const methods = Map.groupBy(routes, ({ route }) => route.method);
  // Of each method the first route: the paths of all others are routed alike.
  for (const [method, [first]] of methods) {
    const path = first ? pathOf(first.route) : '/';
    const answer = await preflight(path, method);
    expect(answer.status, `${method} ${path}`).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-methods')?.split(',')).toContain(method);
    const headers = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
    for (const header of ['authorization', 'content-type', 'idempotency-key', 'if-match'])
      expect(headers).toContain(header);
  }
});

it('a page of another origin is allowed nothing', async () => {
  const { headers } = await preflight('/v1/clients', 'GET', 'https://evil.example');
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

it.skipIf(!local)(
  'OPTIONS without an origin is answered too (only local: ministack refuses it by itself)',
  async () => {
    for (const path of ['/v1/clients', '/nowhere', '/']) {
      const answer = await fetch(`${inject('apiUrl')}${path}`, { method: 'OPTIONS' });
      expect([path, answer.status, await answer.text()]).toEqual([path, 204, '']);
    }
  },
);

function preflight(path: string, method: string, origin = ORIGIN): Promise<Response> {
  return fetch(inject('apiUrl') + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,idempotency-key,if-match',
    },
  });
}

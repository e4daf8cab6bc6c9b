import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { contracts } from '../../functions/contracts.ts';
import { openApi } from '../../lib/http/openapi.ts';
import { type ProblemCode, problems } from '../../lib/shared/errors.ts';
import { createClient, send, signUp } from '../support/api/client.ts';
import { undocumented } from '../support/api/documented.ts';
import { routes } from '../support/api/routes.ts';

const file = readFileSync(new URL('../../functions/docs/openapi.json', import.meta.url), 'utf8');

describe('the OpenAPI document', () => {
  it('the OpenAPI document is generated from the contracts', () => {
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(openApi(Object.values(contracts)))));
  });

  it('the methods by which unknown paths are told from wrong methods are those of the document', async () => {
    const methods = JSON.parse(readFileSync(new URL('../../functions/docs/routes.json', import.meta.url), 'utf8'));
    const { paths } = JSON.parse(file);
    expect(Object.keys(methods)).toEqual(Object.keys(paths));
    for (const [path, operations] of Object.entries<object>(paths))
      expect(methods[path].map((method: string) => method.toLowerCase()).sort()).toEqual(
        Object.keys(operations).sort(),
      );
    const wrong = await send('/v1/clients', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, GET']);
  });

  it('the OpenAPI document is served as committed, with every route', async () => {
    const { json } = await send('/openapi.json');
    expect(json).toEqual(JSON.parse(file));
    for (const { route } of routes) expect(json.paths[route.path]).toHaveProperty(route.method.toLowerCase());
  });
});

describe('the check that every answer of these tests goes through', () => {
  const headers = new Headers({ 'x-request-id': 'r', etag: '"1"', 'content-type': 'application/json' });

  it('the check of all answers finds undocumented ones', async () => {
    const company = await signUp();
    const body = await createClient(company);
    const path = `/v1/clients/${body.id}?x=1`;
    const differences = (status: number, value: unknown, sent = headers) =>
      undocumented('GET', path, { status, headers: sent, text: JSON.stringify(value) });
    expect(differences(200, body)).toEqual([]);
    expect(differences(418, body)).toHaveLength(1);
    expect(differences(200, { ...body, passwordHash: 'x' })).toHaveLength(1);
    expect(differences(200, { ...body, version: 'one' })).toHaveLength(1);
    expect(differences(200, { ...body, contacts: [{}] })).toHaveLength(1);
    expect(differences(200, body, new Headers({ 'content-type': 'text/html' }))).toHaveLength(3);
    expect(undocumented('GET', path, { status: 304, headers, text: '' })).toEqual([]);
    expect(undocumented('GET', '/elsewhere', { status: 404, headers, text: '' })).toEqual([]);
  });
});

describe('pages for people', () => {
  const page = async (path: string) => {
    const answer = await send(path);
    expect(answer.status).toBe(200);
    return {
      type: answer.headers.get('content-type'),
      policy: answer.headers.get('content-security-policy'),
      text: answer.text,
    };
  };

  it('every problem type is explained at its address', async () => {
    const codes = Object.keys(problems).filter((code): code is ProblemCode => code in problems);
    for (const code of codes) {
      const { type, text } = await page(`/problems/${code}`);
      expect(type).toMatch(/^text\/html/);
      expect(text).toContain(problems[code].title);
    }
    expect((await send('/problems/none')).status).toBe(404);
  });

  it('the root and /docs/ lead to the API reference, for HEAD too', async () => {
    for (const method of ['GET', 'HEAD'])
      for (const [path, status] of [
        ['/', 307],
        // ministack's gateway drops the slash, so that it asks for the page itself.
        ...(inject('apiIsLocal') ? ([['/docs/', 308]] as const) : []),
      ] as const) {
        const answer = await send(path, { method });
        expect([answer.status, answer.headers.get('location')], `${method} ${path}`).toEqual([status, '/docs']);
      }
    expect((await send('/docs', { method: 'HEAD' })).status).toBe(200);
    expect((await send('/', { method: 'POST', body: {} })).status).toBe(404);
  });

  it.each(['/openapi.json', '/docs', '/docs/start.js', '/docs/reference.js'])(
    '%s is compressed for callers that accept it, and answered 304 to those who have it',
    async (path) => {
      const read = (headers: Record<string, string>) => send(path, { headers });
      const compressed = await read({ 'accept-encoding': 'br, gzip' });
      const plain = await read({ 'accept-encoding': 'identity' });
      expect(compressed.headers.get('content-encoding')).toBe('gzip');
      expect(plain.headers.get('content-encoding')).toBe(null);
      expect(plain.text).toBe(compressed.text);
      const etags = [compressed, plain].map(({ headers }) => headers.get('etag') ?? '');
      expect(new Set(etags).size).toBe(2);
      for (const [index, coding] of ['gzip', 'identity'].entries()) {
        const known = await read({ 'accept-encoding': coding, 'if-none-match': etags[index] ?? '' });
        expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etags[index]]);
        expect(known.headers.get('cache-control')).toBe('public, max-age=300');
        expect(known.headers.get('vary')).toBe('accept-encoding');
      }
    },
  );

  it('the API reference loads nothing from other origins', async () => {
    const { text, policy } = await page('/docs');
    expect(policy).toContain("default-src 'none'");
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(loaded.filter((address) => /^(https?:)?\/\//.test(address))).toEqual([]);
    expect(loaded).toContain('/docs/reference.js');
    expect((await page('/docs/reference.js')).text.length).toBeGreaterThan(100_000);
    expect((await page('/docs/start.js')).type).toMatch(/javascript/);
  });
});

describe('every answer', () => {
  it('every answer has security headers, cache headers and its request id', async () => {
    const { token } = await signUp();
    const answers = [
      await send('/v1/company', { token }),
      await send('/v1/company'),
      await send('/nowhere'),
      await send('/v1/clients', { token, body: {} }),
    ];
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/\S/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});

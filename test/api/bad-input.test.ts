import { beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../lib/http/contract.ts';
import { sampleOf } from '../../lib/http/sample.ts';
import { type Answer, contactToken, send, signUp, type TestCompany } from '../support/api/client.ts';
import { expectProblem, pointersOf } from '../support/api/problem.ts';
import { pathOf, routes } from '../support/api/routes.ts';

const LONG = 'x'.repeat(20_000);
const withBody = routes.filter(({ route }) => route.body).map(({ id, route }) => [id, route] as const);

let company: TestCompany;
let contact = '';
beforeAll(async () => {
  company = await signUp();
  contact = await contactToken(company);
});
const tokenFor = ({ access }: Route) => (access === 'portal' ? contact : company.token);

describe.each(withBody)('%s refuses', (_, route) => {
  const sample: Record<string, unknown> = Object(sampleOf(route.body));
  const sendRaw = (raw: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<Answer> =>
    send(pathOf(route), { method: route.method, token: tokenFor(route), raw, headers });
  const sendJson = (body: unknown) => sendRaw(JSON.stringify(body));

  it('malformed JSON is refused', async () => {
    for (const raw of ['{', '{"a":1,}', "{'a':1}", 'NaN', '\u0000', '{}{}', '\ufeff{}x'])
      expectProblem(await sendRaw(raw), 'malformed-json');
    expectProblem(await sendRaw(new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])), 'malformed-json');
    // A gateway may replace invalid UTF-8 by replacement characters, which makes the body a valid string.
    expect((await sendRaw(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))).status).toBe(400);
  });

  it('another content type than JSON is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'multipart/form-data',
      '',
    ])
      expectProblem(await sendRaw('{}', { 'content-type': type }), 'unsupported-media-type');
  });

  it('a body of two megabytes is refused', async () => {
    expectProblem(await sendJson({ name: 'x'.repeat(2 * 1024 * 1024) }), 'body-too-large');
  });

  it('a body that is not an object is refused', async () => {
    for (const body of [[], [sample], 'text', 7, true, null]) {
      const answer = await sendJson(body);
      expectProblem(answer, 'validation');
      expect(pointersOf(answer)).toContain('');
    }
  });

  it('unknown fields are refused by their names', async () => {
    const answer = await sendRaw('{"nope":1,"a/b~c":2,"__proto__":{"role":"owner"},"constructor":3,"toString":4}');
    expectProblem(answer, 'validation');
    for (const pointer of ['/nope', '/a~1b~0c', '/constructor', '/toString'])
      expect(pointersOf(answer)).toContain(pointer);
    const alone = await sendRaw('{"__proto__":{"role":"owner"}}');
    expectProblem(alone, 'validation');
    expect(pointersOf(alone)).toContain('/__proto__');
  });

  it('values of the wrong type are refused, all at once', async () => {
    const fields = Object.keys(sample);
    for (const wrong of [{ nope: ['x'] }, 7.25]) {
      if (fields.length === 0) continue;
      const answer = await sendJson(Object.fromEntries(fields.map((field) => [field, wrong])));
      expectProblem(answer, 'validation');
      for (const field of fields)
        expect(
          pointersOf(answer).some((pointer) => pointer.startsWith(`/${field}`)),
          field,
        ).toBe(true);
    }
  });

  it('strings that are too long are refused, and control characters or lone surrogates cause no failure', async () => {
    const strings = Object.keys(sample).filter((field) => typeof sample[field] === 'string');
    if (strings.length === 0) return;
    const all = (value: string) => sendJson(Object.fromEntries(strings.map((field) => [field, value])));
    const long = await all(LONG);
    expectProblem(long, 'validation');
    for (const field of strings) expect(pointersOf(long)).toContain(`/${field}`);
    for (const odd of ['a\u0000b', '\u001b[31m', '\ud800']) expect((await all(odd)).status).toBeLessThan(500);
  });

  it('endless nesting is refused', async () => {
    const depth = 100_000;
    for (const raw of [`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`])
      expect((await sendRaw(raw)).status).toBe(400);
    for (const field of Object.keys(sample)) {
      const deep = `{"${field}":${'[{"x":'.repeat(2000)}1${'}]'.repeat(2000)}}`;
      expect((await sendRaw(deep)).status, field).toBe(400);
    }
  });

  it('unknown query parameters are refused', async () => {
    const path = `${pathOf(route)}?nope=1`;
    const answer = await send(path, { method: route.method, token: tokenFor(route), raw: '{}' });
    expectProblem(answer, 'validation');
    expect(pointersOf(answer)).toContain('?nope');
  });
});

describe('other addresses', () => {
  it('unknown addresses are answered 404', async () => {
    for (const path of ['/v1', '/v2/clients', '/v1/clients/x/y/z', '/v1/Clients', '/v1/clients/'])
      for (const method of ['GET', 'POST']) {
        expectProblem(await send(path, { method }), 'not-found');
      }
  });

  it('another method of a known path is answered 405 with the allowed methods', async () => {
    // A path without parameters may also match one with: `/v1/groups/report` is a `/v1/groups/{groupId}`.
    const serves = ({ path: template }: Route, path: string) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
    for (const path of new Set(routes.map(({ route }) => pathOf(route)))) {
      const methods = new Set(routes.filter(({ route }) => serves(route, path)).map(({ route }) => route.method));
      for (const method of (['PUT', 'DELETE', 'PATCH'] as const).filter((one) => !methods.has(one))) {
        const answer = await send(path, { method });
        expectProblem(answer, 'method-not-allowed');
        expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...methods].sort());
      }
    }
  });
});

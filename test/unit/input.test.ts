import { describe, expect, it } from 'vitest';
import { contracts } from '../../functions/contracts.ts';
import type { Route } from '../../lib/http/contract.ts';
import { problemAnswer } from '../../lib/http/problem-json.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { requestWith } from '../support/http-event.ts';
import { parseInput } from '../support/parse-input.ts';

const { createClient, listClients } = contracts.clients;

async function refusalOf(
  body: unknown,
  query: Record<string, string> = {},
  route: Route = createClient,
): Promise<Problem> {
  const raw = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    await parseInput(route, requestWith({ body: raw, query }));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

const listedBy = ({ errors = [] }: Problem) => errors.map(({ pointer, code }) => `${pointer} ${code}`);

/** The body of the answer as it is sent. */
const answered = (problem: Problem) => problemAnswer(problem, 'request').body;

describe('names with a meaning for objects', () => {
  it.each([
    ['{"name":"A","metadata":{"constructor":"a"}}', '/metadata/constructor'],
    ['{"name":"A","metadata":{"__proto__":"a"}}', '/metadata/__proto__'],
    ['{"name":"A","metadata":{"prototype":"a"}}', '/metadata/prototype'],
    ['{"name":"A","settings":{"__proto__":{"language":"en"}}}', '/settings/__proto__'],
    [
      '{"name":"A","contacts":[{"firstName":"B","customFields":{"constructor":1}}]}',
      '/contacts/0/customFields/constructor',
    ],
    ['{"name":"A","__proto__":{"status":"fraud"}}', '/__proto__'],
  ])('%s is refused', async (body, pointer) => {
    expect(listedBy(await refusalOf(body))).toEqual([`${pointer} reserved-name`]);
  });

  it('they are reported together with the other faults', async () => {
    const body = '{"name":7,"metadata":{"__proto__":"a"},"nope":1}';
    expect(listedBy(await refusalOf(body)).sort()).toEqual([
      '/metadata/__proto__ reserved-name',
      '/name wrong-type',
      '/nope unknown-field',
    ]);
  });
});

describe('text that is not well-formed Unicode', () => {
  it.each([
    ['{"name":"\\ud800"}', '/name'],
    ['{"contacts":[{"email":"a\\ud800@x.example"}]}', '/contacts/0/email'],
    ['{"name":"A","metadata":{"a":"\\udfff"}}', '/metadata/a'],
    ['{"name":"A","metadata":{"a\\ud800":"a"}}', '/metadata/a\ufffd'],
    ['{"name":"A","tags":["\\ud800"]}', '/tags/0'],
  ])('%s is refused', async (body, pointer) => {
    expect(listedBy(await refusalOf(body))).toEqual([`${pointer} wrong-format`]);
  });

  it.each<[string, Route]>([
    ['{"company":"\\ud800","email":"a@x.example","password":"p"}', contracts.accounts.signIn],
    ['{"company":"a","username":"\\ud800","password":"p"}', contracts.portal.portalSignIn],
    ['{"sender":{"replyTo":"a\\ud800@x.example"}}', contracts.company.changeSettings],
  ])('%s is refused', async (body, route) => {
    expect(listedBy(await refusalOf(body, {}, route))).toEqual([expect.stringContaining('wrong-format')]);
  });
});

describe('a rule between fields', () => {
  it.each([
    [{ contacts: Array.from({ length: 31 }, () => ({ firstName: 'A' })) }, ['/contacts too-many']],
    [{ contacts: 'Ada' }, ['/contacts wrong-type']],
    [{ contacts: [], industry: 7 }, ['/industry wrong-type', '/name required']],
    [{ contacts: [{ title: 7 }] }, ['/contacts/0/title wrong-type', '/contacts/0 required']],
    [{ contacts: [{ title: 7, lastName: 'B' }] }, ['/contacts/0/title wrong-type']],
    [{ contacts: [{ email: 'ada@' }] }, ['/contacts/0/email wrong-format']],
  ])('says nothing if a field is faulty that it looks at (%#)', async (body, faults) => {
    expect(listedBy(await refusalOf(body))).toEqual(faults);
  });
});

describe('the list of faults', () => {
  it('has the first 50 unknown fields, and says how many more there are', async () => {
    const problem = await refusalOf(
      Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, 1])),
    );
    expect(problem.errors).toHaveLength(50);
    expect(problem.errors?.[0]).toMatchObject({ pointer: '/field0', code: 'unknown-field' });
    // One more is the name that the client lacks.
    expect(JSON.parse(answered(problem)).moreErrors).toBeGreaterThanOrEqual(19_950);
  });

  it('has the first 50 wrong values', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
    const problem = await refusalOf({ name: 'A', metadata });
    expect(problem.errors).toHaveLength(50);
    expect(problem.moreErrors).toBeGreaterThanOrEqual(9950);
  });

  it('says nothing of more faults if all are listed', async () => {
    expect(JSON.parse(answered(await refusalOf({ name: 7 })))).not.toHaveProperty('moreErrors');
  });

  it('has query and body faults together', async () => {
    expect(listedBy(await refusalOf({ name: 7 }, { nope: '1' }))).toEqual(['?nope unknown-field', '/name wrong-type']);
    const listing: Route = listClients;
    expect(listedBy(await refusalOf('', { limit: 'x', nope: '1' }, listing)).sort()).toEqual([
      '?limit wrong-type',
      '?nope unknown-field',
    ]);
  });

  it.each([
    [
      'metadata',
      { name: 'A', metadata: Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1])) },
    ],
    ['tags', { name: 'A', tags: Array.from({ length: 60_000 }, () => 1) }],
  ])('is not made for a body with more values than are checked: %s', async (field, body) => {
    expect(listedBy(await refusalOf(body))).toEqual([`/${field} too-many`]);
  });

  it.each([
    ['letters', 'a'],
    ['control characters', '\u0000'],
    ['slashes', '~/'],
    ['emoji', '😀'],
    ['half characters', '\ud800'],
  ])('stays below 64 KB whatever the names of fields are: %s', async (_, unit) => {
    const names = Array.from({ length: 60 }, (_name, index) => `${index}${unit.repeat(1000 / unit.length)}`);
    const problem = await refusalOf(Object.fromEntries(names.map((name) => [name, { [name]: unit }])));
    expect(problem.errors).toHaveLength(50);
    expect(Buffer.byteLength(answered(problem))).toBeLessThan(64 * 1024);
  });

  it('stays below 64 KB for bodies of nested names', async () => {
    const deep = (depth: number): unknown =>
      depth === 0 ? 1 : { constructor: 1, [`${depth}${'x'.repeat(200)}`]: deep(depth - 1) };
    const problem = await refusalOf(
      Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, deep(18)])),
    );
    expect(problem.errors).toHaveLength(50);
    expect(Buffer.byteLength(answered(problem))).toBeLessThan(64 * 1024);
  });
});

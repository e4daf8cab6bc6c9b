import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, PASSWORD, send, signUp, type TestCompany } from '../support/api/client.ts';
import { expectProblem, pointersOf } from '../support/api/problem.ts';

let company: TestCompany;
beforeAll(async () => {
  company = await signUp();
});

const post = (path: string, body: unknown): Promise<Answer> => send(path, { token: company.token, body });
const patch = (path: string, body: unknown): Promise<Answer> =>
  send(path, { method: 'PATCH', token: company.token, body });
const postRaw = (path: string, raw: string): Promise<Answer> => send(path, { token: company.token, raw });

const codesOf = ({ json }: Answer): string[] =>
  json.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);

describe('before a sign-in', () => {
  const signUpWith = (fields: { name?: string; owner?: string; email?: string }) =>
    send('/v1/companies', {
      body: {
        company: { name: fields.name ?? 'A company', currency: 'EUR' },
        owner: { email: fields.email ?? 'a@x.example', name: fields.owner ?? 'Olive', password: PASSWORD },
      },
    });

  it('a long name that ends with NUL is refused', async () => {
    const answer = await signUpWith({ name: `${'a'.repeat(250_000)}\u0000` });
    expectProblem(answer, 'validation');
    expect(codesOf(answer)).toEqual(['/company/name too-long']);
  });

  it('thousands of unknown fields get 50 faults and their number', async () => {
    const answer = await send('/v1/companies', {
      body: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field-${index}`, 1])),
    });
    expectProblem(answer, 'validation');
    expect(answer.json.errors).toHaveLength(50);
    expect(answer.json.moreErrors).toBeGreaterThanOrEqual(19_950);
    expect(answer.text.length).toBeLessThan(64 * 1024);
  });

  it('an address with half a character is refused', async () => {
    const answer = await signUpWith({ email: 'a\ud800@x.example' });
    expectProblem(answer, 'validation', ['/owner/email']);
  });

  it.each(['PayPal Security https://evil.example', 'evil.example', 'pay@pal', 'Pay\u202ePal', 'Pay\nPal'])(
    'a company or an owner named %j is refused',
    async (name) => {
      expectProblem(await signUpWith({ name, owner: name }), 'validation', ['/company/name', '/owner/name']);
    },
  );
});

describe('text that is not well-formed', () => {
  it.each<[string, () => Promise<Answer>, string]>([
    ['invitation', () => post('/v1/users', { email: 'a\ud800@x.example', name: 'A', role: 'viewer' }), '/email'],
    ['contact', () => post('/v1/clients', { contacts: [{ email: 'a\ud800@x.example' }] }), '/contacts/0/email'],
    ['sender', () => patch('/v1/company/settings', { sender: { replyTo: 'a\ud800@x.example' } }), '/sender/replyTo'],
    ['metadata', () => post('/v1/clients', { name: 'A', metadata: { a: '\udfff' } }), '/metadata/a'],
    ['tag', () => post('/v1/clients', { name: 'A', tags: ['\ud800'] }), '/tags/0'],
    ['id', () => post('/v1/clients/bulk', { action: 'archive', ids: ['\ud800'] }), '/ids/0'],
  ])('is refused in the field %s', async (_, request, pointer) => {
    expectProblem(await request(), 'validation', [pointer]);
  });
});

describe('reserved names', () => {
  it.each(['constructor', 'prototype', '__proto__'])('%s is refused by its name', async (name) => {
    const bodies = [
      [`{"name":"A","metadata":{"${name}":"a"}}`, `/metadata/${name}`],
      [`{"contacts":[{"firstName":"A","customFields":{"${name}":1}}]}`, `/contacts/0/customFields/${name}`],
      [`{"name":"A","settings":{"portalPermissions":{"${name}":true}}}`, `/settings/portalPermissions/${name}`],
    ] as const;
    for (const [raw, pointer] of bodies) expectProblem(await postRaw('/v1/clients', raw), 'validation', [pointer]);
  });

  it('they are refused in changes too', async () => {
    const { json } = await post('/v1/clients', { name: 'A', metadata: { a: 'b' } });
    const raw = '{"metadata":{"__proto__":"x","constructor":null}}';
    const answer = await send(`/v1/clients/${json.id}`, { method: 'PATCH', token: company.token, raw });
    expectProblem(answer, 'validation', ['/metadata/__proto__', '/metadata/constructor']);
  });
});

describe('number patterns', () => {
  it.each([
    `{date:${'y'.repeat(80)}x}{counter}`,
    'A\u0000{counter}',
    'A\n{counter}',
    '\u202e{counter}',
    'A\u200b{counter}',
  ])('%j is refused by preview and settings', async (pattern) => {
    const clientNumber = { pattern, next: 1, reset: 'never' };
    const answers = [
      await post('/v1/company/settings/number-preview', { clientNumber }),
      await patch('/v1/company/settings', { clientNumber }),
    ];
    for (const answer of answers) {
      expectProblem(answer, 'validation');
      expect(pointersOf(answer)).toEqual(['/clientNumber/pattern']);
    }
  });

  it('a preview of one random letter is never an error', async () => {
    for (let attempt = 0; attempt < 30; attempt++) {
      const answer = await post('/v1/company/settings/number-preview', { clientNumber: { pattern: '{random:1}' } });
      expect(answer.status).toBe(200);
    }
  });

  it('a counter at its end makes no number, and the settings can still be read', async () => {
    const own = await signUp();
    const clientNumber = { pattern: '{counter}', next: 999_999_999, reset: 'never' };
    const set = await send('/v1/company/settings', { method: 'PATCH', token: own.token, body: { clientNumber } });
    expect(set.status).toBe(200);
    expectProblem(await send('/v1/clients', { token: own.token, body: { name: 'A' } }), 'numbers-exhausted');
    expect((await send('/v1/company/settings', { token: own.token })).json.clientNumber).toEqual(clientNumber);
  });
});

describe('values that look alike', () => {
  it('a number, an idNumber, a username and an address are taken in every spelling', async () => {
    const fields = (spell: (text: string) => string) => ({
      number: spell('Né-7'),
      idNumber: spell('Éx-7'),
      contacts: [{ email: `${spell('zoe')}@look.example`, username: spell('zoé.byron') }],
    });
    expect(
      (
        await post(
          '/v1/clients',
          fields((text) => text),
        )
      ).status,
    ).toBe(201);
    for (const spell of [
      (text: string) => text.normalize('NFD'),
      (text: string) => text.toUpperCase(),
      (text: string) => text.replace(/[a-z]/, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
    ]) {
      const { number, idNumber, contacts } = fields(spell);
      const [contact = { email: '', username: '' }] = contacts;
      expectProblem(await post('/v1/clients', { name: 'A', number }), 'number-taken', ['/number']);
      expectProblem(await post('/v1/clients', { name: 'A', idNumber }), 'id-number-taken', ['/idNumber']);
      const { email, username } = contact;
      expectProblem(await post('/v1/clients', { contacts: [{ email }] }), 'email-taken', ['/contacts/0/email']);
      expectProblem(await post('/v1/clients', { contacts: [{ firstName: 'A', username }] }), 'username-taken', [
        '/contacts/0/username',
      ]);
    }
  });

  it.each(['\u200b', '\u202e', '\u00ad', '\u2066'])(
    '%j is refused in numbers, usernames and addresses',
    async (hidden) => {
      const answer = await post('/v1/clients', {
        name: 'A',
        number: `N${hidden}1`,
        idNumber: `X${hidden}1`,
        vatNumber: `GB${hidden}1`,
        contacts: [{ email: `a${hidden}@x.example`, username: `a${hidden}` }],
      });
      expect(codesOf(answer).sort()).toEqual([
        '/contacts/0/email hidden-character',
        '/contacts/0/username hidden-character',
        '/idNumber hidden-character',
        '/number hidden-character',
        '/vatNumber hidden-character',
      ]);
    },
  );
});

it('the website of a client has no credentials', async () => {
  for (const website of ['https://ada:secret@x.example', 'ada:secret@x.example', 'https://ada@x.example/path'])
    expect(codesOf(await post('/v1/clients', { name: 'A', website }))).toEqual(['/website credentials']);
});

it('the sender of mails has no address in its name', async () => {
  for (const fromName of ['PayPal security@evil.example', 'https://evil', 'www.evil', 'evil.example', 'Pay\u200bPal'])
    expectProblem(await patch('/v1/company/settings', { sender: { fromName } }), 'validation', ['/sender/fromName']);
});

import { describe, expect, it } from 'vitest';
import { createClient, send, sharedCompany, signUp, signUpVerified, type TestCompany } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const EXAMPLE = {
  type: 'company',
  name: 'Northwind Studio',
  idNumber: 'NW-7',
  vatNumber: 'GB123456789',
  groupId: null,
  pricingId: null,
  contacts: [
    { firstName: 'Ada', lastName: 'Byron', email: 'ada@northwind.example', phone: '+44 20 7946 0000', isPrimary: true },
  ],
  phones: [{ kind: 'phone', location: 'work', number: '+44 20 7946 0001', extension: '12' }],
  billingAddress: { line1: '1 Harbour Road', city: 'London', postalCode: 'E1 6AN', country: 'GB' },
  shippingAddress: 'copy-billing',
  publicNotes: '',
  privateNotes: 'pays late',
  invoiceDelivery: 'email',
  customFields: { custom1: 'gold' },
  settings: { currency: 'GBP', language: 'en' },
  tags: ['studio'],
  metadata: { crm: '42' },
  sendWelcomeEmail: true,
};

const create = ({ token }: TestCompany, body: unknown) => send('/v1/clients', { token, body });
const profile = ({ token }: TestCompany, id: string) => send(`/v1/clients/${id}`, { token });

describe('creating a client', () => {
  it('a client is created with all its fields in one request, which answers its profile', async () => {
    const company = await signUpVerified();
    const answer = await create(company, EXAMPLE);
    expect(answer.status).toBe(201);
    const { id, contacts } = answer.json;
    const address = { attention: null, line2: null, state: null, ...EXAMPLE.billingAddress };
    const { sendWelcomeEmail: _, ...fields } = EXAMPLE;
    const times = {
      createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    };
    expect(answer.json).toEqual({
      ...fields,
      ...times,
      id: expect.stringMatching(/^cli_/),
      number: '0001',
      displayName: 'Northwind Studio',
      taxExempt: false,
      website: null,
      industry: null,
      size: null,
      status: 'active',
      archivedAt: null,
      groupId: expect.stringMatching(/^grp_/),
      billingAddress: address,
      shippingAddress: address,
      portalPermissions: {},
      settings: { ...EXAMPLE.settings, invoiceDelivery: 'email' },
      defaultFax: null,
      marketingOptIn: null,
      balances: [],
      phones: [{ ...EXAMPLE.phones[0], e164: '+442079460001' }],
      warnings: [expect.objectContaining({ pointer: '/vatNumber', code: 'vat-checksum' })],
      contacts: [
        {
          ...EXAMPLE.contacts[0],
          phoneE164: '+442079460000',
          username: null,
          ...times,
          id: expect.stringMatching(/^con_/),
          title: null,
          language: null,
          receives: ['invoices', 'reminders', 'statements'],
          customFields: {},
          emailStatus: { status: 'ok', since: null },
          portal: {
            status: 'invited',
            username: 'ada@northwind.example',
            invitedAt: times.createdAt,
            lastSignInAt: null,
            lockedUntil: null,
          },
        },
      ],
    });
    expect(answer.headers.get('location')).toBe(`/v1/clients/${id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    const read = await profile(company, id);
    expect(read.json).toEqual(answer.json);
    expect(contacts).toHaveLength(1);
  });

  it('a new client keeps every field as given', async () => {
    const company = await sharedCompany();
    const address = {
      attention: 'Z',
      line1: 'Ž 1',
      line2: '二',
      city: 'C',
      state: 'S',
      postalCode: 'P',
      country: 'JP',
    };
    const fields = {
      type: 'person',
      name: '山田 太郎 🏯',
      number: 'GIVEN-1',
      idNumber: 'ID 1',
      vatNumber: 'V',
      taxExempt: true,
      website: 'http://yamada.example/a?b=c',
      industry: 'Tea',
      size: '1–9',
      publicNotes: 'one\ntwo\tthree',
      privateNotes: '<script>alert(1)</script> "quoted" \\ end',
      status: 'fraud',
      invoiceDelivery: 'none',
      phones: [
        { kind: 'fax', location: 'home', number: '1', extension: null },
        { kind: 'phone', location: 'mobile', number: '+81 90', extension: '2' },
      ],
      billingAddress: address,
      shippingAddress: { ...address, country: null },
      customFields: { custom1: 'gold', custom2: 4.5, custom3: true, custom4: '2026-01-31' },
      settings: { currency: 'JPY', reminders: { sendHour: 5, rules: [{ days: 3, when: 'beforeDueDate' }] } },
      portalPermissions: { ledger: false },
      tags: ['a', 'b'],
      metadata: { crm: '', 'x.y:z-1': 'ü' },
      marketingOptIn: { granted: true, at: '2026-01-31T09:30:00.000Z', how: 'fair' },
    };
    const { id } = await createClient(company, fields);
    expect((await profile(company, id)).json).toMatchObject(fields);
  });

  it('a new client has normalized names, addresses, tags and languages', async () => {
    const company = await sharedCompany();
    const { json } = await create(company, {
      name: '  Spaced  ',
      website: 'plain.example',
      tags: ['b', 'a', ' b ', 'B'],
      marketingOptIn: true,
      settings: { language: 'EN-gb' },
    });
    expect(json).toMatchObject({
      name: 'Spaced',
      website: 'https://plain.example',
      tags: ['b', 'a'],
      settings: { language: 'en-GB' },
    });
    expect(json.marketingOptIn).toEqual({ granted: true, at: json.createdAt, how: 'api' });
  });

  it.each([
    ['its name', { name: 'N', contacts: [{ firstName: 'A', email: 'a@x.example' }] }, 'N'],
    [
      'the full name of the first contact',
      { contacts: [{ firstName: 'Ada', lastName: 'Byron', email: 'b@x.example' }, { firstName: 'Z' }] },
      'Ada Byron',
    ],
    ['half a name', { contacts: [{ lastName: 'Byron' }] }, 'Byron'],
    ['the e-mail of the first contact', { contacts: [{ email: 'C@x.example' }] }, 'C@x.example'],
  ])('a new client is displayed by %s', async (_, body, expected) => {
    expect((await createClient(await sharedCompany(), body)).displayName).toBe(expected);
  });

  it('a new client needs a name or a contact', async () => {
    const company = await sharedCompany();
    for (const body of [{}, { name: null }, { privateNotes: 'x', contacts: [] }])
      expectProblem(await create(company, body), 'validation', ['/name']);
    for (const name of ['', '   ', '\u200b\n', 'a\u0000b', 7, 'x'.repeat(201)])
      expectProblem(await create(company, { name }), 'validation', ['/name']);
    expectProblem(await create(company, { name: 'N', contacts: [{ phone: '1' }] }), 'validation', ['/contacts/0']);
    expect((await createClient(company, { name: 'x'.repeat(200) })).name).toHaveLength(200);
    expect((await createClient(company, { name: '🏯'.repeat(200) })).name).toBe('🏯'.repeat(200));
  });

  it('a new client has exactly one primary contact', async () => {
    const company = await sharedCompany();
    const primaries = async (contacts: object[]) => {
      const client = await createClient(company, { contacts });
      return client.contacts.map(({ isPrimary }: { isPrimary: boolean }) => isPrimary);
    };
    expect(await primaries([{ firstName: 'A' }, { firstName: 'B' }])).toEqual([true, false]);
    expect(await primaries([{ firstName: 'A' }, { firstName: 'B', isPrimary: true }])).toEqual([false, true]);
    expect(await primaries([{ firstName: 'A', isPrimary: false }])).toEqual([true]);
    const two = [
      { firstName: 'A', isPrimary: true },
      { firstName: 'B', isPrimary: true },
    ];
    expectProblem(await create(company, { contacts: two }), 'validation', ['/contacts/1/isPrimary']);
  });

  it('a new client keeps 30 contacts in their order, and more are refused', async () => {
    const company = await sharedCompany();
    const contacts = Array.from({ length: 30 }, (_, index) => ({
      firstName: `C${index}`,
      email: `c${index}@many.example`,
    }));
    const { id } = await createClient(company, { contacts });
    const names = (await profile(company, id)).json.contacts.map(({ firstName }: { firstName: string }) => firstName);
    expect(names).toEqual(contacts.map(({ firstName }) => firstName));
    const more = Array.from({ length: 31 }, (_, index) => ({ firstName: `D${index}` }));
    expectProblem(await create(company, { name: 'Many', contacts: more }), 'validation', ['/contacts']);
  });

  it('sendWelcomeEmail needs a primary contact with an address', async () => {
    const company = await sharedCompany();
    const body = { contacts: [{ firstName: 'A' }, { email: 'second@x.example' }], sendWelcomeEmail: true };
    expectProblem(await create(company, body), 'validation', ['/sendWelcomeEmail']);
  });

  it('creating a client names every invalid field at once', async () => {
    const company = await sharedCompany();
    const body = {
      type: 'robot',
      colour: 'red',
      website: 'ftp://x.example',
      status: 'gone',
      groupId: 'general',
      phones: [
        { kind: 'phone', number: '1' },
        { kind: 'telex', number: '' },
      ],
      billingAddress: { country: 'UK', planet: 'Mars' },
      customFields: { custom5: 'x' },
      settings: { currency: 'X' },
      tags: ['ok', ''],
      metadata: { 'no spaces': 'x' },
      contacts: [{ email: 'nobody' }],
    };
    expectProblem(await create(company, body), 'validation', [
      ...['/type', '/colour', '/website', '/status', '/groupId', '/phones/1/kind', '/phones/1/number'],
      ...[
        '/billingAddress/country',
        '/billingAddress/planet',
        '/customFields/custom5',
        '/settings/currency',
        '/tags/1',
      ],
      ...['/metadata/no spaces', '/contacts/0/email'],
    ]);
  });

  it('unknown groups and pricings are refused', async () => {
    const company = await sharedCompany();
    const body = { name: 'N', groupId: 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA', pricingId: 'prc_01JD8X3V5QZ7M2K4N6P8R0S1TA' };
    expectProblem(await create(company, body), 'validation', ['/groupId', '/pricingId']);
  });
});

describe('what belongs to one client only', () => {
  const withEmail = (email: string) => ({ name: 'Secret Name', contacts: [{ email }] });

  it('an e-mail address is unique in a company, whatever its case, and the refusal does not tell whose it is', async () => {
    const company = await signUp();
    const first = await createClient(company, withEmail('Ada@Unique.example'));
    const refused = await create(company, withEmail('aDA@uniquE.example'));
    expectProblem(refused, 'email-taken', ['/contacts/0/email']);
    for (const secret of [first.id, first.contacts[0].id, first.number, 'Secret Name'])
      expect(refused.text).not.toContain(secret);
    const other = await signUp();
    expect((await create(other, withEmail('ada@unique.example'))).status).toBe(201);
  });

  it('addresses of one mailbox are the same address: Gmail ignores dots, others do not', async () => {
    const company = await sharedCompany();
    await createClient(company, withEmail('ada.byron@gmail.com'));
    expectProblem(await create(company, withEmail('AdaByron@googlemail.com')), 'email-taken');
    await createClient(company, withEmail('ada.byron@other.example'));
    expect((await create(company, withEmail('adabyron@other.example'))).status).toBe(201);
  });

  it('an e-mail address is unique within one body too', async () => {
    const company = await sharedCompany();
    const emails = ['one@within.example', 'two@within.example', 'ONE@Within.example'];
    const body = { contacts: emails.map((email) => ({ email })) };
    expectProblem(await create(company, body), 'validation', ['/contacts/2/email']);
  });

  it('a given number is unique, and generated numbers skip it', async () => {
    const company = await signUp();
    for (const number of ['0002', '0003', '0005']) await createClient(company, { name: 'N', number });
    expectProblem(await create(company, { name: 'N', number: '0003' }), 'number-taken', ['/number']);
    const numbers = [];
    for (let index = 0; index < 3; index++) numbers.push((await createClient(company)).number);
    expect(numbers).toEqual(['0001', '0004', '0006']);
  });

  it('an idNumber is unique until its client gives it up', async () => {
    const company = await signUp();
    const first = await createClient(company, { name: 'N', idNumber: 'X-1' });
    expectProblem(await create(company, { name: 'N', idNumber: 'X-1' }), 'id-number-taken', ['/idNumber']);
    const patch = { method: 'PATCH', token: company.token, body: { idNumber: null, number: 'free' } };
    expect((await send(`/v1/clients/${first.id}`, patch)).json).toMatchObject({ idNumber: null, number: 'free' });
    expect((await create(company, { name: 'N', idNumber: 'X-1', number: first.number })).status).toBe(201);
  });

  it('nothing is written of a client that was refused', async () => {
    const company = await signUp();
    await createClient(company, withEmail('taken@x.example'));
    const body = {
      name: 'N',
      number: 'half',
      idNumber: 'half',
      contacts: [{ email: 'free@x.example' }, { email: 'taken@x.example' }],
    };
    expectProblem(await create(company, body), 'email-taken', ['/contacts/1/email']);
    const rest = { name: 'N', number: 'half', idNumber: 'half', contacts: [{ email: 'free@x.example' }] };
    expect((await create(company, rest)).status).toBe(201);
  });
});

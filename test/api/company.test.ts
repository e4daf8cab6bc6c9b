import { describe, expect, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const settings = ({ token }: TestCompany) => send('/v1/company/settings', { token });
const change = ({ token }: TestCompany, body: unknown, headers = {}) =>
  send('/v1/company/settings', { method: 'PATCH', token, body, headers });
const setModule = ({ token }: TestCompany, body: object, headers = {}) =>
  send('/v1/company/modules/clients', { method: 'PUT', token, body, headers });

describe('the company', () => {
  it('name and country of the company can be changed, and nothing else', async () => {
    const { token } = await signUp();
    const patch = (body: object, headers = {}) => send('/v1/company', { method: 'PATCH', token, body, headers });
    const changed = await patch({ name: 'Südwind', country: null }, { 'if-match': '"1"' });
    expect(changed.json).toMatchObject({ name: 'Südwind', country: null, version: 2 });
    expect((await send('/v1/company', { token })).json).toEqual(changed.json);
    expectProblem(await patch({ slug: 'other', currency: 'USD' }), 'validation', ['/slug', '/currency']);
    for (const name of [null, '', ' ']) expectProblem(await patch({ name }), 'validation', ['/name']);
    expectProblem(await patch({ name: 'Late' }, { 'if-match': '"1"' }), 'stale-version');
  });
});

describe('settings', () => {
  it('settings begin with the values of sign-up and the defaults', async () => {
    const company = await signUp({ currency: 'BHD', language: 'fr-CH', timezone: 'Asia/Bahrain' });
    const { json, headers } = await settings(company);
    expect(json).toEqual({
      currency: 'BHD',
      language: 'fr-CH',
      timezone: 'Asia/Bahrain',
      paymentTermsDays: 30,
      quoteValidDays: 30,
      sendReminders: false,
      reminders: { sendHour: 8, rules: [] },
      invoiceDelivery: 'email',
      portalPermissions: { client: true, documents: true, invoices: true, quotes: true, ledger: true, statement: true },
      clientNumber: { pattern: '{counter:4}', next: 1, reset: 'never' },
      invoiceNumber: { pattern: '{year}-{counter:4}', next: 1, reset: 'yearly' },
      creditNoteNumber: { pattern: 'CN-{year}-{counter:4}', next: 1, reset: 'yearly' },
      taxes: [],
      pricesIncludeTax: false,
      bank: null,
      customFields: { client: {}, contact: {} },
      documents: { maxSize: 100_000_000 },
      retention: { activityDays: null },
      sender: { fromName: null, replyTo: null, color: null },
      letterhead: { legalName: null, address: null, vatNumber: null, phone: null, email: null, website: null },
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    });
    expect(headers.get('etag')).toBe('"1"');
  });

  it('settings change by merge patch, and null resets them to the default', async () => {
    const company = await signUp();
    const before = (await settings(company)).json;
    const rules = [{ days: 7, when: 'afterDueDate', lateFee: { amount: 500, currency: 'EUR' } }];
    const patch = {
      paymentTermsDays: 14,
      emailSignature: 'Regards,\nOlive',
      taskHourlyRate: { amount: 9000, currency: 'EUR' },
      reminders: { rules, endless: { everyDays: 14 } },
      portalPermissions: { ledger: false },
    };
    const first = await change(company, patch);
    expect(first.status).toBe(200);
    expect(first.json).toEqual({
      ...before,
      ...patch,
      reminders: { sendHour: 8, rules, endless: { everyDays: 14 } },
      portalPermissions: { ...before.portalPermissions, ledger: false },
      updatedAt: first.json.updatedAt,
      version: 2,
    });
    const second = await change(company, {
      reminders: { sendHour: 6, endless: null },
      taskHourlyRate: { amount: 9500 },
    });
    expect(second.json.reminders).toEqual({ sendHour: 6, rules });
    expect(second.json.taskHourlyRate).toEqual({ amount: 9500, currency: 'EUR' });
    const cleared = { paymentTermsDays: null, emailSignature: null, taskHourlyRate: null, reminders: null };
    const third = await change(company, { ...cleared, portalPermissions: { ledger: null } });
    expect(third.json).toEqual({ ...before, updatedAt: third.json.updatedAt, version: 4 });
    expect((await settings(company)).json).toEqual(third.json);
  });

  it('the letterhead changes part by part, and null clears a part or all of it', async () => {
    const company = await signUp();
    const before = (await settings(company)).json.letterhead;
    const address = { line1: '1 Harbour Road', city: 'London', postalCode: 'E1 6AN', country: 'GB' };
    const given = { legalName: 'Northwind Ltd', address, website: 'northwind.example', email: 'hi@northwind.example' };
    const first = await change(company, { letterhead: given });
    const noAddress = { attention: null, line1: null, line2: null, city: null, state: null, postalCode: null };
    const stored = { ...given, website: 'https://northwind.example', address: { ...noAddress, ...address } };
    expect(first.json.letterhead).toEqual({ ...before, ...stored });
    const second = await change(company, { letterhead: { legalName: null, address: { line2: 'Unit 4' } } });
    expect(second.json.letterhead).toEqual({
      ...first.json.letterhead,
      legalName: null,
      address: { ...stored.address, line2: 'Unit 4' },
    });
    expect((await change(company, { letterhead: null })).json.letterhead).toEqual(before);
    const bad = {
      legalName: 'two\nlines',
      address: { country: 'UK', street: 'x' },
      email: 'x',
      website: 'ftp://x',
      iban: 'x',
    };
    expectProblem(await change(company, { letterhead: bad }), 'validation', [
      '/letterhead/legalName',
      '/letterhead/address/country',
      '/letterhead/address/street',
      '/letterhead/email',
      '/letterhead/website',
      '/letterhead/iban',
    ]);
  });

  it('invalid settings are refused as a whole, with every invalid key named', async () => {
    const company = await signUp();
    const before = await settings(company);
    const bad = {
      currency: 'EURO',
      language: 'klingon!',
      timezone: 'Nowhere',
      paymentTermsDays: -1,
      quoteValidDays: 1.5,
      taskHourlyRate: { amount: 1.5, currency: 'EUR' },
      sendReminders: 'yes',
      reminders: { sendHour: 24, rules: [{ days: 400, when: 'sometimes' }], colour: 'red' },
      invoiceDelivery: 'pigeon',
      emailSignature: 7,
      portalPermissions: { everything: true },
      clientNumber: { reset: 'daily', next: 0 },
      favouriteColour: 'red',
      version: 7,
    };
    expectProblem(await change(company, bad), 'validation', [
      ...['/currency', '/language', '/timezone', '/paymentTermsDays', '/quoteValidDays', '/taskHourlyRate/amount'],
      ...[
        '/sendReminders',
        '/reminders/sendHour',
        '/reminders/rules/0/days',
        '/reminders/rules/0/when',
        '/reminders/colour',
      ],
      ...[
        '/invoiceDelivery',
        '/emailSignature',
        '/portalPermissions/everything',
        '/clientNumber/reset',
        '/clientNumber/next',
      ],
      ...['/favouriteColour', '/version'],
    ]);
    expectProblem(await change(company, { currency: null, timezone: null }), 'validation', ['/currency', '/timezone']);
    expect((await settings(company)).json).toEqual(before.json);
  });

  it('of two editors of the settings with the same version one is refused', async () => {
    const company = await signUp();
    expect((await change(company, { quoteValidDays: 5 }, { 'if-match': '"1"' })).status).toBe(200);
    expectProblem(await change(company, { quoteValidDays: 6 }, { 'if-match': '"1"' }), 'stale-version');
    const { token } = company;
    const same = await send('/v1/company/settings', { token, headers: { 'if-none-match': 'W/"2"' } });
    expect(same.status).toBe(304);
  });

  it('the company shows the settings that it shares with them', async () => {
    const company = await signUp();
    await change(company, { currency: 'JPY', timezone: 'Asia/Tokyo', language: 'ja' });
    const { json } = await send('/v1/company', company);
    expect(json).toMatchObject({ currency: 'JPY', timezone: 'Asia/Tokyo', language: 'ja' });
  });
});

describe('client numbers', () => {
  const numberOf = async (company: TestCompany): Promise<string> => (await createClient(company)).number;
  const today = (zone: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());

  it.each([
    ['C{counter:5}', /^C00001$/],
    ['{group}-{counter:3}', /^GENERAL-001$/],
    ['{random:6}', /^[0-9A-HJKMNP-TV-Z]{6}$/],
    ['K {counter}/A', /^K 1\/A$/],
  ])('client numbers follow the pattern %s', async (pattern, expected) => {
    const company = await signUp();
    expect((await change(company, { clientNumber: { pattern } })).status).toBe(200);
    expect(await numberOf(company)).toMatch(expected);
  });

  it('client numbers take the day in the time zone of the company', async () => {
    const company = await signUp({ timezone: 'Pacific/Kiritimati' });
    const pattern = '{year}|{date:yy-MM.dd}|{counter:2}';
    expect((await change(company, { clientNumber: { pattern, reset: 'monthly' } })).status).toBe(200);
    const written = (day: string) => `${day.slice(0, 4)}|${day.slice(2).replace(/-(\d\d)$/, '.$1')}|01`;
    const before = written(today('Pacific/Kiritimati'));
    const number = await numberOf(company);
    expect([before, written(today('Pacific/Kiritimati'))]).toContain(number);
  });

  it('client numbers continue from the number that the counter is set to', async () => {
    const company = await signUp();
    expect([await numberOf(company), await numberOf(company)]).toEqual(['0001', '0002']);
    const moved = await change(company, { clientNumber: { next: 9999 } });
    expect(moved.json.clientNumber).toEqual({ pattern: '{counter:4}', next: 9999, reset: 'never' });
    expect([await numberOf(company), await numberOf(company)]).toEqual(['9999', '10000']);
    await change(company, { clientNumber: { pattern: 'N{counter}' } });
    expect(await numberOf(company)).toBe('N10001');
    expect((await settings(company)).json.clientNumber.next).toBe(10002);
  });

  it('a number pattern that is misspelt or not unique is refused', async () => {
    const company = await signUp();
    for (const clientNumber of [
      { pattern: '{year}' },
      { pattern: 'A{counter' },
      { pattern: 'A}{counter}' },
      { pattern: '{counter:99}' },
      { pattern: '{Counter}' },
      { pattern: '{counter:4}', reset: 'yearly' },
      { pattern: '{year}-{counter:4}', reset: 'monthly' },
      { pattern: `{counter}${'x'.repeat(70)}` },
    ])
      expectProblem(await change(company, { clientNumber }), 'validation', ['/clientNumber/pattern']);
    for (const [pattern, reset] of [
      ['{year}-{counter:4}', 'yearly'],
      ['{date:yyyyMM}{counter:3}', 'monthly'],
      ['{random:8}', 'monthly'],
    ])
      expect((await change(company, { clientNumber: { pattern, reset } })).json.clientNumber).toMatchObject({
        pattern,
        reset,
      });
  });
});

describe('the clients module', () => {
  const calls = (id: string): [string, string][] => [
    ['GET', '/v1/clients'],
    ['POST', '/v1/clients'],
    ['GET', `/v1/clients/${id}`],
    ['PATCH', `/v1/clients/${id}`],
    ['POST', `/v1/clients/${id}/archive`],
    ['POST', `/v1/clients/${id}/restore`],
  ];

  it('the clients module is active at first, and is set as a whole', async () => {
    const company = await signUp();
    const read = async () => (await send('/v1/company/modules/clients', company)).json;
    expect(await read()).toEqual({ status: 'active', minimumRole: 'viewer', requiredFields: [], version: 1 });
    const set = await setModule(company, { status: 'inactive', requiredFields: ['email', 'name', 'email'] });
    expect(set.json).toEqual({
      status: 'inactive',
      minimumRole: 'viewer',
      requiredFields: ['email', 'name'],
      version: 2,
    });
    expect(await read()).toEqual(set.json);
    expectProblem(await setModule(company, { status: 'active' }, { 'if-match': '"1"' }), 'stale-version');
    const bad = { status: 'on', minimumRole: 'king', requiredFields: ['shoeSize'], colour: 'red' };
    const pointers = ['/status', '/minimumRole', '/requiredFields/0', '/colour'];
    expectProblem(await setModule(company, bad), 'validation', pointers);
  });

  it('an inactive clients module closes all client routes, for the owner too, and keeps all data', async () => {
    const company = await signUp();
    const { id } = await createClient(company);
    await setModule(company, { status: 'inactive' });
    for (const [method, path] of calls(id))
      expectProblem(await send(path, { method, token: company.token }), 'module-inactive');
    await setModule(company, { status: 'active' });
    expect((await send(`/v1/clients/${id}`, company)).status).toBe(200);
  });

  it('the clients module is closed below its minimum role', async () => {
    const company = await signUp();
    const { id } = await createClient(company);
    const [editor, admin] = [await tokenOf(company, 'editor'), await tokenOf(company, 'admin')];
    await setModule(company, { status: 'active', minimumRole: 'admin' });
    for (const [method, path] of calls(id)) expectProblem(await send(path, { method, token: editor }), 'role-too-low');
    expect((await send(`/v1/clients/${id}`, { token: admin })).status).toBe(200);
    await setModule(company, { status: 'active', minimumRole: 'user' });
    // The role that a route itself requires still applies.
    expectProblem(await send('/v1/clients', { token: await tokenOf(company, 'user') }), 'role-too-low');
    expect((await send('/v1/clients', { token: editor })).status).toBe(200);
  });

  it('all missing required fields are named at once', async () => {
    const company = await signUp();
    const requiredFields = [
      'name',
      'email',
      'contactName',
      'phone',
      'invoiceDelivery',
      'idNumber',
      'vatNumber',
      'billingAddress',
      'shippingAddress',
    ];
    expect((await setModule(company, { status: 'active', requiredFields })).status).toBe(200);
    const create = (body: object) => send('/v1/clients', { token: company.token, body });
    expectProblem(await create({ name: 'N' }), 'validation', [
      ...['/contacts/0/email', '/contacts/0/firstName', '/phones', '/invoiceDelivery', '/idNumber', '/vatNumber'],
      ...['/billingAddress', '/shippingAddress'],
    ]);
    const whole = await create({
      name: 'N',
      contacts: [{ lastName: 'Byron', email: 'ada@required.example', phone: '1' }],
      invoiceDelivery: 'post',
      idNumber: 'I',
      vatNumber: 'V',
      billingAddress: { city: 'London' },
      shippingAddress: 'copy-billing',
    });
    expect(whole.status).toBe(201);
    const taken = await send(`/v1/clients/${whole.json.id}`, {
      method: 'PATCH',
      token: company.token,
      body: { vatNumber: null },
    });
    expectProblem(taken, 'validation', ['/vatNumber']);
  });

  it('a required pricing is reported missing if the company has none', async () => {
    const company = await signUp();
    await setModule(company, { status: 'active', requiredFields: ['pricingId'] });
    const refused = await send('/v1/clients', { token: company.token, body: { name: 'N' } });
    expectProblem(refused, 'pricing-missing');
    expect(refused.json.detail).toMatch(/pricing/);
  });
});

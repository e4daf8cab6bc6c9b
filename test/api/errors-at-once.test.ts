import { beforeAll, describe, expect, it } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectFaults, expectProblem } from '../support/api/problem.ts';

const NO_GROUP = 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA';

describe('all faults come at once', () => {
  let company: TestCompany;
  let path = '';
  let contactPath = '';
  beforeAll(async () => {
    company = await signUp();
    const { token } = company;
    const client = await createClient(company, {
      name: 'Taken',
      number: 'N1',
      idNumber: 'I1',
      contacts: [{ email: 'taken@x.example', username: 'taken' }],
    });
    const own = await createClient(company, {
      name: 'Own',
      number: 'N2',
      vatNumber: 'GB1',
      contacts: [{ email: 'own@x.example' }],
    });
    expect(client.number).toBe('N1');
    path = `/v1/clients/${own.id}`;
    contactPath = `${path}/contacts/${own.contacts[0].id}`;
    const tier = { label: 'Tier', kind: 'choice', choices: ['gold'] };
    const customFields = { client: { custom1: tier }, contact: { custom1: tier } };
    await send('/v1/company/settings', { method: 'PATCH', token, body: { customFields } });
    const requiredFields = ['vatNumber', 'phone', 'pricingId'];
    await send('/v1/company/modules/clients', { method: 'PUT', token, body: { status: 'active', requiredFields } });
  });
  const post = (to: string, body: object) => send(to, { token: company.token, body });
  const patch = (to: string, body: object) => send(to, { method: 'PATCH', token: company.token, body });

  const WRONG_CLIENT = {
    nope: 1,
    name: 7,
    groupId: NO_GROUP,
    number: 'N1',
    idNumber: 'I1',
    customFields: { custom1: 'silver' },
    contacts: [{ email: 'taken@x.example' }, { email: 'ada@' }, { firstName: 'A', username: 'taken' }],
  };
  const FAULTS_OF_CLIENT = [
    '/nope unknown-field',
    '/name wrong-type',
    '/groupId not-found',
    '/number taken',
    '/idNumber taken',
    '/customFields/custom1 not-allowed',
    '/contacts/0/email taken',
    '/contacts/1/email wrong-format',
    '/contacts/2/username taken',
    '/vatNumber required',
    '/phones required',
    '/pricingId pricing-missing',
  ];

  it('of a new client: shape, unknown fields, references, rules of the company and taken values', async () => {
    expectFaults(await post('/v1/clients', WRONG_CLIENT), FAULTS_OF_CLIENT);
    const wellFormed = { ...WRONG_CLIENT, nope: undefined, name: 'A', contacts: [WRONG_CLIENT.contacts[0]] };
    expectFaults(
      await post('/v1/clients', wellFormed),
      FAULTS_OF_CLIENT.filter((fault) => !/nope|name|contacts.[12]/.test(fault)),
    );
  });

  it('a fault that follows from a faulty field is none', async () => {
    const { token } = await signUp();
    const requiredFields = ['phone', 'contactName', 'email'];
    await send('/v1/company/modules/clients', { method: 'PUT', token, body: { status: 'active', requiredFields } });
    const contact = { firstName: 7, lastName: 'B', email: 'ada@', phone: 7, account: { invite: true } };
    expectFaults(await send('/v1/clients', { token, body: { sendWelcomeEmail: true, contacts: [contact] } }), [
      '/contacts/0/firstName wrong-type',
      '/contacts/0/email wrong-format',
      '/contacts/0/phone wrong-type',
    ]);
    const contacts = Array.from({ length: 31 }, () => ({ ...contact, firstName: 'A' }));
    expectFaults(await send('/v1/clients', { token, body: { sendWelcomeEmail: true, contacts } }), [
      '/contacts too-many',
    ]);
    expectFaults(await send('/v1/clients', { token, body: { sendWelcomeEmail: true, industry: 7 } }), [
      '/industry wrong-type',
      '/name required',
      '/phones required',
      '/contacts/0/firstName required',
      '/contacts/0/email required',
      '/sendWelcomeEmail no-address',
    ]);
  });

  it('a missing pricing alone stays a problem of its own', async () => {
    const answer = await post('/v1/clients', { name: 'A', vatNumber: '1', phones: [{ kind: 'phone', number: '1' }] });
    expectProblem(answer, 'pricing-missing', ['/pricingId']);
  });

  it('values that are taken alone are one conflict with all of them', async () => {
    const { token } = await signUp().then(async (other) => {
      await createClient(other, { name: 'A', number: 'N1', idNumber: 'I1', contacts: [{ email: 'a@x.example' }] });
      return other;
    });
    const body = { name: 'B', number: 'N1', idNumber: 'I1', contacts: [{ email: 'a@x.example' }] };
    const answer = await send('/v1/clients', { token, body });
    expectProblem(answer, 'number-taken', ['/number', '/idNumber', '/contacts/0/email']);
  });

  it('of a changed client', async () => {
    const body = {
      nope: 1,
      industry: 7,
      number: 'N1',
      groupId: NO_GROUP,
      vatNumber: '',
      customFields: { custom1: 'x' },
    };
    expectFaults(await patch(path, body), [
      '/nope unknown-field',
      '/industry wrong-type',
      '/number taken',
      '/groupId not-found',
      '/vatNumber required',
      '/customFields/custom1 not-allowed',
    ]);
  });

  it('of a new contact, and of a changed one', async () => {
    const body = { nope: 1, firstName: 7, email: 'TAKEN@x.example', username: 'taken', customFields: { custom1: 'x' } };
    const faults = [
      '/nope unknown-field',
      '/firstName wrong-type',
      '/email taken',
      '/username taken',
      '/customFields/custom1 not-allowed',
    ];
    expectFaults(await post(`${path}/contacts`, body), faults);
    expectFaults(await post(`${path}/contacts`, { title: 7 }), ['/title wrong-type', ' required']);
    expectFaults(await patch(contactPath, body), faults);
    expectFaults(await patch(contactPath, { nope: 1, email: 'own@x.example' }), ['/nope unknown-field']);
  });

  it('a caller who may not write learns nothing', async () => {
    const token = await tokenOf(company, 'viewer');
    expectProblem(await send('/v1/clients', { token, body: WRONG_CLIENT }), 'role-too-low');
    const answer = await send(`/v1/clients/cli_01JD8X3V5QZ7M2K4N6P8R0S1TA`, {
      method: 'PATCH',
      token: company.token,
      body: { nope: 1, version: 1 },
    });
    expectFaults(answer, ['/nope unknown-field', '/version unknown-field']);
  });
});

describe('blank texts of forms', () => {
  let company: TestCompany;
  beforeAll(async () => {
    company = await signUp();
  });

  it('are null in optional fields, on creation and in changes', async () => {
    const client = await createClient(company, {
      name: 'A',
      idNumber: '',
      vatNumber: ' ',
      website: '',
      groupId: '',
      pricingId: '',
      publicNotes: '',
      privateNotes: null,
      billingAddress: { line1: '1 Road', city: '', country: '' },
      shippingAddress: '',
      customFields: { custom1: '' },
      settings: { currency: '', emailSignature: '' },
      contacts: [{ firstName: 'Ada', lastName: '', email: '', username: '', phone: '' }],
      phones: [{ kind: 'phone', number: '1', extension: '' }],
    });
    expect(client).toMatchObject({
      idNumber: null,
      vatNumber: null,
      website: null,
      pricingId: null,
      publicNotes: '',
      privateNotes: '',
      billingAddress: { line1: '1 Road', city: null, country: null },
      shippingAddress: null,
      customFields: {},
      settings: {},
      contacts: [{ lastName: null, email: null, username: null, phone: null }],
      phones: [{ extension: null }],
    });
    const body = { billingAddress: { line1: '' }, publicNotes: null, industry: '' };
    const answer = await send(`/v1/clients/${client.id}`, { method: 'PATCH', token: company.token, body });
    expect(answer.json).toMatchObject({ billingAddress: { line1: null }, publicNotes: '', industry: null });
  });

  it('are missing in required fields, and never a choice', async () => {
    const { token } = company;
    const group = await send('/v1/groups', { token, body: { name: '  ' } });
    expectFaults(group, ['/name required']);
    const client = await createClient(company, { name: 'A', status: 'fraud' });
    const answer = await send(`/v1/clients/${client.id}`, { method: 'PATCH', token, body: { status: '' } });
    expectFaults(answer, ['/status required']);
  });
});

describe('the texts of faults', () => {
  it('are those of the API, whatever is wrong', async () => {
    const { token } = await signUp();
    expectFaults(await send('/v1/clients?limit=x&archived=maybe&createdAfter=never', { token }), [
      '?limit wrong-type',
      '?archived not-allowed',
      '?createdAfter wrong-format',
    ]);
    const body = {
      phones: [{}, { kind: 'x', number: null }],
      tags: Array.from({ length: 51 }, () => 'a'),
      contacts: 'none',
      taxExempt: 'yes',
      metadata: { 'a b': 'x' },
      settings: { paymentTermsDays: 1.5, quoteValidDays: 9999, taskHourlyRate: { amount: -1 } },
      marketingOptIn: { granted: true, at: 'now' },
    };
    expectFaults(await send('/v1/clients', { token, body }), [
      '/phones/0/kind required',
      '/phones/0/number required',
      '/phones/1/kind not-allowed',
      '/phones/1/number required',
      '/tags too-many',
      '/contacts wrong-type',
      '/taxExempt wrong-type',
      '/metadata/a b invalid',
      '/settings/paymentTermsDays wrong-type',
      '/settings/quoteValidDays too-big',
      '/settings/taskHourlyRate/currency required',
      '/marketingOptIn/at wrong-format',
    ]);
  });
});

import { beforeAll, describe, it } from 'vitest';
import { createClient, type Send, send, signUp, type TestCompany } from '../support/api/client.ts';
import { expectFaults } from '../support/api/problem.ts';

const MISSING_ID = '01JD8X3V5QZ7M2K4N6P8R0S1TA';
const COMMON_PASSWORD = 'passwordpassword';

let company: TestCompany;
/** The paths of what the company has. */
let client = '';
let contact = '';
let group = '';
let item = '';
let price = '';

async function create(path: string, body: object): Promise<string> {
  const { json } = await send(path, { token: company.token, body });
  return `${path}/${json.id}`;
}

beforeAll(async () => {
  company = await signUp();
  const created = await createClient(company, {
    name: 'A',
    invoiceDelivery: 'post',
    contacts: [{ firstName: 'Ada', email: 'ada@x.example' }],
  });
  client = `/v1/clients/${created.id}`;
  contact = `${client}/contacts/${created.contacts[0].id}`;
  await create('/v1/groups', { name: 'Taken' });
  group = await create('/v1/groups', { name: 'Own' });
  await create('/v1/items', { name: 'Taken', sku: 'TAKEN' });
  item = await create('/v1/items', { name: 'Own', sku: 'OWN' });
  const pricing = await create('/v1/pricings', { name: 'Euros', currency: 'EUR' });
  price = `${pricing}/prices${item.slice('/v1/items'.length)}`;
  const { token } = company;
  await send('/v1/company/settings', { method: 'PATCH', token, body: { documents: { maxSize: 100 } } });
  const module = { status: 'active', requiredFields: ['invoiceDelivery'] };
  await send('/v1/company/modules/clients', { method: 'PUT', token, body: module });
});

/** A request with a wrong shape in one member, and a broken rule in another; every request has an unknown field too. */
interface Row {
  method?: Send['method'];
  path: () => string;
  body: object;
  faults: readonly string[];
}

const trial: Omit<Row, 'path'> = {
  body: { subject: 7, body: '$nothing', contactId: `con_${MISSING_ID}` },
  faults: ['/subject wrong-type', '/body unknown-variable', '/contactId not-allowed'],
};
const incomplete = { reminders: { rules: [] }, language: 7 };
const FAULTS_OF_INCOMPLETE = ['/reminders/sendHour required', '/language wrong-type'];

const rows: Record<string, Row> = {
  signUp: {
    path: () => '/v1/companies',
    body: {
      company: { name: 7, currency: 'EUR' },
      owner: { email: 'a@x.example', name: 'A', password: COMMON_PASSWORD },
    },
    faults: ['/company/name wrong-type', '/owner/password common-password'],
  },
  changePassword: {
    path: () => '/v1/me/password',
    body: { currentPassword: 7, newPassword: COMMON_PASSWORD },
    faults: ['/currentPassword wrong-type', '/newPassword common-password'],
  },
  createApiToken: {
    path: () => '/v1/api-tokens',
    body: { name: 7, role: 'viewer', expiresAt: '2001-01-01T00:00:00Z' },
    faults: ['/name wrong-type', '/expiresAt out-of-range'],
  },
  changeSettings: {
    method: 'PATCH',
    path: () => '/v1/company/settings',
    body: {
      ...incomplete,
      clientNumber: { pattern: '{nothing}' },
      customFields: { client: { custom1: { label: 'A' } } },
    },
    faults: ['/language wrong-type', '/clientNumber/pattern bad-pattern', '/customFields/client/custom1/kind required'],
  },
  previewNumbers: {
    path: () => '/v1/company/settings/number-preview',
    body: { clientNumber: { pattern: '{group}', next: 'x' }, groupId: `grp_${MISSING_ID}` },
    faults: ['/clientNumber/next wrong-type', '/clientNumber/pattern bad-pattern', '/groupId not-found'],
  },
  createGroup: {
    path: () => '/v1/groups',
    body: { name: 'taken', settings: { language: 7 } },
    faults: ['/name taken', '/settings/language wrong-type'],
  },
  changeGroup: {
    method: 'PATCH',
    path: () => group,
    body: { name: 'taken', settings: incomplete },
    faults: ['/name taken', ...FAULTS_OF_INCOMPLETE.map((fault) => `/settings${fault}`)],
  },
  createItem: {
    path: () => '/v1/items',
    body: { name: 7, sku: 'taken' },
    faults: ['/name wrong-type', '/sku taken'],
  },
  changeItem: {
    method: 'PATCH',
    path: () => item,
    body: { name: 7, sku: 'taken' },
    faults: ['/name wrong-type', '/sku taken'],
  },
  putPrice: {
    method: 'PUT',
    path: () => price,
    body: { price: { amount: 1, currency: 'USD' } },
    faults: ['/price/currency not-allowed'],
  },
  changeClientSettings: {
    method: 'PATCH',
    path: () => `${client}/settings`,
    body: { ...incomplete, invoiceDelivery: null },
    faults: [...FAULTS_OF_INCOMPLETE, '/invoiceDelivery required'],
  },
  changeClients: {
    path: () => '/v1/clients/bulk',
    body: { action: 'setStatus', ids: [], tags: ['a'] },
    faults: ['/ids too-few', '/status required', '/tags not-allowed'],
  },
  createDocument: {
    path: () => `${client}/documents`,
    body: { name: 7, contentType: 'text/plain', size: 101, sha256: '0'.repeat(64) },
    faults: ['/name wrong-type', '/size too-big'],
  },
  setContactPassword: {
    method: 'PUT',
    path: () => `${contact}/password`,
    body: { password: COMMON_PASSWORD },
    faults: ['/password common-password'],
  },
  putTemplate: {
    method: 'PUT',
    path: () => '/v1/templates/invoice/en',
    body: { subject: 7, body: '$nothing' },
    faults: ['/subject wrong-type', '/body unknown-variable'],
  },
  previewTemplate: { path: () => '/v1/templates/invoice/en/preview', ...trial },
  testTemplate: { path: () => '/v1/templates/invoice/en/test', ...trial },
  'previewTemplate with a client': {
    path: () => '/v1/templates/invoice/en/preview',
    body: { subject: 7, clientId: `cli_${MISSING_ID}` },
    faults: ['/subject wrong-type', '/clientId not-found'],
  },
  'previewTemplate with an ill-formed client': {
    path: () => '/v1/templates/invoice/en/preview',
    body: { clientId: 7, contactId: `con_${MISSING_ID}` },
    faults: ['/clientId wrong-type'],
  },
};

describe('one answer has the faults of the schema and those of the rules', () => {
  it.each(Object.entries(rows))('%s', async (_, { method = 'POST', path, body, faults }) => {
    const answer = await send(path(), { method, token: company.token, body: { ...body, nope: 1 } });
    expectFaults(answer, ['/nope unknown-field', ...faults]);
  });

  it('inviteUser', async () => {
    const { token, email } = company;
    const answer = await send('/v1/users', { token, body: { name: 7, email, role: 'viewer', nope: 1 } });
    expectFaults(answer, ['/nope unknown-field', '/name wrong-type', '/email taken']);
  });

  it('a record keeps the value that it has', async () => {
    const { token } = company;
    const faults = ['/nope unknown-field'];
    expectFaults(await send(group, { method: 'PATCH', token, body: { name: 'OWN', nope: 1 } }), faults);
    expectFaults(await send(item, { method: 'PATCH', token, body: { sku: 'own', nope: 1 } }), faults);
  });

  it('a change that breaks two rules is refused for both', async () => {
    const { token } = company;
    const body = { name: 'taken', settings: { reminders: { rules: [] } } };
    expectFaults(await send(group, { method: 'PATCH', token, body }), [
      '/name taken',
      '/settings/reminders/sendHour required',
    ]);
    const unknown = { body: '$nothing', clientId: `cli_${MISSING_ID}` };
    expectFaults(await send('/v1/templates/invoice/en/preview', { token, body: unknown }), [
      '/body unknown-variable',
      '/clientId not-found',
    ]);
  });
});

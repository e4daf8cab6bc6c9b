import { PASSWORD, send, signIn, signUpVerified, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';
import { tourOfOneClient } from './tour-client.ts';
import { tourOfDocuments } from './tour-documents.ts';
import { tourOfGroups } from './tour-groups.ts';
import { tourOfLogo } from './tour-logo.ts';
import { tourOfMail } from './tour-mail.ts';
import { tourOfMoney } from './tour-money.ts';
import { tourOfPortal } from './tour-portal.ts';
import { tourOfTemplates } from './tour-templates.ts';

/** Calls every operation of the API, in every way that needs another permission. Returns the company that it made. */
export async function tour(): Promise<TestCompany> {
  const company = await signUpVerified();
  const { token, slug, email, userId, refreshToken } = company;
  const patch = (path: string, body: object) => send(path, { method: 'PATCH', token, body });
  const post = (path: string, body: object, by = token) =>
    send(path, { token: by, body, headers: { 'idempotency-key': crypto.randomUUID() } });

  await send('/v1/company', company);
  await patch('/v1/company', { name: 'Toured' });
  await send('/v1/company/settings', company);
  await patch('/v1/company/settings', { paymentTermsDays: 7, clientNumber: { next: 5 } });
  await send('/v1/company/modules/clients', company);
  await send('/v1/company/modules/clients', {
    method: 'PUT',
    token,
    body: { status: 'active', requiredFields: ['pricingId'] },
  });
  expectProblem(await post('/v1/clients', { name: 'N' }), 'pricing-missing');
  await send('/v1/company/modules/clients', { method: 'PUT', token, body: { status: 'active' } });

  await tourOfLogo(token);
  const created = await post('/v1/clients', {
    name: 'A',
    number: '0005',
    idNumber: 'I',
    contacts: [{ email: 'a@x.example' }],
  });
  await post('/v1/clients', { name: 'Goes round the number that was given' });
  await patch('/v1/company/settings', { clientNumber: { pattern: '{group}-{year}-{counter:4}', reset: 'yearly' } });
  await post('/v1/clients', { name: 'B' });
  expectProblem(await post('/v1/clients', { name: 'C', groupId: 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA' }), 'validation');
  expectProblem(await post('/v1/clients', { contacts: [{ email: 'a@x.example' }] }), 'email-taken');
  const clientPath = `/v1/clients/${created.json.id}`;
  await patch(clientPath, { number: 'new', idNumber: null });
  for (const action of ['archive', 'restore']) await post(`${clientPath}/${action}`, {});
  await send(clientPath, company);
  for (const sort of ['name', 'createdAt', 'number', 'updatedAt', 'balance'])
    await send(`/v1/clients?limit=1&sort=${sort}`, company);
  await tourOfOneClient(company, created.json);
  await send('/v1/clients/tags?limit=1', company);

  await tourOfDocuments(token, created.json.id);
  await tourOfGroups(token);
  await tourOfPortal(company);
  await tourOfMail(company);
  await tourOfMoney(company);
  await tourOfTemplates(company, created.json);

  await send('/v1/users', company);
  await send(`/v1/users/${userId}`, company);
  await patch(`/v1/users/${userId}`, { name: 'O' });
  expectProblem(await patch(`/v1/users/${userId}`, { role: 'admin' }), 'last-owner');
  const viewer = await tokenOf(company, 'viewer');
  await post('/v1/api-tokens', { name: 'T', role: 'viewer' });
  await send('/v1/clients', { token: viewer });
  await firstUseOfTokens(company, created.json.id);
  await send('/v1/api-tokens?limit=1', company);
  const { json: tokens } = await send('/v1/api-tokens', company);
  for (const { id } of tokens.data) {
    await send(`/v1/api-tokens/${id}`, company);
    await send(`/v1/api-tokens/${id}`, { method: 'PATCH', token, body: { name: 'Renamed' } });
    await send(`/v1/api-tokens/${id}`, { method: 'DELETE', token });
  }
  expectProblem(await post('/v1/clients', { name: '' }), 'validation');

  await send('/v1/me', company);
  expectProblem(await post('/v1/auth/sign-in', { company: slug, email, password: 'wrong' }), 'sign-in-failed');
  await post('/v1/me/password', { currentPassword: PASSWORD, newPassword: PASSWORD });
  const other = await signIn(slug, email);
  await post('/v1/me/password', { currentPassword: PASSWORD, newPassword: PASSWORD }, other.accessToken);
  await post('/v1/auth/refresh', { refreshToken: other.refreshToken });
  expectProblem(await post('/v1/auth/refresh', { refreshToken: other.refreshToken }), 'unauthenticated');
  const last = await signIn(slug, email);
  await post('/v1/auth/sign-out', { refreshToken }, last.accessToken);
  for (const list of ['countries', 'subdivisions?country=US', 'currencies', 'languages', 'timezones', 'problems'])
    await send(`/v1/reference/${list}`);
  await send('/openapi.json');
  return company;
}

/** Uses a new API token on each function, because the first use of the day is stored. */
async function firstUseOfTokens(company: TestCompany, clientId: string): Promise<void> {
  const paths = [
    '/v1/me',
    '/v1/company',
    '/v1/users',
    '/v1/clients',
    '/v1/groups',
    '/v1/pricings',
    '/v1/templates',
    '/v1/invoices',
    '/v1/payments',
    '/v1/credits',
  ];
  const ofClient = ['contacts', 'users', 'settings', 'documents', 'activity', 'ledger'].map(
    (part) => `/v1/clients/${clientId}/${part}`,
  );
  for (const path of [...paths, ...ofClient]) await send(path, { token: await tokenOf(company, 'admin') });
  const body = { action: 'archive', ids: [] };
  await send('/v1/clients/bulk', { token: await tokenOf(company, 'admin'), body });
  await send('/v1/system-logs/log_01JD8X3V5QZ7M2K4N6P8R0S1TA/retry', {
    method: 'POST',
    token: await tokenOf(company, 'admin'),
  });
}

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Route } from '../../lib/http/contract.ts';
import { sampleOf } from '../../lib/http/sample.ts';
import { ROLES, type Role, reaches } from '../../lib/shared/roles.ts';
import {
  contactToken,
  createClient,
  send,
  signUp,
  signUpVerified,
  type TestCompany,
  tokenOf,
} from '../support/api/client.ts';
import { createDocument } from '../support/api/documents.ts';
import { expectProblem, seen } from '../support/api/problem.ts';
import { NOWHERE, namesRecord, pathOf, routes } from '../support/api/routes.ts';

/** The lowest role of the clients module in a new company. */
const MODULE_ROLE: Role = 'viewer';

function mayCall({ access }: Route, role: Role): boolean {
  if (access === 'public') return true;
  if (access === 'portal') return false;
  const moduleRole = access.module && !access.belowModuleRole ? MODULE_ROLE : 'user';
  return reaches(role, access.role) && reaches(role, moduleRole);
}

const CONDITIONS: Record<string, string>[] = [
  {},
  { 'if-match': '"1"' },
  { 'if-match': '"9"' },
  { 'if-none-match': '"1"' },
];

const cases = routes.map(({ id, route }) => [`${id} ${route.method} ${route.path}`, route] as const);

describe('who may call', () => {
  let company: TestCompany;
  const tokens = new Map<Role, string>();
  let contact = '';
  beforeAll(async () => {
    company = await signUp();
    for (const role of ROLES) tokens.set(role, await tokenOf(company, role));
    contact = await contactToken(company);
  });
  // Sign-out ends the session, so it gets a session of its own.
  const tokenFor = (route: Route) => (route.path === '/v1/portal/sign-out' ? contactToken(company) : contact);

  // An invalid body and ids that do not exist: such a call changes nothing, whatever the role.
  const call = (route: Route, token?: string) =>
    send(pathOf(route), {
      method: route.method,
      ...(token !== undefined && { token }),
      ...(route.body && !route.bodyOptional && { body: [] }),
    });

  it.each(cases)('%s', async (_, route) => {
    const strangers = [undefined, 'garbage', `clt_${'0'.repeat(26)}.${'0'.repeat(26)}.${'A'.repeat(43)}`];
    for (const answer of await Promise.all(strangers.map((token) => call(route, token)))) {
      if (route.access === 'public') expect([400, 200]).toContain(answer.status);
      else {
        expectProblem(answer, 'unauthenticated');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
    const staff = ROLES.map(async (role) => ({ role, answer: await call(route, tokens.get(role)) }));
    for (const { role, answer } of await Promise.all(staff)) {
      if (route.access === 'portal') expectProblem(answer, 'portal-only');
      else if (mayCall(route, role)) expect([401, 403], `${role}: ${answer.text}`).not.toContain(answer.status);
      else {
        expectProblem(answer, 'role-too-low');
        expect(answer.json.detail).toMatch(/viewer|editor|admin|owner/);
      }
    }
    const answer = await call(route, await tokenFor(route));
    if (route.access === 'public' || route.access === 'portal')
      expect([401, 403], `contact: ${answer.text}`).not.toContain(answer.status);
    else expectProblem(answer, 'staff-only');
  });
});

describe('what is another company’s', () => {
  let mine: TestCompany;
  let theirs: TestCompany;
  let ids: Record<string, string> = {};
  let tokenSecret = '';
  beforeAll(async () => {
    mine = await signUp();
    theirs = await signUpVerified();
    const { id: clientId, contacts } = await createClient(theirs, {
      name: 'Theirs',
      number: 'T-1',
      contacts: [{ email: 'x@theirs.example' }],
      sendWelcomeEmail: true,
    });
    tokenSecret = await tokenOf(theirs, 'admin');
    const { json } = await send('/v1/api-tokens', theirs);
    const make = async (path: string) => (await send(path, { token: theirs.token, body: { name: 'Theirs' } })).json.id;
    const [groupId, pricingId, itemId] = [
      await make('/v1/groups'),
      await make('/v1/pricings'),
      await make('/v1/items'),
    ];
    const price = { method: 'PUT', token: theirs.token, body: { amount: 1, currency: 'EUR' } };
    await send(`/v1/pricings/${pricingId}/prices/${itemId}`, price);
    const { document } = await createDocument(theirs.token, clientId, 'theirs');
    const logId = await vi.waitFor(
      async () => {
        const [entry] = (await send(`/v1/clients/${clientId}/system-logs`, theirs)).json.data;
        expect(entry?.event).toBe('mail.sent');
        return entry.id;
      },
      { timeout: 60_000, interval: 200 },
    );
    ids = {
      clientId,
      logId,
      documentId: document.id,
      contactId: contacts[0].id,
      userId: theirs.userId,
      tokenId: json.data[0].id,
      groupId,
      pricingId,
      itemId,
    };
  });

  const withIds = cases.filter(([, route]) => namesRecord(route));

  it.each(withIds)('a record of another company is answered like a missing one by %s', async (_, route) => {
    const bodies = route.body ? [Object(sampleOf(route.body)), {}, { name: 'Stolen' }, [], undefined] : [undefined];
    for (const body of bodies) {
      const conditions = CONDITIONS.map(async (headers) => {
        const call = (target: Record<string, string>) =>
          send(pathOf(route, target), { method: route.method, token: mine.token, body, headers });
        const [onTheirs, onNothing] = await Promise.all([call(ids), call(NOWHERE)]);
        expect(seen(onTheirs)).toEqual(seen(onNothing));
        expect(onTheirs.status).toBeGreaterThanOrEqual(400);
      });
      await Promise.all(conditions);
    }
  });

  it('no record of another company was changed by these requests', async () => {
    const client = await send(`/v1/clients/${ids.clientId}`, theirs);
    expect(client.json).toMatchObject({ name: 'Theirs', version: 1, archivedAt: null });
    const user = await send(`/v1/users/${ids.userId}`, theirs);
    expect(user.json).toMatchObject({ name: 'Olive Owner', version: 1 });
    expect((await send('/v1/company', { token: tokenSecret })).json.id).toBe(theirs.id);
  });

  it('a client cannot refer to a group of another company', async () => {
    const { groupId } = await createClient(theirs);
    const create = (group: string) => send('/v1/clients', { token: mine.token, body: { name: 'N', groupId: group } });
    const refused = await create(groupId);
    expectProblem(refused, 'validation', ['/groupId']);
    expect(seen(refused)).toEqual(seen(await create('grp_01JD8X3V5QZ7M2K4N6P8R0S1TA')));
    const { id } = await createClient(mine);
    const patch = { method: 'PATCH', token: mine.token, body: { groupId } };
    expectProblem(await send(`/v1/clients/${id}`, patch), 'validation', ['/groupId']);
  });

  it('numbers and e-mail addresses that another company uses are free', async () => {
    const body = { name: 'Theirs', number: 'T-1', contacts: [{ email: 'x@theirs.example' }] };
    expect((await send('/v1/clients', { token: mine.token, body })).status).toBe(201);
  });

  it('a token whose company was replaced is refused', async () => {
    const [token = '', , secret = ''] = tokenSecret.split('.');
    const spliced = `${token}.${mine.id.replace('co_', '')}.${secret}`;
    expectProblem(await send('/v1/company', { token: spliced }), 'unauthenticated');
    const [, ...refreshRest] = theirs.refreshToken.split('.');
    const refreshToken = [`clr_${mine.id.replace('co_', '')}`, ...refreshRest].join('.');
    expectProblem(await send('/v1/auth/refresh', { body: { refreshToken } }), 'unauthenticated');
    expect((await send('/v1/me', theirs)).status).toBe(200);
  });
});

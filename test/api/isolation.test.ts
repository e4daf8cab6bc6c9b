import { beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
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
import { type FullCompany, fullCompany } from '../support/api/full-company.ts';
import { signedInUser } from '../support/api/links.ts';
import { expectProblem, seen } from '../support/api/problem.ts';
import { NOWHERE, namesRecord, namesRecordOfClient, pathOf, routes } from '../support/api/routes.ts';

/** The lowest role of the clients module in a new company. */
const MODULE_ROLE: Role = 'viewer';

function mayCall({ access }: Route, role: Role): boolean {
  if (access === 'public') return true;
  if (access === 'portal') return false;
  const moduleRole = access.module && !access.belowModuleRole ? MODULE_ROLE : 'user';
  return reaches(role, access.role) && reaches(role, moduleRole);
}

const isForPeople = ({ access }: Route) => typeof access === 'object' && access.peopleOnly === true;

const CONDITIONS: Record<string, string>[] = [
  {},
  { 'if-match': '"1"' },
  { 'if-match': '"9"' },
  { 'if-none-match': '"1"' },
];

const cases = routes.map(({ id, route }) => [`${id} ${route.method} ${route.path}`, route] as const);
const inboxIsOpen = inject('inboxIsOpen');

describe('who may call', () => {
  let company: TestCompany;
  /** Users and API tokens of each role. */
  const staff: { who: string; role: Role; isToken: boolean; token: string }[] = [];
  let contact = '';
  beforeAll(async () => {
    company = inboxIsOpen ? await signUpVerified() : await signUp();
    for (const role of ROLES) {
      staff.push({ who: `a token, ${role}`, role, isToken: true, token: await tokenOf(company, role) });
      if (inboxIsOpen)
        staff.push({ who: `a user, ${role}`, role, isToken: false, token: (await signedInUser(company, role)).token });
    }
    contact = await contactToken(company);
  });

  // An invalid body and ids that do not exist: such a call changes nothing, whatever the role.
  const call = (route: Route, token?: string) =>
    send(pathOf(route), {
      method: route.method,
      ...(token !== undefined && { token }),
      ...(route.body && { body: [] }),
    });

  it.each(cases)('%s', async (_, route) => {
    const strangers = [
      undefined,
      'garbage',
      `clt_${'0'.repeat(26)}.${'0'.repeat(26)}.${'0'.repeat(26)}.${'A'.repeat(43)}`,
    ];
    for (const answer of await Promise.all(strangers.map((token) => call(route, token)))) {
      if (route.access === 'public') expect([400, 200]).toContain(answer.status);
      else {
        expectProblem(answer, 'unauthenticated');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
    const calls = staff.map(async (caller) => ({ ...caller, answer: await call(route, caller.token) }));
    for (const { who, role, isToken, answer } of await Promise.all(calls)) {
      if (route.access === 'portal') expectProblem(answer, 'portal-only');
      else if (isToken && mayCall(route, role) && isForPeople(route)) expectProblem(answer, 'people-only');
      else if (mayCall(route, role)) expect([401, 403], `${who}: ${answer.text}`).not.toContain(answer.status);
      else {
        expectProblem(answer, 'role-too-low');
        expect(answer.json.detail).toMatch(/viewer|editor|admin|owner/);
      }
    }
    const answer = await call(route, contact);
    if (route.access === 'public' || route.access === 'portal')
      expect([401, 403], `contact: ${answer.text}`).not.toContain(answer.status);
    else expectProblem(answer, 'staff-only');
  });

  it('with an inactive clients module, every route that obeys the switch is closed, and no other', async () => {
    const closed = await signUp();
    const portal = await contactToken(closed);
    const body = { status: 'inactive' };
    await send('/v1/company/modules/clients', { method: 'PUT', token: closed.token, body });
    for (const { id, route } of routes) {
      if (route.access === 'public') continue;
      const isPortal = route.access === 'portal';
      const answer = await call(route, isPortal ? portal : closed.token);
      const obeys = isPortal || (typeof route.access === 'object' && route.access.module !== undefined);
      if (obeys) expectProblem(answer, 'module-inactive');
      else expect(answer.json?.type, id).not.toBe('/problems/module-inactive');
    }
  });
});

describe.skipIf(!inboxIsOpen)('what is another company’s or another client’s (only if the inbox can be read)', () => {
  let mine: TestCompany;
  let full: FullCompany;
  let contact = '';
  let tokenSecret = '';
  beforeAll(async () => {
    mine = await signUp();
    contact = await contactToken(mine);
    full = await fullCompany();
    tokenSecret = await tokenOf(full.company, 'admin');
  });

  const tokenFor = ({ access }: Route) => (access === 'portal' ? contact : mine.token);
  const bodiesOf = (route: Route) =>
    route.body ? [Object(sampleOf(route.body)), {}, { name: 'Stolen' }, [], undefined] : [undefined];
  const withIds = cases.filter(([, route]) => namesRecord(route));
  const ofClient = cases.filter(([, route]) => namesRecordOfClient(route));

  /** Expects the same answer, except for what identifies a request, for both targets. */
  async function expectNoDifference(
    route: Route,
    token: string,
    ids: Record<string, string>,
    nothing: Record<string, string>,
  ) {
    for (const body of bodiesOf(route)) {
      const conditions = CONDITIONS.map(async (headers) => {
        const call = (target: Record<string, string>) =>
          send(pathOf(route, target), { method: route.method, token, body, headers });
        const [onTheirs, onNothing] = await Promise.all([call(ids), call(nothing)]);
        expect(seen(onTheirs)).toEqual(seen(onNothing));
        expect(onTheirs.status).toBeGreaterThanOrEqual(400);
        if (onTheirs.status !== 400 && onTheirs.status !== 415) expectProblem(onTheirs, 'not-found');
      });
      await Promise.all(conditions);
    }
  }

  it.each(withIds)('a record of another company is answered like a missing one by %s', async (_, route) => {
    await expectNoDifference(route, tokenFor(route), full.ids, NOWHERE);
  });

  it.each(ofClient)('a record of another client is answered like a missing one by %s', async (_, route) => {
    const { clientId = '' } = full.idsOfOther;
    const elsewhere = { ...full.ids, clientId };
    await expectNoDifference(route, full.company.token, elsewhere, { ...NOWHERE, clientId });
  });

  const idsIn = (schema: unknown) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape).filter((name) => name in NOWHERE) : [];
  const referring = cases.filter(
    ([, route]) => !namesRecord(route) && (idsIn(route.query).length > 0 || idsIn(route.body).length > 0),
  );

  it.each(referring)(
    'a reference to a record of another company is answered like one to nothing by %s',
    async (_, route) => {
      const answerTo = async (name: string, id: string, part: 'query' | 'body') => {
        const query = part === 'query' ? `?${name}=${id}` : '';
        const sample = route.body && Object(sampleOf(route.body));
        const body = part === 'body' ? { ...sample, [name]: id } : sample;
        const answer = await send(pathOf(route) + query, { method: route.method, token: tokenFor(route), body });
        return JSON.parse(JSON.stringify(seen(answer)).replaceAll(id, 'ID'));
      };
      for (const part of ['query', 'body'] as const)
        for (const name of idsIn(route[part])) {
          const theirs = await answerTo(name, full.ids[name] ?? '', part);
          expect(theirs).toEqual(await answerTo(name, NOWHERE[name] ?? '', part));
        }
    },
  );

  it('no record was changed by these requests', async () => {
    const { ids, company } = full;
    const client = await send(`/v1/clients/${ids.clientId}`, company);
    expect(client.json).toMatchObject({ name: 'theirs', archivedAt: null });
    expect(client.json.contacts).toMatchObject([
      { email: `one@theirs.${company.slug}.example`, portal: { status: 'invited' } },
      { email: `two@theirs.${company.slug}.example`, portal: { status: 'invited' } },
    ]);
    const { json: documents } = await send(`/v1/clients/${ids.clientId}/documents`, company);
    expect(documents.data).toHaveLength(2);
    const user = await send(`/v1/users/${ids.userId}`, company);
    expect(user.json).toMatchObject({ name: 'Olive Owner', version: 1 });
    expect((await send('/v1/company', { token: tokenSecret })).json.id).toBe(company.id);
  });

  it('a client cannot refer to a group of another company', async () => {
    const { groupId } = await createClient(full.company);
    const create = (group: string) => send('/v1/clients', { token: mine.token, body: { name: 'N', groupId: group } });
    const refused = await create(groupId);
    expectProblem(refused, 'validation', ['/groupId']);
    expect(seen(refused)).toEqual(seen(await create('grp_01JD8X3V5QZ7M2K4N6P8R0S1TA')));
    const { id } = await createClient(mine);
    const patch = { method: 'PATCH', token: mine.token, body: { groupId } };
    expectProblem(await send(`/v1/clients/${id}`, patch), 'validation', ['/groupId']);
  });

  it('numbers and e-mail addresses that another company uses are free', async () => {
    const body = { name: 'Theirs', number: 'theirs', contacts: [{ email: `one@theirs.${full.company.slug}.example` }] };
    expect((await send('/v1/clients', { token: mine.token, body })).status).toBe(201);
  });

  it('a token whose company was replaced is refused', async () => {
    const [token = '', , secret = ''] = tokenSecret.split('.');
    const spliced = `${token}.${mine.id.replace('co_', '')}.${secret}`;
    expectProblem(await send('/v1/company', { token: spliced }), 'unauthenticated');
    const [, ...refreshRest] = full.company.refreshToken.split('.');
    const refreshToken = [`clr_${mine.id.replace('co_', '')}`, ...refreshRest].join('.');
    expectProblem(await send('/v1/auth/refresh', { body: { refreshToken } }), 'unauthenticated');
    expect((await send('/v1/me', full.company)).status).toBe(200);
  });
});

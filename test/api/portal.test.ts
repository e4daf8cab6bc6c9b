import { describe, expect, inject, it } from 'vitest';
import {
  createClient,
  PASSWORD,
  send,
  signedInContact,
  signIn,
  signUp,
  signUpVerified,
  type TestCompany,
  tokenOf,
} from '../support/api/client.ts';
import { linkSecretOf } from '../support/api/links.ts';
import { expectProblem, seen } from '../support/api/problem.ts';

const NEXT = 'a much better passphrase';

const acceptAs = (area: 'portal' | 'auth', { slug }: TestCompany, token: string) =>
  send(`/v1/${area}/invitation/accept`, { body: { company: slug, token, password: PASSWORD } });
const portalSignIn = (company: string, username: string, password = PASSWORD) =>
  send('/v1/portal/sign-in', { body: { company, username, password } });
const me = (token: string) => send('/v1/portal/me', { token });
const unique = () => `${crypto.randomUUID()}@mail.example`;

describe('the portal', () => {
  it('the portal tells a contact who it is, without private fields', async () => {
    const company = await signUp();
    const { id, clientId, username, tokens } = await signedInContact(company);
    const answer = await me(tokens.accessToken);
    expect(answer.json).toEqual({
      contact: {
        id,
        firstName: 'Ada',
        lastName: null,
        title: null,
        email: username,
        phone: null,
        language: null,
        username,
      },
      client: { id: clientId, number: expect.any(String), displayName: 'Portal' },
      company: { slug: company.slug, name: 'Test Company', language: 'en', timezone: 'Europe/Berlin' },
    });
    const { json } = await send(`/v1/clients/${clientId}/contacts/${id}`, company);
    expect(json.portal).toEqual({
      status: 'active',
      username,
      invitedAt: null,
      lastSignInAt: expect.stringMatching(/Z$/),
      lockedUntil: null,
    });
    expect(JSON.stringify(json)).not.toMatch(/argon2|mail_/);
  });

  it('staff tokens are refused in the portal and portal tokens elsewhere, with the reason', async () => {
    const company = await signUp();
    const { tokens, clientId } = await signedInContact(company);
    expectProblem(await me(company.token), 'portal-only');
    expectProblem(await me(await tokenOf(company, 'owner')), 'portal-only');
    for (const path of ['/v1/me', '/v1/clients', `/v1/clients/${clientId}`, '/v1/users'])
      expectProblem(await send(path, { token: tokens.accessToken }), 'staff-only');
    expectProblem(await me('garbage'), 'unauthenticated');
    expectProblem(await send('/v1/auth/refresh', { body: { refreshToken: tokens.refreshToken } }), 'unauthenticated');
  });

  it('portal sign-in fails in the same way for a wrong password, an unknown name, an unknown company and a closed client', async () => {
    const company = await signUp();
    const { username, clientId, tokens } = await signedInContact(company);
    const wrong = seen(await portalSignIn(company.slug, username, 'a guess'));
    expect(wrong).toMatchObject({ status: 401 });
    expect(seen(await portalSignIn(company.slug, 'nobody'))).toEqual(wrong);
    expect(seen(await portalSignIn(`${company.slug}-x`, username))).toEqual(wrong);
    const { slug: elsewhere } = await signUp();
    expect(seen(await portalSignIn(elsewhere, username))).toEqual(wrong);
    await send(`/v1/clients/${clientId}`, { method: 'PATCH', token: company.token, body: { status: 'fraud' } });
    expect(seen(await portalSignIn(company.slug, username))).toEqual(wrong);
    expectProblem(await me(tokens.accessToken), 'unauthenticated');
  });

  it('five failed portal sign-ins lock a username, existing or not', async () => {
    const company = await signUp();
    const { username, tokens } = await signedInContact(company);
    for (const name of [username, 'stranger']) {
      for (let n = 1; n <= 5; n++)
        expectProblem(await portalSignIn(company.slug, name, `guess ${n}`), 'sign-in-failed');
      const refused = await portalSignIn(company.slug, name);
      expectProblem(refused, 'too-many-attempts');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await me(tokens.accessToken)).status).toBe(200);
  });

  it('the portal rotates refresh tokens, and sign-out ends access at once', async () => {
    const company = await signUp();
    const { tokens, username } = await signedInContact(company);
    const refresh = (refreshToken: string) => send('/v1/portal/refresh', { body: { refreshToken } });
    const second = await refresh(tokens.refreshToken);
    expect(second.status).toBe(200);
    const { json: other } = await portalSignIn(company.slug, username);
    const out = { token: second.json.accessToken, body: { refreshToken: other.refreshToken } };
    expect((await send('/v1/portal/sign-out', out)).status).toBe(204);
    for (const token of [second.json.accessToken, other.accessToken]) expectProblem(await me(token), 'unauthenticated');
    for (const token of [second.json.refreshToken, other.refreshToken])
      expectProblem(await refresh(token), 'unauthenticated');
  });

  it('the portal closes with the clients module', async () => {
    const company = await signUp();
    const { tokens, username } = await signedInContact(company);
    const put = (status: string) =>
      send('/v1/company/modules/clients', { method: 'PUT', token: company.token, body: { status } });
    await put('inactive');
    expectProblem(await me(tokens.accessToken), 'module-inactive');
    expectProblem(await portalSignIn(company.slug, username), 'module-inactive');
    await put('active');
    expect((await me(tokens.accessToken)).status).toBe(200);
  });

  it('a generated password of a contact is shown once, also with an Idempotency-Key', async () => {
    const company = await signUp();
    const client = await createClient(company, { name: 'N', contacts: [{ email: unique() }] });
    const [{ id, email }] = client.contacts;
    const path = `/v1/clients/${client.id}/contacts/${id}/password`;
    const ask = () =>
      send(path, { method: 'PUT', token: company.token, body: {}, headers: { 'idempotency-key': 'made' } });
    const { json } = await ask();
    expect(json).toMatchObject({ contact: { id, portal: { status: 'active' } }, password: expect.any(String) });
    expect((await portalSignIn(company.slug, email, json.password)).status).toBe(200);
    expect((await ask()).json.password).not.toBe(json.password);
    const nameless = await createClient(company, { name: 'N', contacts: [{ firstName: 'Nameless' }] });
    const none = `/v1/clients/${nameless.id}/contacts/${nameless.contacts[0].id}`;
    expectProblem(await send(`${none}/password`, { method: 'PUT', token: company.token, body: {} }), 'no-address');
    expectProblem(await send(`${none}/invitation`, { token: company.token, body: {} }), 'no-address');
  });
});

describe('a password reset', () => {
  it('a password reset is answered in the same way for an existing and a missing account', async () => {
    const { slug, email } = await signUp();
    const ask = (company: string, address: string) =>
      send('/v1/auth/password-reset', { body: { company, email: address } });
    const known = await ask(slug, email);
    expect(known.status).toBe(202);
    expect(seen(await ask(slug, 'nobody@else.example'))).toEqual(seen(known));
    expect(seen(await ask('no-such-company', email))).toEqual(seen(known));
  });
});

describe.skipIf(!inject('inboxIsOpen'))('by mail (only if the inbox can be read)', () => {
  it('a contact accepts the invitation of sendWelcomeEmail and is signed in to the portal', async () => {
    const company = await signUpVerified();
    const email = unique();
    const client = await createClient(company, { name: 'N', contacts: [{ email }], sendWelcomeEmail: true });
    expect(client.contacts[0].portal).toMatchObject({ status: 'invited', invitedAt: client.createdAt });
    const token = await linkSecretOf(email);
    const accepted = await acceptAs('portal', company, token);
    expect(accepted.status).toBe(200);
    expect((await me(accepted.json.accessToken)).json.client.id).toBe(client.id);
    expect((await portalSignIn(company.slug, email)).status).toBe(200);
    expectProblem(await acceptAs('portal', company, token), 'link-invalid');
  });

  it('an invitation that is sent again voids the earlier one, and is of no use in another company', async () => {
    const company = await signUpVerified();
    const stranger = await signUp();
    const email = unique();
    const client = await createClient(company, { name: 'N', contacts: [{ email }] });
    const path = `/v1/clients/${client.id}/contacts/${client.contacts[0].id}/invitation`;
    const invite = () => send(path, { method: 'POST', token: company.token });
    expect(await invite()).toMatchObject({ status: 202, json: { portal: { status: 'invited' } } });
    const first = await linkSecretOf(email);
    expect((await invite()).status).toBe(202);
    const second = await linkSecretOf(email, 2);
    expect(second).not.toBe(first);
    const refused = seen(await acceptAs('portal', company, first));
    expect(seen(await acceptAs('portal', stranger, second))).toEqual(refused);
    expect(seen(await acceptAs('portal', company, 'A'.repeat(43)))).toEqual(refused);
    const both = await Promise.all([acceptAs('portal', company, second), acceptAs('portal', company, second)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    expectProblem(await invite(), 'already-active');
  });

  it('a user accepts an invitation, resets the password and signs in', async () => {
    const company = await signUpVerified();
    const email = unique();
    const invited = await send('/v1/users', { token: company.token, body: { email, name: 'Uma', role: 'admin' } });
    expect(invited).toMatchObject({ status: 201, json: { email, status: 'invited', role: 'admin' } });
    expect(invited.headers.get('location')).toBe(`/v1/users/${invited.json.id}`);
    const accepted = await acceptAs('auth', company, await linkSecretOf(email));
    expect(accepted.status).toBe(200);
    expect((await send('/v1/me', { token: accepted.json.accessToken })).json.user).toMatchObject({ status: 'active' });
    await send('/v1/auth/password-reset', { body: { company: company.slug, email } });
    const token = await linkSecretOf(email, 2);
    const body = { company: company.slug, token, password: NEXT };
    expect((await send('/v1/auth/password-reset/confirm', { body })).status).toBe(204);
    expectProblem(await send('/v1/auth/password-reset/confirm', { body }), 'link-invalid');
    expectProblem(await send('/v1/me', { token: accepted.json.accessToken }), 'unauthenticated');
    expect(await signIn(company.slug, email, NEXT)).toMatchObject({ tokenType: 'Bearer' });
  });

  it('of two owners demoted at once one stays owner', async () => {
    const company = await signUpVerified();
    const email = unique();
    const { json } = await send('/v1/users', { token: company.token, body: { email, name: 'O', role: 'owner' } });
    await acceptAs('auth', company, await linkSecretOf(email));
    const demote = (id: string) =>
      send(`/v1/users/${id}`, { method: 'PATCH', token: company.token, body: { role: 'admin' } });
    const answers = await Promise.all([demote(company.userId), demote(json.id)]);
    // The owner who is demoted first may no longer demote the other one.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { json: page } = await send('/v1/users', company);
    expect(page.data.filter(({ role }: { role: string }) => role === 'owner')).toHaveLength(1);
  });
});

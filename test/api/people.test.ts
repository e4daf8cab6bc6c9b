import { describe, expect, inject, it } from 'vitest';
import { createClient, PASSWORD, send, sharedCompany, signedInContact, signUpVerified } from '../support/api/client.ts';
import { signedInUser } from '../support/api/links.ts';
import { expectProblem } from '../support/api/problem.ts';

const inboxIsOpen = inject('inboxIsOpen');
const unique = () => `${crypto.randomUUID()}@people.example`;
const portalSignIn = (company: string, username: string, password: string) =>
  send('/v1/portal/sign-in', { body: { company, username, password } });

describe.skipIf(!inboxIsOpen)('accounts in one request (only if the inbox can be read)', () => {
  it('a client is created with contacts that can sign in at once', async () => {
    const company = await signUpVerified();
    const [a, b] = [unique(), unique()];
    const contacts = [
      { email: a, account: { generate: true } },
      { email: b, account: { password: PASSWORD } },
    ];
    const send1 = () =>
      send('/v1/clients', { token: company.token, body: { name: 'N', contacts }, headers: { 'idempotency-key': 'k' } });
    const { status, json } = await send1();
    expect(status).toBe(201);
    const { generatedPassword } = json.contacts[0];
    expect((await portalSignIn(company.slug, a, generatedPassword)).status).toBe(200);
    expect((await portalSignIn(company.slug, b, PASSWORD)).status).toBe(200);
    // The key is ignored, but nothing is made twice.
    expectProblem(await send1(), 'email-taken');
    expect((await send(`/v1/clients/${json.id}`, company)).text).not.toContain('generatedPassword');
  });

  it('an Idempotency-Key counts if nobody gets a password', async () => {
    const company = await signUpVerified();
    const body = { name: 'N', contacts: [{ email: unique(), account: { invite: true } }] };
    const create = () => send('/v1/clients', { token: company.token, body, headers: { 'idempotency-key': 'k' } });
    const [first, second] = [await create(), await create()];
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('an unverified company gives nobody access', async () => {
    const company = await sharedCompany();
    const contact = { email: unique(), account: { generate: true } };
    const answer = await send('/v1/clients', { token: company.token, body: { name: 'N', contacts: [contact] } });
    expectProblem(answer, 'email-not-verified');
    const both = { ...contact, account: { generate: true, invite: true } };
    const wrong = await send('/v1/clients', { token: company.token, body: { name: 'N', contacts: [both] } });
    expect(wrong.status).toBe(400);
  });

  it('a linked user of the lowest role reads its client, and no other', async () => {
    const company = await signUpVerified();
    const user = await signedInUser(company, 'user');
    const client = await createClient(company, { name: 'Mine', privateNotes: 'secret' });
    const path = `/v1/me/clients/${client.id}`;
    expectProblem(await send(path, user), 'not-found');
    await send(`/v1/clients/${client.id}/users/${user.id}`, { method: 'PUT', token: company.token });
    const { json } = await send(path, user);
    expect(json).toMatchObject({ id: client.id, displayName: 'Mine', currency: 'EUR', language: 'en' });
    expect(json).not.toHaveProperty('privateNotes');
    expect((await send('/v1/me/clients', user)).json.data).toMatchObject([{ displayName: 'Mine' }]);
    expectProblem(await send(`/v1/clients/${client.id}`, user), 'role-too-low');
  });
});

describe('a link to the portal', () => {
  it('signs its holder in once', async () => {
    const company = await sharedCompany();
    const contact = await signedInContact(company);
    const path = `/v1/clients/${contact.clientId}/contacts/${contact.id}/portal-link`;
    const { status, json } = await send(path, { method: 'POST', token: company.token });
    expect(status).toBe(201);
    expect(json.url).toContain(`/${company.slug}/link#${json.token}`);
    const accept = () => send('/v1/portal/link/accept', { body: { company: company.slug, token: json.token } });
    const { json: tokens } = await accept();
    expect((await send('/v1/portal/me', { token: tokens.accessToken })).json.contact.id).toBe(contact.id);
    expectProblem(await accept(), 'link-invalid');
    const { json: activity } = await send(`/v1/clients/${contact.clientId}/activity?actor=contact`, company);
    expect(activity.data).toMatchObject([{ action: 'contact.portal-link-used', clientId: contact.clientId }]);
  });
});

describe('the lock of a contact', () => {
  it('shows in the contact and in the profile', async () => {
    const company = await sharedCompany();
    const { clientId, id, username } = await signedInContact(company);
    for (let tries = 1; tries <= 5; tries++) await portalSignIn(company.slug, username, 'wrong');
    expectProblem(await portalSignIn(company.slug, username, PASSWORD), 'too-many-attempts');
    const contact = await send(`/v1/clients/${clientId}/contacts/${id}`, company);
    expect(contact.json.portal).toMatchObject({ status: 'locked', lockedUntil: expect.any(String) });
    const profile = await send(`/v1/clients/${clientId}`, company);
    expect(profile.json.contacts[0].portal.status).toBe('locked');
  });
});

describe('the activity of a company', () => {
  it('is filtered by action, actor and time', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company, { name: 'Seen' });
    const url = (more: string) => `/v1/activity?limit=200&action=client.created,client.updated${more}`;
    const since = (await send(`/v1/clients/${id}`, company)).json.createdAt;
    const { json } = await send(url(`&actor=${company.userId}&from=${since}`), company);
    expect(json.data.at(-1)).toMatchObject({ clientId: id, action: 'client.created', actor: { id: company.userId } });
    expect((await send(url('&to=2020-01-01'), company)).json.data).toEqual([]);
    expectProblem(await send('/v1/activity?action=nothing', company), 'validation', ['?action']);
  });
});

describe('bulk actions', () => {
  it('need tags exactly for tags, and settings for settings', async () => {
    const company = await sharedCompany();
    const { id } = await createClient(company, { name: 'Tagged' });
    const bulk = (body: object) => send('/v1/clients/bulk', { token: company.token, body: { ids: [id], ...body } });
    expect((await bulk({ action: 'addTags', tags: ['a'] })).json.results).toEqual([{ id, status: 200 }]);
    expect((await send(`/v1/clients/${id}`, company)).json.tags).toEqual(['a']);
    expectProblem(await bulk({ action: 'addTags' }), 'validation', ['/tags']);
    expectProblem(await bulk({ action: 'archive', tags: ['a'] }), 'validation', ['/tags']);
    expectProblem(await bulk({ action: 'setSettings' }), 'validation', ['/settings']);
    expectProblem(await bulk({ action: 'setSettings', settings: { currency: 'XXX' } }), 'validation', [
      '/settings/currency',
    ]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { StoredUser } from '../../lib/accounts/schema.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Role } from '../../lib/shared/roles.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { openCompany, slugOf } from '../support/company.ts';
import { type PortalWorld, portalWorld } from '../support/portal-world.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

const PASSWORD = 'correct horse battery staple';
const NEXT = 'a much better passphrase';
const ADDRESS = '192.0.2.1';

let table: Table;
let calls: Call[];
let source: TestSource;
let owner: Principal;
let slug: string;
let world: PortalWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  source = testSource();
  owner = { ...(await openCompany(table, source)), role: 'owner' };
  slug = slugOf(owner.companyId);
  world = portalWorld(table, source);
});

let made = 0;
async function newInvited(role: Role = 'editor', by = owner) {
  const email = `user${++made}@staff.example`;
  const { id } = await world.team.invite(by, { email, name: 'Uma', role }, committing(table));
  return { id, email, token: await invitationOf(id) };
}

const stored = async (id: StoredUser['id']) => {
  const user = await world.accounts.user(owner.companyId, id);
  if (!user) throw new Error('there is no such user');
  return user;
};
async function invitationOf(id: StoredUser['id']): Promise<string> {
  const { invitation } = await stored(id);
  if (!invitation) throw new Error('nobody is invited');
  return world.deliver(owner.companyId, invitation.mailId);
}
async function resetOf(email: string): Promise<string> {
  const login = await world.accounts.login(owner.companyId, email);
  if (!login?.reset) throw new Error('no reset was asked for');
  return world.deliver(owner.companyId, login.reset.mailId);
}
const accept = (token: string, company = slug) =>
  world.staffLinks.acceptInvitation({ company, token, password: PASSWORD }, ADDRESS);
const request = (email: string) => world.staffLinks.requestReset(slug, email, ADDRESS);
const confirm = (token: string, company = slug) =>
  world.staffLinks.confirmReset({ company, token, password: NEXT }, ADDRESS);
const signIn = (email: string, password = PASSWORD) =>
  world.staffSessions.signIn({ company: slug, email, password }, ADDRESS);
const change = (id: StoredUser['id'], patch: object, by = owner) =>
  world.team.changeUser(by, id, { ...patch }, undefined);
const later = (seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};
const INVALID = { code: 'link-invalid', status: 403 };

describe('the invitation of a user', () => {
  it('the invitation of a user comes with its mail and is accepted once, with the given role', async () => {
    const { id, email, token } = await newInvited();
    const { invitation } = await stored(id);
    expect(invitation && (await world.mail(owner.companyId, invitation.mailId))).toMatchObject({
      kind: 'user-invitation',
      status: 'queued',
      userId: id,
      requestedBy: { kind: 'token', id: owner.id },
    });
    await expect(signIn(email)).rejects.toMatchObject({ code: 'sign-in-failed' });
    const { accessToken } = await accept(token);
    expect(await world.resolve(`Bearer ${accessToken}`)).toMatchObject({ kind: 'user', id, role: 'editor' });
    expect(await stored(id)).toMatchObject({ status: 'active', version: 2 });
    await signIn(email);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    await expect(world.team.inviteAgain(owner, id, committing(table))).rejects.toMatchObject({
      code: 'already-active',
    });
  });

  it('of two acceptances of a user invitation at once one succeeds', async () => {
    const { token } = await newInvited();
    const results = await Promise.allSettled([accept(token), accept(token)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('a user invitation is void after a newer one, after its lifetime, in another company and for a deactivated user', async () => {
    const { id, token } = await newInvited();
    const stranger = await openCompany(table, source);
    await expect(accept(token, slugOf(stranger.companyId))).rejects.toMatchObject(INVALID);
    await world.team.inviteAgain(owner, id, committing(table));
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    const newer = await invitationOf(id);
    await change(id, { status: 'deactivated' });
    await expect(accept(newer)).rejects.toMatchObject(INVALID);
    expect(await change(id, { status: 'active' })).toMatchObject({ status: 'invited' });
    later(72 * 3600);
    await expect(accept(newer)).rejects.toMatchObject(INVALID);
    await accept(await invitationOf(id));
  });

  it('a user invitation is refused for a taken address and for a role above that of the inviter', async () => {
    const { email } = await newInvited();
    const again = world.team.invite(owner, { email: email.toUpperCase(), name: 'U', role: 'user' }, committing(table));
    await expect(again).rejects.toMatchObject({ code: 'email-taken', errors: [{ pointer: '/email' }] });
    const admin: Principal = { ...owner, role: 'admin' };
    await expect(newInvited('owner', admin)).rejects.toMatchObject({ code: 'role-too-low' });
    const { id } = await newInvited('owner');
    await expect(world.team.inviteAgain(admin, id, committing(table))).rejects.toMatchObject({ code: 'role-too-low' });
  });

  it('an invited owner counts as owner from the acceptance on', async () => {
    const { id, token } = await newInvited('owner');
    const owners = async () => (await world.accounts.company(owner.companyId)).owners;
    const before = await owners();
    await accept(token);
    expect(await owners()).toBe(before + 1);
    await change(id, { role: 'admin' });
    expect(await owners()).toBe(before);
  });

  it('of two owners demoted at once one stays owner', async () => {
    const alone = { ...(await openCompany(table, source)), role: 'owner' } as const;
    const { data } = { data: (await world.accounts.users(alone.companyId, 50)).users };
    const first = data[0];
    const second = await world.team.invite(
      alone,
      { email: 'o2@staff.example', name: 'O', role: 'owner' },
      committing(table),
    );
    const { invitation } = (await world.accounts.user(alone.companyId, second.id)) ?? {};
    if (!first || !invitation) throw new Error('there are two');
    await accept(await world.deliver(alone.companyId, invitation.mailId), slugOf(alone.companyId));
    const results = await Promise.allSettled([
      change(first.id, { role: 'admin' }, alone),
      change(second.id, { role: 'admin' }, alone),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'last-owner' } });
  });
});

describe('a password reset', () => {
  async function newUser() {
    const { id, email, token } = await newInvited();
    return { id, email, tokens: await accept(token) };
  }

  it('a password reset sets the password, ends every session and lifts the lock', async () => {
    const { email, tokens } = await newUser();
    for (let n = 0; n < 5; n++) await expect(signIn(email, `guess ${n}`)).rejects.toMatchObject({ status: 401 });
    await request(email);
    const token = await resetOf(email);
    await confirm(token);
    expect(await world.resolve(`Bearer ${tokens.accessToken}`)).toBeNull();
    await expect(world.staffSessions.refresh(tokens.refreshToken, committing(table))).rejects.toMatchObject({
      status: 401,
    });
    await expect(signIn(email)).rejects.toMatchObject({ code: 'sign-in-failed' });
    const { accessToken } = await signIn(email, NEXT);
    expect(await world.resolve(`Bearer ${accessToken}`)).toMatchObject({ kind: 'user' });
    await expect(confirm(token)).rejects.toMatchObject(INVALID);
  });

  it('of two confirmations of a password reset at once one succeeds', async () => {
    const { email } = await newUser();
    await request(email);
    const token = await resetOf(email);
    const results = await Promise.allSettled([confirm(token), confirm(token)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('a password reset is void after a newer one, after an hour and for a deactivated user, and an invitation is no reset', async () => {
    const { id, email } = await newUser();
    await request(email);
    const older = await resetOf(email);
    await request(email);
    await expect(confirm(older)).rejects.toMatchObject(INVALID);
    const newer = await resetOf(email);
    await change(id, { status: 'deactivated' });
    await expect(confirm(newer)).rejects.toMatchObject(INVALID);
    await change(id, { status: 'active' });
    later(3600);
    await expect(confirm(newer)).rejects.toMatchObject(INVALID);
    await expect(confirm((await newInvited()).token)).rejects.toMatchObject(INVALID);
    await expect(signIn(email)).resolves.toBeDefined();
  });

  it('a password reset makes the same calls whether the user exists or not', async () => {
    const { email } = await newUser();
    const { email: waiting } = await newInvited();
    const { id: gone, email: former } = await newUser();
    await change(gone, { status: 'deactivated' });
    const cost = async (address: string) => {
      const before = calls.length;
      await request(address);
      return calls.slice(before).map(({ operation }) => operation);
    };
    const known = await cost(email);
    for (const address of ['nobody@else.example', waiting, former]) expect(await cost(address)).toEqual(known);
    for (const address of [waiting, former])
      expect((await world.accounts.login(owner.companyId, address))?.reset).toBeUndefined();
  });

  it('password resets are limited by mailbox, for known and unknown addresses and companies alike', async () => {
    const { email } = await newUser();
    const { staffLinks } = portalWorld(table, source, { mailbox: { hour: 2, day: 3 } });
    const ask = (address: string, company = slug) => staffLinks.requestReset(company, address, ADDRESS);
    source.at = new Date('2026-03-05T22:59:30.000Z');
    for (const address of [email, 'stranger@else.example']) {
      await ask(address);
      await ask(address.toUpperCase(), 'no-such-company');
      await expect(ask(address)).rejects.toMatchObject({ code: 'too-many-mails', retryAfter: 30 });
    }
    later(60);
    await ask(email);
    await expect(ask(email)).rejects.toMatchObject({ code: 'too-many-mails', retryAfter: 3570 });
    later(3600);
    await ask(email);
    await signIn(email);
  });

  it('the table keeps no secret of a link', async () => {
    const { email } = await newUser();
    await request(email);
    const token = await resetOf(email);
    const login = await getItem(table, keys.login(owner.companyId, email), true);
    const mailId = String(Object(login?.reset).mailId);
    expect(JSON.stringify([login, mailId])).not.toContain(token);
  });
});

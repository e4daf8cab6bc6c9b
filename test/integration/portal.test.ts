import { beforeAll, describe, expect, it } from 'vitest';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import type { ClientId, ContactId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { slugOf } from '../support/company.ts';
import { clientsWithPortal, type PortalWorld } from '../support/portal-world.ts';
import type { TestSource } from '../support/table.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = '192.0.2.1';

let table: Table;
let source: TestSource;
let world: ClientWorld;
let accounts: PortalWorld;
let slug: string;
let other: { world: ClientWorld; slug: string };

beforeAll(async () => {
  ({ table, source, world, portal: accounts, slug } = await clientsWithPortal());
  const stranger = await clientWorld(table, source);
  other = { world: stranger, slug: slugOf(stranger.principal.companyId) };
});

let made = 0;
async function newInvited() {
  const client = await newClient(world, { name: 'Invited' });
  const contact = await newContact(world, client.id, { firstName: 'Ada', email: `ada${++made}@portal.example` });
  const invited = await invite(contact);
  return { contact: invited, token: await deliver(invited) };
}

const invite = ({ clientId, id }: { clientId: ClientId; id: ContactId }) =>
  world.contacts.invite(world.principal, clientId, id, undefined, committing(table));
const deliver = ({ invitation }: StoredContact) => {
  if (!invitation) throw new Error('nobody is invited');
  return accounts.deliver(world.principal.companyId, invitation.mailId);
};
const read = ({ clientId, id }: StoredContact) => world.contacts.read(world.principal, clientId, id);
const accept = (token: string, company = slug) =>
  accounts.invitations.accept({ company, token, password: PASSWORD }, ADDRESS);
const signIn = (contact: StoredContact, password = PASSWORD) =>
  accounts.sessions.signIn({ company: slug, username: contact.email ?? '', password }, ADDRESS);
const later = (seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};
const INVALID = { code: 'link-invalid', status: 403, message: expect.any(String) };

async function refusalOf(promise: Promise<unknown>): Promise<object> {
  const error: unknown = await promise.then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
  const { code, message, status } = Object(error);
  return { code, message, status };
}

describe('an invitation', () => {
  it('an invitation and its mail are written in the transaction of the contact', async () => {
    const { contact } = await newInvited();
    expect(contact).toMatchObject({ portal: { status: 'invited', invitedAt: source.at.toISOString() } });
    const mailId = contact.invitation?.mailId;
    expect(mailId && (await accounts.mail(world.principal.companyId, mailId))).toMatchObject({
      kind: 'invitation',
      status: 'queued',
      clientId: contact.clientId,
      contactId: contact.id,
      userId: null,
      requestedBy: { kind: 'token', id: world.principal.id },
    });
  });

  it('sendWelcomeEmail invites the primary contact and nobody else', async () => {
    const contacts = [{ email: 'one@welcome.example' }, { email: 'two@welcome.example', isPrimary: true }];
    const { id } = await newClient(world, { sendWelcomeEmail: true, contacts });
    const profile = await clientRepository(table).profile(world.principal.companyId, id);
    const [first, second] = profile?.contacts ?? [];
    expect(first).toMatchObject({ portal: { status: 'none' } });
    expect(first?.invitation).toBeUndefined();
    expect(second).toMatchObject({ portal: { status: 'invited' } });
    if (!second) throw new Error('there is a second one');
    expect(await accept(await deliver(second))).toMatchObject({ tokenType: 'Bearer' });
    const closed = newClient(world, { sendWelcomeEmail: true, contacts: [{ email: 'x@w.example' }], status: 'fraud' });
    await expect(closed).rejects.toMatchObject({ errors: [{ pointer: '/sendWelcomeEmail', code: 'not-allowed' }] });
  });

  it('an invitation activates the contact and signs it in, once', async () => {
    const { contact, token } = await newInvited();
    const tokens = await accept(token);
    expect(await accounts.resolve(`Bearer ${tokens.accessToken}`)).toMatchObject({
      kind: 'contact',
      id: contact.id,
      clientId: contact.clientId,
      companyId: world.principal.companyId,
      name: 'Ada',
    });
    const active = await read(contact);
    expect(active).toMatchObject({ portal: { status: 'active', lastSignInAt: source.at.toISOString() } });
    expect(active.invitation).toBeUndefined();
    await signIn(contact);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    await expect(invite(contact)).rejects.toMatchObject({ code: 'already-active' });
  });

  it('of two acceptances of an invitation at once one succeeds', async () => {
    const { token } = await newInvited();
    const results = await Promise.allSettled([accept(token), accept(token)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'link-invalid' } });
  });

  it('an invitation is refused in the same way whatever is wrong about it', async () => {
    const [wrong, ...others] = [
      await refusalOf(accept('A'.repeat(43))),
      await refusalOf(accept('not even a secret')),
      await refusalOf(accept((await newInvited()).token, other.slug)),
      await refusalOf(accept((await newInvited()).token, 'no-such-company')),
      await refusalOf(accept((await newInvited()).token, 'No Slug!')),
      await (async () => {
        const { contact, token } = await newInvited();
        await invite(contact);
        return refusalOf(accept(token));
      })(),
      await (async () => {
        const { contact, token } = await newInvited();
        await world.contacts.patch(
          world.principal,
          contact.clientId,
          contact.id,
          { email: 'new@p.example' },
          undefined,
        );
        expect(await read(contact)).toMatchObject({ portal: { status: 'none', invitedAt: null } });
        return refusalOf(accept(token));
      })(),
      await (async () => {
        const { contact, token } = await newInvited();
        await newContact(world, contact.clientId, { firstName: 'Stays' });
        await world.contacts.remove(world.principal, contact.clientId, contact.id, undefined);
        return refusalOf(accept(token));
      })(),
      await (async () => {
        const { contact, token } = await newInvited();
        await world.clients.archive(world.principal, contact.clientId, undefined, committing(table));
        return refusalOf(accept(token));
      })(),
      await (async () => {
        const { token } = await newInvited();
        later(72 * 3600);
        return refusalOf(accept(token));
      })(),
    ];
    expect(wrong).toMatchObject(INVALID);
    for (const one of others) expect(one).toEqual(wrong);
  });

  it('an invitation is valid until its lifetime ends, counted from when it was sent', async () => {
    const { token } = await newInvited();
    later(72 * 3600 - 1);
    await accept(token);
  });

  it('a mail sent again after the invitation was accepted has no valid link', async () => {
    const { contact, token } = await newInvited();
    await accept(token);
    expect(await deliver(contact)).toBe(token);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
  });

  it('an invitation needs an address and an open client', async () => {
    const client = await newClient(world, { name: 'Quiet' });
    const silent = await newContact(world, client.id, { firstName: 'Silent' });
    await expect(invite(silent)).rejects.toMatchObject({ code: 'no-address' });
    const spoken = await newContact(world, client.id, { email: 'spoken@quiet.example' });
    await world.clients.patch(world.principal, client.id, { status: 'inactive' }, undefined);
    await expect(invite(spoken)).rejects.toMatchObject({ code: 'portal-closed' });
  });
});

describe('the portal', () => {
  it('contacts of inactive, fraudulent or archived clients cannot sign in, and their sessions end', async () => {
    const { contact, token } = await newInvited();
    const tokens = await accept(token);
    const bearer = `Bearer ${tokens.accessToken}`;
    const patch = (change: object) => world.clients.patch(world.principal, contact.clientId, { ...change }, undefined);
    const closedBy = async () => {
      expect(await accounts.resolve(bearer)).toBeNull();
      await expect(signIn(contact)).rejects.toMatchObject({ code: 'sign-in-failed' });
      await expect(accounts.sessions.refresh(tokens.refreshToken, committing(table))).rejects.toMatchObject({
        status: 401,
      });
    };
    for (const status of ['inactive', 'fraud']) {
      await patch({ status });
      await closedBy();
    }
    await patch({ status: 'active' });
    await world.clients.archive(world.principal, contact.clientId, undefined, committing(table));
    await closedBy();
    await world.clients.restore(world.principal, contact.clientId, undefined, committing(table));
    expect(await accounts.resolve(bearer)).toBeNull();
    const { accessToken } = await signIn(contact);
    expect(await accounts.resolve(`Bearer ${accessToken}`)).toMatchObject({ id: contact.id });
  });

  it('portal sign-in accepts the username in any spelling, and fails in the same way for every other reason', async () => {
    const { contact, token } = await newInvited();
    await accept(token);
    await world.contacts.patch(world.principal, contact.clientId, contact.id, { username: 'Ada.Byron' }, undefined);
    const named = (username: string, password = PASSWORD) =>
      accounts.sessions.signIn({ company: slug, username, password }, ADDRESS);
    await named('ada.byron');
    const wrong = await refusalOf(named('ada.byron', 'a guess'));
    expect(wrong).toMatchObject({ code: 'sign-in-failed' });
    expect(await refusalOf(named('nobody'))).toEqual(wrong);
    expect(await refusalOf(named(contact.email ?? ''))).toEqual(wrong);
    const { contact: waiting } = await newInvited();
    expect(await refusalOf(signIn(waiting))).toEqual(wrong);
  });

  it('failed sign-ins of a contact and of a user with the same address are counted separately', async () => {
    const { contact, token } = await newInvited();
    await accept(token);
    for (let n = 0; n < 5; n++) await refusalOf(signIn(contact, `guess ${n}`));
    await expect(signIn(contact)).rejects.toMatchObject({ code: 'too-many-attempts' });
    const staff = accounts.staffSessions.signIn(
      { company: slug, email: contact.email ?? '', password: 'a guess' },
      ADDRESS,
    );
    await expect(staff).rejects.toMatchObject({ code: 'sign-in-failed' });
    later(60);
    await signIn(contact);
  });

  it('the portal rotates refresh tokens, and reuse of a spent one ends the session', async () => {
    const { token } = await newInvited();
    const first = await accept(token);
    const second = await accounts.sessions.refresh(first.refreshToken, committing(table));
    expect(await accounts.resolve(`Bearer ${second.accessToken}`)).toMatchObject({ kind: 'contact' });
    await expect(accounts.sessions.refresh(first.refreshToken, committing(table))).rejects.toMatchObject({
      status: 401,
    });
    expect(await accounts.resolve(`Bearer ${second.accessToken}`)).toBeNull();
  });

  it('refresh tokens of staff and portal are refused by each other', async () => {
    const { token } = await newInvited();
    const { refreshToken } = await accept(token);
    await expect(accounts.staffSessions.refresh(refreshToken, committing(table))).rejects.toMatchObject({
      status: 401,
    });
    const asStaff = refreshToken.replace('cpr_', 'clr_');
    await expect(accounts.staffSessions.refresh(asStaff, committing(table))).rejects.toMatchObject({ status: 401 });
    await expect(accounts.sessions.refresh(asStaff, committing(table))).rejects.toMatchObject({ status: 401 });
  });

  it('the portal is closed with the clients module', async () => {
    const { contact, token } = await newInvited();
    const { token: unused } = await newInvited();
    const tokens = await accept(token);
    const { companyId } = world.principal;
    const { clientsModule } = await accounts.accounts.company(companyId);
    const { version, ...module } = clientsModule;
    await accounts.accounts.setClientsModule(companyId, { ...module, status: 'inactive' }, version);
    const inactive = { code: 'module-inactive' };
    await expect(signIn(contact)).rejects.toMatchObject(inactive);
    await expect(accept(unused)).rejects.toMatchObject(inactive);
    await expect(accounts.sessions.refresh(tokens.refreshToken, committing(table))).rejects.toMatchObject(inactive);
    await expect(signIn(contact, 'a guess')).rejects.toMatchObject({ code: 'sign-in-failed' });
    await accounts.accounts.setClientsModule(companyId, { ...module, status: 'active' }, version + 1);
    await accept(unused);
  });
});

describe('a password that staff sets', () => {
  const set = (contact: StoredContact, password: string | null) =>
    accounts.passwords.set(
      world.principal,
      { clientId: contact.clientId, contactId: contact.id },
      { password },
      undefined,
      committing(table),
    );

  it('a password set by staff voids the invitation and all earlier sessions', async () => {
    const { contact, token } = await newInvited();
    const waiting = await newInvited();
    const tokens = await accept(token);
    expect(await set(contact, 'another passphrase')).toMatchObject({ password: null });
    expect(await accounts.resolve(`Bearer ${tokens.accessToken}`)).toBeNull();
    await expect(accounts.sessions.refresh(tokens.refreshToken, committing(table))).rejects.toMatchObject({
      status: 401,
    });
    await expect(signIn(contact)).rejects.toMatchObject({ code: 'sign-in-failed' });
    await signIn(contact, 'another passphrase');
    await set(waiting.contact, PASSWORD);
    await expect(accept(waiting.token)).rejects.toMatchObject(INVALID);
  });

  it('a password is generated if none is given, and works', async () => {
    const { contact } = await newInvited();
    const { password } = await set(contact, null);
    expect(password).toMatch(/^[\w-]{20}$/);
    await signIn(contact, password ?? '');
  });

  it('the password of a contact is deleted with the contact', async () => {
    const { contact } = await newInvited();
    await set(contact, PASSWORD);
    await newContact(world, contact.clientId, { firstName: 'Stays' });
    await world.contacts.remove(world.principal, contact.clientId, contact.id, undefined);
    const key = keys.portalLogin(world.principal.companyId, contact.clientId, contact.id);
    expect(await getItem(table, key, true)).toBeUndefined();
    await expect(signIn(contact)).rejects.toMatchObject({ code: 'sign-in-failed' });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { activityLog } from '../../lib/activity/repository.ts';
import { withLock } from '../../lib/clients/contacts/lock.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import type { Table } from '../../lib/table/client.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { slugOf } from '../support/company.ts';
import { clientsWithPortal, type PortalWorld } from '../support/portal-world.ts';
import type { TestSource } from '../support/table.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = '192.0.2.1';
const INVALID = { code: 'link-invalid', status: 403 };

let table: Table;
let calls: Call[];
let source: TestSource;
let world: ClientWorld;
let portal: PortalWorld;
let slug: string;

beforeAll(async () => {
  ({ table, calls, source, world, portal, slug } = await clientsWithPortal());
});

let made = 0;
async function contactWith(account?: { password: string }): Promise<StoredContact> {
  const client = await newClient(world, { name: 'Linked' });
  return newContact(world, client.id, { firstName: 'Ada', email: `ada${++made}@link.example`, account });
}
const idsOf = ({ clientId, id }: StoredContact) => ({ clientId, contactId: id });
const makeLink = (contact: StoredContact) => portal.links.create(world.principal, idsOf(contact));
const accept = (token: string, password?: string, company = slug) =>
  portal.links.accept({ company, token, password }, ADDRESS);
const read = ({ clientId, id }: StoredContact) => world.contacts.read(world.principal, clientId, id);
const later = (seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};
/** The time in so many seconds, from the beginning of this one. */
const inSeconds = (seconds: number) =>
  new Date((Math.floor(source.at.getTime() / 1000) + seconds) * 1000).toISOString();
const actionsOf = async ({ clientId }: StoredContact) => {
  const { entries } = await activityLog(table).page(world.principal.companyId, clientId, {
    limit: 9,
    after: undefined,
  });
  return entries.map(({ action, actor, subject }) => [action, actor.kind, subject.id]);
};

describe('a link that staff hands over', () => {
  it('opens the portal as the contact, once, and the activity has both', async () => {
    const contact = await contactWith({ password: PASSWORD });
    const link = await makeLink(contact);
    expect(link).toEqual({
      url: `https://portal.example/${slug}/link#${link.token}`,
      token: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: inSeconds(3600),
    });
    later(60);
    const tokens = await accept(link.token);
    expect(await portal.resolve(`Bearer ${tokens.accessToken}`)).toMatchObject({ kind: 'contact', id: contact.id });
    expect((await read(contact)).portal.lastSignInAt).toBe(source.at.toISOString());
    await expect(accept(link.token)).rejects.toMatchObject(INVALID);
    expect((await actionsOf(contact)).slice(0, 2)).toEqual([
      ['contact.portal-link-used', 'contact', contact.id],
      ['contact.portal-link-created', 'token', contact.id],
    ]);
  });

  it('takes two calls, and leaves the versions of contact and client', async () => {
    const contact = await contactWith({ password: PASSWORD });
    const { version } = await world.clients.profile(world.principal, contact.clientId);
    const before = calls.length;
    const { token } = await makeLink(contact);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    await accept(token);
    expect(await world.clients.profile(world.principal, contact.clientId)).toMatchObject({
      version,
      contacts: [{ version: contact.version }],
    });
  });

  it('of ten uses at once, one succeeds', async () => {
    const { token } = await makeLink(await contactWith({ password: PASSWORD }));
    const uses = await Promise.allSettled(Array.from({ length: 10 }, () => accept(token)));
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('asks a contact without a password for one, and is not used up by that', async () => {
    const contact = await contactWith();
    const { token } = await makeLink(contact);
    await expect(accept(token)).rejects.toMatchObject({ errors: [{ pointer: '/password', code: 'required' }] });
    await expect(accept(token, 'ada-link-1234')).rejects.toMatchObject({ errors: [{ pointer: '/password' }] });
    await accept(token, PASSWORD);
    expect((await read(contact)).portal.status).toBe('active');
    const username = contact.email ?? '';
    await portal.sessions.signIn({ company: slug, username, password: PASSWORD }, ADDRESS);
  });

  it('is invalid after an hour, a new password, another link with a password, and while the portal is closed', async () => {
    const contact = await contactWith({ password: PASSWORD });
    const late = await makeLink(contact);
    later(3600);
    await expect(accept(late.token)).rejects.toMatchObject(INVALID);
    const replaced = await makeLink(contact);
    const other = await makeLink(contact);
    await accept(other.token, `${PASSWORD}!`);
    await expect(accept(replaced.token)).rejects.toMatchObject(INVALID);
    const closed = await makeLink(contact);
    await world.clients.patch(world.principal, contact.clientId, { status: 'inactive' }, undefined);
    await expect(accept(closed.token)).rejects.toMatchObject(INVALID);
    await expect(makeLink(contact)).rejects.toMatchObject({ code: 'portal-closed' });
    await world.clients.patch(world.principal, contact.clientId, { status: 'active' }, undefined);
    await expect(accept(closed.token)).rejects.toMatchObject(INVALID);
  });

  it('is of its own company, and no other link is one', async () => {
    const contact = await contactWith({ password: PASSWORD });
    const { token } = await makeLink(contact);
    const stranger = await clientWorld(table, source);
    const elsewhere = slugOf(stranger.principal.companyId);
    await expect(accept(token, undefined, elsewhere)).rejects.toMatchObject(INVALID);
    await expect(portal.links.create(stranger.principal, idsOf(contact))).rejects.toMatchObject({ code: 'not-found' });
    const invitation = portal.invitations.accept({ company: slug, token, password: PASSWORD }, ADDRESS);
    await expect(invitation).rejects.toMatchObject(INVALID);
    await expect(accept('')).rejects.toMatchObject(INVALID);
    await accept(token);
  });
});

describe('the lock of an account', () => {
  const wrong = (contact: StoredContact, address = ADDRESS) =>
    portal.sessions.signIn({ company: slug, username: contact.email ?? '', password: 'wrong' }, address).catch(() => 0);
  const shown = async (contact: StoredContact) => {
    const { contacts } = await world.clients.profile(world.principal, contact.clientId);
    return contacts[0]?.portal;
  };

  it('shows in the profile while it lasts, without a further call', async () => {
    const contact = await contactWith({ password: PASSWORD });
    for (let tries = 1; tries <= 4; tries++) await wrong(contact);
    expect(await shown(contact)).toMatchObject({ status: 'active', lockedUntil: null });
    await wrong(contact);
    const lockedUntil = inSeconds(60);
    const before = calls.length;
    expect(await shown(contact)).toMatchObject({ status: 'locked', lockedUntil });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
    expect(withLock(await read(contact), source.now()).portal.status).toBe('locked');
    later(60);
    expect(await shown(contact)).toMatchObject({ status: 'active', lockedUntil: null });
    await wrong(contact);
    expect(await shown(contact)).toMatchObject({ lockedUntil: inSeconds(120) });
  });

  it('shows until the end of the hour after wrong passwords from a hundred addresses', async () => {
    source.at = new Date('2026-03-05T10:20:00.000Z');
    const contact = await contactWith({ password: PASSWORD });
    for (let n = 0; n < 99; n++) await wrong(contact, `198.51.100.${n}`);
    expect(await shown(contact)).toMatchObject({ status: 'active' });
    await wrong(contact, '198.51.100.200');
    expect(await shown(contact)).toMatchObject({ status: 'locked', lockedUntil: '2026-03-05T11:00:00.000Z' });
  });

  it('an unknown username takes the same calls', async () => {
    const contact = await contactWith({ password: PASSWORD });
    const nobody = { ...contact, email: 'nobody@link.example' };
    const operationsOf = async (whose: StoredContact, address: string) => {
      for (let tries = 1; tries <= 4; tries++) await wrong(whose, address);
      const before = calls.length;
      await wrong(whose, address);
      return calls.slice(before).map(({ operation }) => operation);
    };
    expect(await operationsOf(nobody, '203.0.113.1')).toEqual(await operationsOf(contact, '203.0.113.2'));
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientId, ContactId, mintId, mintInOrder } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient, newContact, withRequiredFields } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];
let world: ClientWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  world = await clientWorld(table);
});

const profile = (id: ClientId) => world.clients.profile(world.principal, id);
const stored = (id: ClientId) => clientRepository(table).client(world.principal.companyId, id);
const patch = (contact: { clientId: ClientId; id: ContactId }, change: object) =>
  world.contacts.patch(world.principal, contact.clientId, contact.id, { ...change }, undefined);
const remove = (contact: { clientId: ClientId; id: ContactId }) =>
  world.contacts.remove(world.principal, contact.clientId, contact.id, undefined);

describe('a contact', () => {
  it('a contact is created with its guards and changes its client, in two calls', async () => {
    const client = await newClient(world, { name: 'Northwind' });
    const before = calls.length;
    const ada = await newContact(world, client.id, {
      firstName: 'Ada',
      email: 'ada@two-calls.example',
      phone: '030 1234567',
    });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query', 'TransactWriteItems']);
    expect(ada).toMatchObject({
      isPrimary: true,
      phone: '030 1234567',
      phoneE164: '+49301234567',
      username: null,
      portal: { status: 'none', username: 'ada@two-calls.example' },
      version: 1,
    });
    expect(await profile(client.id)).toMatchObject({ version: 2, contacts: [{ id: ada.id }] });
    expect(await stored(client.id)).toMatchObject({
      primaryContact: { id: ada.id, name: 'Ada', email: 'ada@two-calls.example' },
    });
  });

  it('the phone of a contact is read by the billing country before the country of the company', async () => {
    const client = await newClient(world, { name: 'Lyon', billingAddress: { country: 'FR' } });
    const contact = await newContact(world, client.id, { firstName: 'Zoe', phone: '01 70 18 99 00' });
    expect(contact.phoneE164).toBe('+33170189900');
    expect((await patch(contact, { phone: 'ask at the desk' })).phoneE164).toBeNull();
    expect((await patch(contact, { phone: '+44 20 7946 0000' })).phoneE164).toBe('+442079460000');
    expect((await patch(contact, { phone: null })).phoneE164).toBeNull();
  });

  it('a changed or deleted contact frees its address and username', async () => {
    const client = await newClient(world, { name: 'Moving' });
    const other = await newClient(world, { name: 'Other' });
    const first = await newContact(world, client.id, { email: 'one@moving.example', username: 'one' });
    const second = () => newContact(world, other.id, { email: 'One@Moving.example', username: 'second' });
    await expect(second()).rejects.toMatchObject({ code: 'email-taken', errors: [{ pointer: '/email' }] });
    const third = () => newContact(world, other.id, { firstName: 'Third', username: 'ONE' });
    await expect(third()).rejects.toMatchObject({ code: 'username-taken', errors: [{ pointer: '/username' }] });
    await patch(first, { email: 'two@moving.example', username: null });
    expect((await third()).portal.username).toBe('ONE');
    await remove(await second());
    await newContact(world, client.id, { email: 'one@moving.example' });
  });

  it('a username may be the own address of the contact, and not that of another contact', async () => {
    const client = await newClient(world, { name: 'Self' });
    const self = await newContact(world, client.id, { email: 'self@self.example', username: 'Self@self.example' });
    expect((await patch(self, { username: null })).portal.username).toBe('self@self.example');
    expect((await patch(self, { username: 'self' })).portal.username).toBe('self');
    const thief = await newContact(world, client.id, { firstName: 'Thief', username: 'self@self.example' });
    await expect(patch(self, { username: null })).rejects.toMatchObject({
      code: 'username-taken',
      errors: [{ pointer: '/email' }],
    });
    await remove(thief);
    await patch(self, { username: null });
  });

  it('of two contacts that claim an address at once one is created', async () => {
    const client = await newClient(world, { name: 'Race' });
    const rival = await newClient(world, { name: 'Rival' });
    const claims = await Promise.allSettled(
      [client.id, rival.id, client.id, rival.id].map((id) => newContact(world, id, { email: 'claimed@race.example' })),
    );
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const claim of claims)
      if (claim.status === 'rejected') expect(claim.reason).toMatchObject({ code: 'email-taken' });
  });

  it('a contact is found under its own client only', async () => {
    const client = await newClient(world, { name: 'Own', contacts: [{ firstName: 'Own' }] });
    const other = await newClient(world, { name: 'Other' });
    const [contact] = client.contacts;
    if (!contact) throw new Error('no contact');
    await expect(world.contacts.read(world.principal, other.id, contact.id)).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(remove({ clientId: other.id, id: contact.id })).rejects.toMatchObject({ code: 'not-found' });
    const stranger = await clientWorld(table, world.source);
    await expect(world.contacts.read(stranger.principal, client.id, contact.id)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('the version of a contact does not depend on changes of its client', async () => {
    const client = await newClient(world, { name: 'Versions', contacts: [{ firstName: 'A' }, { firstName: 'B' }] });
    const [a, b] = client.contacts;
    if (!a || !b) throw new Error('no contacts');
    await patch({ clientId: client.id, id: a.id }, { title: 'Head' });
    const change = (version: number) =>
      world.contacts.patch(world.principal, client.id, b.id, { title: `v${version}` }, [version]);
    expect((await change(1)).version).toBe(2);
    await expect(change(1)).rejects.toMatchObject({ code: 'stale-version' });
    const rivals = await Promise.allSettled([change(2), change(2), change(2)]);
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a patch of a contact that changes nothing writes nothing', async () => {
    const client = await newClient(world, { name: 'Still' });
    const contact = await newContact(world, client.id, { firstName: 'Still', username: 'still' });
    const before = calls.length;
    expect(await patch(contact, { firstName: 'Still' })).toEqual(contact);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
  });

  it('a client has two hundred contacts at most', async () => {
    const client = await newClient(world, { name: 'Crowd', contacts: [{ firstName: 'First' }] });
    const many = world.contacts;
    const [first] = client.contacts;
    if (!first) throw new Error('no contact');
    const nextId = mintInOrder(ContactId, 'con', world.source);
    const { companyId } = world.principal;
    const others = Array.from({ length: 199 }, () => ({
      ...first,
      clientId: client.id,
      id: nextId(),
      isPrimary: false,
      credentialGeneration: 0,
    }));
    const puts = others.flatMap((contact) => contactWrites(table.name).writesToCreate(companyId, contact, ''));
    for (let start = 0; start < puts.length; start += 100) await transact(table, puts.slice(start, start + 100));
    await expect(newContact(world, client.id, { firstName: 'Last' })).rejects.toMatchObject({
      code: 'too-many-contacts',
    });
    const pages: number[] = [];
    let after: Parameters<typeof many.list>[3];
    do {
      const page = await many.list(world.principal, client.id, 60, after);
      pages.push(page.contacts.length);
      after = page.next;
    } while (after);
    expect(pages).toEqual([60, 60, 60, 20]);
  });
});

describe('a list of contacts', () => {
  it('a list of contacts tells a client without contacts from a missing one, in one call', async () => {
    const client = await newClient(world, { name: 'Alone' });
    const before = calls.length;
    expect(await world.contacts.list(world.principal, client.id, 50, undefined)).toEqual({
      contacts: [],
      next: undefined,
    });
    const none = world.contacts.list(world.principal, mintId(ClientId, 'cli', world.source), 50, undefined);
    await expect(none).rejects.toMatchObject({ code: 'not-found' });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query', 'Query']);
  });
});

describe('the primary contact', () => {
  it('the first contact is primary until another is made it, and the next follows when it is deleted', async () => {
    const client = await newClient(world, { contacts: [{ firstName: 'A' }, { firstName: 'B' }, { firstName: 'C' }] });
    const [a, b, c] = client.contacts;
    if (!a || !b || !c) throw new Error('no contacts');
    const primaries = async () => {
      const { contacts } = await profile(client.id);
      const names = contacts.filter(({ isPrimary }) => isPrimary).map(({ firstName }) => firstName);
      expect((await stored(client.id))?.primaryContact?.name).toBe(names[0]);
      return names;
    };
    expect(await primaries()).toEqual(['A']);
    await world.contacts.makePrimary(world.principal, client.id, b.id, undefined, committing(table));
    expect(await primaries()).toEqual(['B']);
    await expect(patch({ clientId: client.id, id: b.id }, { isPrimary: false })).rejects.toMatchObject({
      errors: [{ pointer: '/isPrimary' }],
    });
    await remove({ clientId: client.id, id: b.id });
    expect(await primaries()).toEqual(['C']);
    await remove({ clientId: client.id, id: c.id });
    expect(await primaries()).toEqual(['A']);
    expect((await newContact(world, client.id, { firstName: 'D', isPrimary: true })).isPrimary).toBe(true);
    expect(await primaries()).toEqual(['D']);
    await patch({ clientId: client.id, id: a.id }, { isPrimary: true });
    expect(await primaries()).toEqual(['A']);
  });

  it('there is one primary contact, however many are made it at once', async () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    const client = await newClient(world, { contacts: names.map((firstName) => ({ firstName })) });
    await Promise.all(
      client.contacts.map(({ id }) =>
        world.contacts.makePrimary(world.principal, client.id, id, undefined, committing(table)),
      ),
    );
    const { contacts } = await profile(client.id);
    const primaries = contacts.filter(({ isPrimary }) => isPrimary);
    expect(primaries).toHaveLength(1);
    expect((await stored(client.id))?.primaryContact?.id).toBe(primaries[0]?.id);
  });
});

describe('the last contact', () => {
  it('the last contact of a client without a name cannot be deleted, and gives it its display name', async () => {
    const client = await newClient(world, { contacts: [{ firstName: 'Only', email: 'only@last.example' }] });
    const [only] = client.contacts;
    if (!only) throw new Error('no contact');
    const contact = { clientId: client.id, id: only.id };
    await expect(remove(contact)).rejects.toMatchObject({ code: 'contact-needed' });
    await patch(contact, { firstName: null });
    expect((await profile(client.id)).displayName).toBe('only@last.example');
    await world.clients.patch(world.principal, client.id, { name: 'Named' }, undefined);
    await remove(contact);
    expect(await profile(client.id)).toMatchObject({ contacts: [], primaryContact: null, displayName: 'Named' });
    const guard = await getItem(table, keys.contactEmail(world.principal.companyId, 'only@last.example'), true);
    expect(guard).toBeUndefined();
  });

  it('the last contact with a required field cannot be deleted or lose that field', async () => {
    const client = await newClient(world, {
      name: 'Required',
      contacts: [{ firstName: 'Ada', email: 'ada@required.example', phone: '+44 20 7946 0000' }, { firstName: 'Bob' }],
    });
    const [ada, bob] = client.contacts;
    if (!ada || !bob) throw new Error('no contacts');
    const strict = withRequiredFields(world, 'email', 'contactName', 'phone', 'pricingId');
    const change = (id: ContactId, fields: Record<string, unknown>) =>
      strict.contacts.patch(strict.principal, client.id, id, fields, undefined);
    await expect(change(ada.id, { email: null, phone: null })).rejects.toMatchObject({
      code: 'validation',
      errors: [
        { pointer: '/email', code: 'required' },
        { pointer: '/phone', code: 'required' },
      ],
    });
    const removal = strict.contacts.remove(strict.principal, client.id, ada.id, undefined);
    await expect(removal).rejects.toMatchObject({
      code: 'contact-needed',
      errors: [{ pointer: '/email' }, { pointer: '/phone' }],
    });
    await change(bob.id, { email: 'bob@required.example', phone: '1' });
    await strict.contacts.remove(strict.principal, client.id, ada.id, undefined);
  });
});

describe('a client that comes with contacts', () => {
  it('a client is refused if its contacts share a sign-in name with each other or an existing contact', async () => {
    await newClient(world, { contacts: [{ firstName: 'Old', username: 'old' }] });
    const client = (contacts: object[]) => newClient(world, { contacts });
    await expect(
      client([{ email: 'a@same.example' }, { firstName: 'B', username: 'A@same.example' }]),
    ).rejects.toMatchObject({
      code: 'validation',
      errors: [{ pointer: '/contacts/1/username', code: 'duplicate' }],
    });
    await expect(client([{ firstName: 'A' }, { firstName: 'B', username: 'Old' }])).rejects.toMatchObject({
      code: 'username-taken',
      errors: [{ pointer: '/contacts/1/username', code: 'taken' }],
    });
  });

  it('a client with thirty full contacts is created in one transaction', async () => {
    const contacts = Array.from({ length: 30 }, (_, index) => ({
      email: `full-${index}@thirty.example`,
      username: `full-${index}`,
    }));
    const client = await newClient(world, { name: 'Thirty', idNumber: 'T-30', contacts });
    expect(client.contacts).toHaveLength(30);
  });
});

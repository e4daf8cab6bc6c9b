import { beforeAll, describe, expect, it } from 'vitest';
import { userEntity } from '../../lib/accounts/schema.ts';
import { LinkedClientProfile } from '../../lib/clients/user-links/schema.ts';
import { groupEntity, newGroup } from '../../lib/groups/schema.ts';
import { type ClientId, GroupId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];
let world: ClientWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  world = await clientWorld(table);
});

async function newUser(name = 'Uma'): Promise<UserId> {
  const id = mintId(UserId, 'usr', world.source);
  const at = world.source.now().toISOString();
  const user = {
    id,
    name,
    email: `${id.slice(4)}@users.example`,
    role: 'user',
    status: 'active',
    createdAt: at,
    updatedAt: at,
    version: 1,
    credentialGeneration: 0,
    apiTokenGeneration: 0,
  } as const;
  await transact(table, [
    writes(table.name).create(keys.user(world.principal.companyId, id), asItem(userEntity, user)),
  ]);
  return id;
}

const operations = (from: number) => calls.slice(from).map(({ operation }) => operation);
const users = async (client: ClientId, limit = 50, after?: Record<string, string>) =>
  world.links.usersOf(world.principal, client, limit, after);

describe('a link between user and client', () => {
  it('a link is written to user and client in two calls, and linking again changes nothing', async () => {
    const client = await newClient(world, { name: 'Linked' });
    const user = await newUser();
    const before = calls.length;
    const linked = await world.links.link(world.principal, client.id, user);
    expect(operations(before)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(linked).toMatchObject({ id: user, name: 'Uma', role: 'user', linkedAt: '2026-03-04T10:00:00.000Z' });
    expect((await users(client.id)).users).toEqual([linked]);
    const { version } = await world.clients.profile(world.principal, client.id);
    expect(version).toBe(2);
    world.source.at = new Date(world.source.at.getTime() + 1000);
    expect(await world.links.link(world.principal, client.id, user)).toEqual(linked);
    expect((await world.clients.profile(world.principal, client.id)).version).toBe(2);
  });

  it('unlinking removes the link from user and client', async () => {
    const client = await newClient(world, { name: 'Left' });
    const user = await newUser();
    await world.links.link(world.principal, client.id, user);
    await world.links.unlink(world.principal, client.id, user);
    expect((await users(client.id)).users).toEqual([]);
    expect((await world.links.clientsOf(world.principal, user, 50, undefined)).clients).toEqual([]);
    const again = world.links.unlink(world.principal, client.id, user);
    await expect(again).rejects.toMatchObject({ code: 'not-found' });
    await world.links.link(world.principal, client.id, user);
    expect((await users(client.id)).users).toHaveLength(1);
  });

  it('a link needs a client and a user of the company', async () => {
    const client = await newClient(world, { name: 'Lonely' });
    const stranger = await clientWorld(table, world.source);
    const theirs = await newClient(stranger, { name: 'Theirs' });
    const user = await newUser();
    const nobody = mintId(UserId, 'usr', world.source);
    for (const [clientId, userId] of [
      [client.id, nobody],
      [theirs.id, user],
    ] as const) {
      const linking = world.links.link(world.principal, clientId, userId);
      await expect(linking).rejects.toMatchObject({ code: 'not-found' });
      await expect(users(theirs.id)).rejects.toMatchObject({ code: 'not-found' });
    }
    const ofNobody = world.links.clientsOf(world.principal, nobody, 50, undefined);
    await expect(ofNobody).rejects.toMatchObject({ code: 'not-found' });
  });

  it('links made at once are all kept', async () => {
    const client = await newClient(world, { name: 'Popular' });
    const several = await Promise.all(['A', 'B', 'C', 'D', 'E'].map(newUser));
    const twice = [...several, ...several];
    await Promise.all(twice.map((user) => world.links.link(world.principal, client.id, user)));
    const first = await users(client.id, 2);
    const rest = await users(client.id, 50, first.next);
    expect([...first.users, ...rest.users].map(({ id }) => id)).toEqual(several.toSorted());
    expect((await world.clients.profile(world.principal, client.id)).version).toBe(6);
  });

  it('a client has a hundred linked users at most', async () => {
    const client = await newClient(world, { name: 'Full' });
    const user = await newUser();
    const userIds = Array.from({ length: 100 }, () => mintId(UserId, 'usr', world.source));
    await transact(table, [
      writes(table.name).update(keys.client(world.principal.companyId, client.id), {
        UpdateExpression: 'SET userIds = :ids',
        ExpressionAttributeValues: { ':ids': userIds },
      }),
    ]);
    const linking = world.links.link(world.principal, client.id, user);
    await expect(linking).rejects.toMatchObject({ code: 'too-many-users' });
  });
});

describe('the clients of a user', () => {
  it('the clients of a user have name, number, pricing and effective currency, and nothing else', async () => {
    const user = await newUser();
    const at = world.source.now().toISOString();
    const group = mintId(GroupId, 'grp', world.source);
    const dollars = newGroup({ id: group, name: 'Dollars', settings: { currency: 'USD' }, createdAt: at });
    const { companyId } = world.principal;
    await transact(table, [writes(table.name).create(keys.group(companyId, group), asItem(groupEntity, dollars))]);
    for (const fields of [
      { contacts: [{ firstName: 'Ada' }] },
      { name: 'Group', groupId: group },
      { name: 'Own', groupId: group, settings: { currency: 'JPY' }, privateNotes: 'secret' },
    ]) {
      world.source.at = new Date(world.source.at.getTime() + 1);
      const { id } = await newClient(world, fields);
      await world.links.link(world.principal, id, user);
    }
    const before = calls.length;
    const sessionId = mintId(SessionId, 'ses', world.source);
    const caller = { ...world.principal, kind: 'user', id: user, sessionId, role: 'user' } as const;
    const { clients, next } = await world.links.ownClients(caller, 50, undefined);
    expect(operations(before)).toEqual(['Query', 'BatchGetItem', 'BatchGetItem']);
    expect(next).toBeUndefined();
    expect(clients).toEqual([
      { id: expect.any(String), number: expect.any(String), displayName: 'Ada', currency: 'EUR', pricingId: null },
      { id: expect.any(String), number: expect.any(String), displayName: 'Group', currency: 'USD', pricingId: null },
      { id: expect.any(String), number: expect.any(String), displayName: 'Own', currency: 'JPY', pricingId: null },
    ]);
  });

  it('a client of a user is a reduced profile with effective settings, and nothing private', async () => {
    const user = await newUser();
    const group = mintId(GroupId, 'grp', world.source);
    const settings = { currency: 'USD', language: 'fr', invoiceDelivery: 'portal' } as const;
    const french = newGroup({ id: group, name: 'French', settings, createdAt: world.source.now().toISOString() });
    const { companyId } = world.principal;
    await transact(table, [writes(table.name).create(keys.group(companyId, group), asItem(groupEntity, french))]);
    const { id, number } = await newClient(world, {
      name: 'Own',
      groupId: group,
      idNumber: 'NW-77',
      settings: { currency: 'JPY' },
      phones: [{ kind: 'fax', number: '030 901821' }],
      billingAddress: { city: 'Paris', country: 'FR' },
      privateNotes: 'secret',
      metadata: { crm: 'secret' },
      contacts: [{ email: 'secret@own.example' }],
    });
    const caller = {
      ...world.principal,
      kind: 'user',
      id: user,
      sessionId: mintId(SessionId, 'ses', world.source),
    } as const;
    const readOwn = () => world.links.ownClient({ ...caller, role: 'user' }, id);
    await expect(readOwn()).rejects.toMatchObject({ code: 'not-found' });
    await world.links.link(world.principal, id, user);
    const before = calls.length;
    const shown = LinkedClientProfile.parse(await readOwn());
    expect(operations(before)).toEqual(['BatchGetItem', 'GetItem']);
    expect(shown).toMatchObject({
      ...{ id, number, idNumber: 'NW-77', type: 'company', name: 'Own', displayName: 'Own', pricingId: null },
      ...{ currency: 'JPY', language: 'fr', invoiceDelivery: 'portal', archivedAt: null },
      billingAddress: { city: 'Paris' },
      defaultFax: { number: '030 901821' },
    });
    expect(JSON.stringify(shown)).not.toContain('secret');
    await expect(world.links.ownClient(world.principal, id)).rejects.toMatchObject({ code: 'not-found' });
    await world.links.unlink(world.principal, id, user);
    await expect(readOwn()).rejects.toMatchObject({ code: 'not-found' });
  });

  it('an API token has no clients of its own', async () => {
    expect(await world.links.ownClients(world.principal, 50, undefined)).toEqual({ clients: [], next: undefined });
  });
});

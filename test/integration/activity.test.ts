import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type StoredUser, userEntity } from '../../lib/accounts/schema.ts';
import { activityLog } from '../../lib/activity/repository.ts';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { PricingInput } from '../../lib/pricings/schema.ts';
import { pricingService } from '../../lib/pricings/service.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { REACHABLE } from '../../lib/shared/email.ts';
import { type ClientId, type CompanyId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { SEALED_SECONDS } from '../../lib/table/sharded-counter.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];
let world: ClientWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

beforeEach(async () => {
  world = await clientWorld(table);
});

async function entries(client: ClientId, company: CompanyId = world.principal.companyId) {
  return (await activityLog(table).page(company, client, { limit: 200, after: undefined })).entries;
}

/** Runs a change and returns the activity entries that it added, newest first. */
async function newEntries(client: ClientId, run: () => Promise<unknown>) {
  const before = await entries(client);
  await run();
  const after = await entries(client);
  expect(after.slice(after.length - before.length)).toEqual(before);
  return after.slice(0, after.length - before.length);
}

async function newUser(): Promise<StoredUser> {
  const at = world.source.now().toISOString();
  const id = mintId(UserId, 'usr', world.source);
  const rest = {
    role: 'user',
    status: 'active',
    emailStatus: REACHABLE,
    createdAt: at,
    updatedAt: at,
    version: 1,
    credentialGeneration: 0,
    apiTokenGeneration: 0,
  } as const;
  const user: StoredUser = { id, name: 'Uma', email: `${id.slice(4)}@users.example`, ...rest };
  await transact(table, [
    writes(table.name).create(keys.user(world.principal.companyId, user.id), asItem(userEntity, user)),
  ]);
  return user;
}

const group = (name: string) =>
  groupService(groupRepository(table), world.source).create(
    world.principal.companyId,
    { name, settings: {} },
    committing(table),
  );

describe('the activity of a client', () => {
  it('activity begins with the fields that the client was created with, and by whom', async () => {
    const { id, number } = await newClient(world, {
      name: 'Harbour',
      tags: ['food'],
      billingAddress: { city: 'London' },
      contacts: [{ firstName: 'Ada', email: 'ada@harbour.example' }],
    });
    const [entry, ...others] = await entries(id);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      at: '2026-03-04T10:00:00.000Z',
      actor: { kind: 'token', id: world.principal.id, name: 'A token' },
      action: 'client.created',
      subject: { type: 'client', id, label: 'Harbour' },
      moreChanges: 0,
    });
    const changes = new Map(entry?.changes.map(({ field, from, to }) => [field, [from, to]]));
    expect(Object.fromEntries(changes)).toMatchObject({
      name: [null, 'Harbour'],
      number: [null, number],
      tags: [null, ['food']],
      'billingAddress.city': [null, 'London'],
      'contacts.0.email': [null, 'ada@harbour.example'],
      'contacts.0.isPrimary': [null, true],
    });
    for (const internal of ['version', 'updatedAt', 'displayName', 'publicNotes', 'userIds'])
      expect([...changes.keys()]).not.toContain(internal);
  });

  it('activity has one entry for each change, with its fields and its author', async () => {
    const sessionId = mintId(SessionId, 'ses', world.source);
    const userId = mintId(UserId, 'usr', world.source);
    const principal = { ...world.principal, kind: 'user', id: userId, sessionId, name: 'Olive' } as const;
    const { clients, contacts, links, bulk } = world;
    const { id } = await newClient(world, { name: 'Harbour', contacts: [{ firstName: 'Ada' }], settings: {} });
    const ada = (await clients.profile(principal, id)).contacts[0];
    if (!ada) throw new Error('no contact');
    const key = await group('Key');
    const uma = await newUser();
    const own = clientSettingsService({
      clients: clientRepository(table),
      settings: settingsRepository(table),
      commit: committing(table),
      source: world.source,
    });
    const client = { type: 'client', id, label: 'Harbour' };
    const contact = (label = 'Ada') => ({ type: 'contact', id: ada.id, label });
    const user = { type: 'user', id: uma.id, label: 'Uma' };
    const step = async (run: () => Promise<unknown>, action: string, subject: object, changes: object[]) => {
      const made = await newEntries(id, run);
      expect(made).toHaveLength(1);
      expect(made[0]).toMatchObject({ actor: { kind: 'user', id: userId, name: 'Olive' }, action, subject });
      expect(made[0]?.changes).toEqual(changes);
    };
    const patch = (fields: Record<string, unknown>) => () => clients.patch(principal, id, fields, undefined);
    const change = (field: string, from: unknown, to: unknown) => ({ field, from, to });

    await step(patch({ name: 'Bakery' }), 'client.updated', { ...client, label: 'Bakery' }, [
      change('name', 'Harbour', 'Bakery'),
    ]);
    await step(patch({ name: 'Harbour', number: 'N-1', industry: 'Food' }), 'client.updated', client, [
      change('name', 'Bakery', 'Harbour'),
      change('number', '0001', 'N-1'),
      change('industry', null, 'Food'),
    ]);
    await step(patch({ status: 'fraud' }), 'client.updated', client, [change('status', 'active', 'fraud')]);
    await step(patch({ phones: [{ kind: 'phone', number: '+44 20 7946 0001' }] }), 'client.updated', client, [
      change('phones.0.kind', null, 'phone'),
      change('phones.0.location', null, 'work'),
      change('phones.0.number', null, '+44 20 7946 0001'),
    ]);
    const settings = () => own.change(principal, id, { language: 'fr', invoiceDelivery: 'post' }, undefined);
    await step(settings, 'client.settings-changed', client, [
      change('invoiceDelivery', null, 'post'),
      change('settings.language', null, 'fr'),
    ]);
    const setGroup = () => bulk.run(principal, { action: 'setGroup', ids: [id], groupId: key.id });
    const general = (await clients.profile(principal, id)).groupId;
    await step(setGroup, 'client.updated', client, [change('groupId', general, key.id)]);
    const at = world.source.now().toISOString();
    await step(() => clients.archive(principal, id, undefined, committing(table)), 'client.archived', client, [
      change('archivedAt', null, at),
    ]);
    await step(patch({ size: '1-10' }), 'client.updated', client, [change('size', null, '1-10')]);
    await step(() => clients.restore(principal, id, undefined, committing(table)), 'client.restored', client, [
      change('archivedAt', at, null),
    ]);

    const patchAda = () => contacts.patch(principal, id, ada.id, { email: 'ada@h.example', lastName: 'B' }, undefined);
    await step(patchAda, 'contact.updated', contact('Ada B'), [
      change('lastName', null, 'B'),
      change('email', null, 'ada@h.example'),
    ]);
    let bob = ada.id;
    const addBob = async () => {
      bob = (await newContact({ ...world, principal }, id, { firstName: 'Bob' })).id;
    };
    const created = await newEntries(id, addBob);
    const ofBob = { type: 'contact', id: bob, label: 'Bob' };
    expect(created).toMatchObject([{ action: 'contact.created', subject: ofBob }]);
    expect(created[0]?.changes).toContainEqual(change('firstName', null, 'Bob'));
    const moved = change('client.primaryContact', ada.id, bob);
    const makePrimary = () => contacts.makePrimary(principal, id, bob, undefined, committing(table));
    await step(makePrimary, 'contact.made-primary', ofBob, [change('isPrimary', false, true), moved]);
    const [gone] = await newEntries(id, () => contacts.remove(principal, id, bob, undefined));
    expect(gone).toMatchObject({ action: 'contact.deleted', subject: ofBob });
    expect(gone?.changes).toContainEqual(change('firstName', 'Bob', null));
    expect(gone?.changes).toContainEqual(change('client.primaryContact', bob, ada.id));

    await step(() => links.link(principal, id, uma.id), 'user.linked', user, []);
    await step(() => links.unlink(principal, id, uma.id), 'user.unlinked', user, []);
  });

  it('a write that changes nothing has no activity entry', async () => {
    const { principal, clients, contacts, links, bulk } = world;
    const { id, contacts: some } = await newClient(world, {
      name: 'Still',
      industry: 'Food',
      contacts: [{ firstName: 'A' }],
    });
    const uma = await newUser();
    await links.link(principal, id, uma.id);
    await clients.archive(principal, id, undefined, committing(table));
    const ada = some[0]?.id;
    if (!ada) throw new Error('no contact');
    const made = await newEntries(id, async () => {
      await clients.patch(principal, id, { industry: 'Food' }, undefined);
      await clients.patch(principal, id, {}, undefined);
      // It writes, but changes nothing that callers see.
      await clients.patch(principal, id, { settings: { portalPermissions: {} } }, undefined);
      await clients.archive(principal, id, undefined, committing(table));
      await bulk.run(principal, { action: 'archive', ids: [id, id] });
      await contacts.patch(principal, id, ada, { firstName: 'A' }, undefined);
      await contacts.makePrimary(principal, id, ada, undefined, committing(table));
      await links.link(principal, id, uma.id);
    });
    expect(made).toEqual([]);
  });

  it('a refused write has no activity entry', async () => {
    const { principal, clients, contacts, links } = world;
    await newClient(world, { name: 'First', number: 'T', contacts: [{ email: 'taken@x.example' }] });
    const { id, contacts: some } = await newClient(world, { name: 'Second', contacts: [{ firstName: 'A' }] });
    const ada = some[0]?.id;
    if (!ada) throw new Error('no contact');
    const uma = await newUser();
    const refusals = [
      () => clients.patch(principal, id, { number: 'T' }, undefined),
      () => clients.patch(principal, id, { industry: 'x' }, [7]),
      () => clients.patch(principal, id, { pricingId: 'prc_01JD8X3V5QZ7M2K4N6P8R0S1TA' }, undefined),
      () => contacts.patch(principal, id, ada, { email: 'taken@x.example' }, undefined),
      () => newContact(world, id, { email: 'taken@x.example' }),
      () => links.unlink(principal, id, uma.id),
    ];
    for (const refused of refusals)
      expect(
        await newEntries(id, () => expect(refused()).rejects.toMatchObject({ status: expect.any(Number) })),
      ).toEqual([]);
  });

  it('changes at once have one activity entry each, in the order of their versions', async () => {
    const { principal, clients } = world;
    const { id } = await newClient(world, { name: '0' });
    const names = Array.from({ length: 8 }, (_, index) => String(index + 1));
    await Promise.all(names.map((name) => clients.patch(principal, id, { name }, undefined)));
    const found = (await entries(id)).toReversed().slice(1);
    expect(found).toHaveLength(8);
    for (const [index, { changes }] of found.entries())
      expect(changes[0]?.from, `${index}`).toBe(found[index - 1]?.changes[0]?.to ?? '0');
    expect(found.at(-1)?.changes[0]?.to).toBe((await clients.profile(principal, id)).name);
  });

  it('activity is read newest first, one Query a page, and of its own client only', async () => {
    const { principal, clients } = world;
    const { id } = await newClient(world, { name: '0' });
    for (const name of ['1', '2', '3', '4']) await clients.patch(principal, id, { name }, undefined);
    const log = activityLog(table);
    const names: unknown[] = [];
    let after: Record<string, string> | undefined;
    const before = calls.length;
    do {
      const page = await log.page(principal.companyId, id, { limit: 2, after });
      names.push(...page.entries.map(({ subject }) => subject.label));
      after = page.next;
    } while (after);
    expect(names).toEqual(['4', '3', '2', '1', '0']);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query', 'Query', 'Query']);
    const stranger = await clientWorld(table);
    expect(await entries(id, stranger.principal.companyId)).toEqual([]);
    expect((await clients.profile(principal, id)).name).toBe('4');
  });

  it('an activity entry stays small, however much is written at once', async () => {
    const long = 'ä'.repeat(500);
    const { id } = await newClient(world, {
      name: 'Large',
      publicNotes: 'n'.repeat(10_000),
      tags: Array.from({ length: 50 }, (_, index) => `${index}${'t'.repeat(40)}`),
      metadata: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, long])),
      phones: Array.from({ length: 50 }, (_, index) => ({ kind: 'phone', number: `${index}` })),
      contacts: Array.from({ length: 30 }, (_, index) => ({ firstName: `C${index}` })),
    });
    const items = await queryAll(table, ranges.activity(world.principal.companyId, id));
    expect(items).toHaveLength(1);
    expect(Buffer.byteLength(JSON.stringify(items[0]))).toBeLessThan(8_000);
    const [entry] = await entries(id);
    expect(entry?.moreChanges).toBeGreaterThan(100);
    expect(entry?.changes.find(({ field }) => field === 'name')?.to).toBe('Large');
  });

  it('activity fits in the transaction of a client with thirty contacts', async () => {
    const { id: groupId } = await group('Key');
    const pricings = pricingService(pricingRepository(table), world.source);
    const { companyId } = world.principal;
    const { id: pricingId } = await pricings.createPricing(
      companyId,
      PricingInput.parse({ name: 'P' }),
      committing(table),
    );
    const input = ClientInput.parse({
      name: 'Full',
      idNumber: 'I-1',
      vatNumber: 'DE136695976',
      groupId,
      pricingId,
      contacts: Array.from({ length: 30 }, (_, index) => ({ email: `c${index}@full.example`, username: `c${index}` })),
      sendWelcomeEmail: true,
    });
    const counts: number[] = [];
    const { id } = await world.clients.create(world.principal, input, async (writes) => {
      counts.push(writes.length);
      await transact(table, writes);
    });
    // A transaction has 100 writes, and one is for the answer to an Idempotency-Key.
    expect(counts).toEqual([99]);
    expect(await entries(id)).toHaveLength(1);
  });
});

describe('how long it is kept', () => {
  const expiry = async (id: ClientId) =>
    (await queryAll(table, ranges.activity(world.principal.companyId, id))).map(({ ttl }) => ttl);

  it('activity is kept for ever unless the company limits it', async () => {
    const { id } = await newClient(world, { name: 'Kept' });
    expect(await expiry(id)).toEqual([undefined]);
    const brief = { ...world, principal: { ...world.principal, activityDays: 30 } };
    const { id: other } = await newClient(brief, { name: 'Not kept' });
    expect(await expiry(other)).toEqual([Date.parse('2026-04-03T10:00:00.000Z') / 1000]);
  });

  it('the retention of activity is a setting of the company, known with the caller', async () => {
    const { companyId } = world.principal;
    const settings = companySettingsServices({ table, source: world.source }).settings;
    const days = () => memberRepository(table, clientRepository(table)).activityDays(companyId);
    expect((await settings.read(companyId)).retention).toEqual({ activityDays: null });
    await settings.change(companyId, { retention: { activityDays: 365 } }, undefined);
    expect(await days()).toBe(365);
    expect((await settings.change(companyId, { quoteValidDays: 3 }, undefined)).retention.activityDays).toBe(365);
    await settings.change(companyId, { retention: null }, undefined);
    expect(await days()).toBeNull();
  });
});

it('the deletion of a group moves each client once, with the system as author', async () => {
  const { principal, source } = world;
  const { companyId } = principal;
  const key = await group('Key');
  const made = [];
  for (const name of ['A', 'B']) made.push(await newClient(world, { name, groupId: key.id }));
  const settings = companySettingsServices({ table, source }).settings;
  await settings.change(companyId, { retention: { activityDays: 30 } }, undefined);
  const repository = groupRepository(table);
  for (const { id } of made) await clientIndexer(table, source).update(companyId, id);
  const begun = await groupService(repository, source).delete(companyId, key.id, undefined);
  const step = groupDeletion({
    groups: repository,
    clients: memberRepository(table, clientRepository(table)),
    source,
    sealedSeconds: SEALED_SECONDS,
  });
  // The record is delivered three times, twice at once.
  await Promise.allSettled([step(companyId, key.id, begun.version), step(companyId, key.id, begun.version)]);
  await step(companyId, key.id, begun.version).catch(() => undefined);
  for (const { id } of made) {
    const [entry, ...others] = await entries(id);
    expect(others).toHaveLength(1);
    expect(entry).toMatchObject({
      actor: { kind: 'system', id: key.id, name: 'Deletion of the group Key' },
      action: 'client.updated',
      changes: [{ field: 'groupId', from: key.id }],
    });
    const [, item] = await queryAll(table, ranges.activity(companyId, id));
    expect(item?.ttl).toEqual(expect.any(Number));
  }
});

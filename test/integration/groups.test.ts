import { beforeAll, describe, expect, it } from 'vitest';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { type ClientId, type GroupId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { SEALED_SECONDS } from '../../lib/table/sharded-counter.ts';
import { committing } from '../../lib/table/transaction.ts';
import { openCompany } from '../support/company.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

/** The step of the deletion worker on the given table. */
function stepOver(fixture: Table, source: TestSource) {
  const clients = memberRepository(fixture, clientRepository(fixture));
  return groupDeletion({ groups: groupRepository(fixture), clients, source, sealedSeconds: SEALED_SECONDS });
}

async function world() {
  const source = testSource();
  const principal = await openCompany(table, source);
  const repository = groupRepository(table);
  const clients = clientRepository(table);
  const settings = settingsRepository(table);
  return {
    source,
    principal,
    companyId: principal.companyId,
    general: generalGroupId(principal.companyId),
    repository,
    groups: groupService(repository, source),
    stored: clients,
    clients: clientService({
      clients,
      nextNumber: clientNumbers(table, source).next,
      customFieldFaults: customFieldChecks(settings).ofClient,
      accounts: newAccountsOf(table, source),
      commit: committing(table),
      source,
    }),
    own: clientSettingsService({ clients, settings, commit: committing(table), source }),
    indexer: clientIndexer(table, source),
    step: stepOver(table, source),
  };
}

type World = Awaited<ReturnType<typeof world>>;

const createGroup = ({ groups, companyId }: World, settings = {}, name = 'Key accounts') =>
  groups.create(companyId, { name, settings }, committing(table));

async function createClients(fixture: World, count: number, groupId: GroupId): Promise<ClientId[]> {
  const ids: ClientId[] = [];
  for (let index = 0; index < count; index++) {
    const input = ClientInput.parse({ name: `Client ${index}`, groupId });
    ids.push((await fixture.clients.create(fixture.principal, input, committing(table))).id);
  }
  return ids;
}

/** Updates the index of these clients, as the stream's other reader does. */
async function index(fixture: World, ids: readonly ClientId[]): Promise<void> {
  for (const id of ids) await fixture.indexer.update(fixture.companyId, id);
}

const groupOf = async (fixture: World, id: ClientId) => (await fixture.stored.client(fixture.companyId, id))?.groupId;

/**
 * Delivers the current record of the group until the group is gone, and again after each failure. Returns the number of
 * deliveries.
 */
async function deliverUntilDeleted(
  fixture: World,
  id: GroupId,
  ids: readonly ClientId[],
  step = fixture.step,
): Promise<number> {
  for (let deliveries = 1; deliveries < 60; deliveries++) {
    const group = await fixture.repository.group(fixture.companyId, id);
    if (!group) return deliveries;
    await step(fixture.companyId, id, group.version).catch(() => undefined);
    await index(fixture, ids);
  }
  throw new Error('the deletion does not end');
}

describe('a group', () => {
  it('the settings of a group are changed by merge patch', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture, { paymentTermsDays: 14 });
    const change = (patch: Record<string, unknown>) => fixture.groups.change(fixture.companyId, id, patch, undefined);
    expect(await change({ settings: { language: 'de' } })).toMatchObject({
      settings: { paymentTermsDays: 14, language: 'de' },
      version: 2,
    });
    expect((await change({ settings: { paymentTermsDays: null } })).settings).toEqual({ language: 'de' });
    expect((await change({ settings: null, name: 'Others' })).settings).toEqual({});
  });

  it('of changes of a group at once all are made without a version, and one with the same version', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture);
    const change = (settings: object, ifMatch?: number[]) =>
      fixture.groups.change(fixture.companyId, id, { settings }, ifMatch);
    await Promise.all([change({ paymentTermsDays: 1 }), change({ quoteValidDays: 2 }), change({ language: 'fr' })]);
    const { settings, version } = await fixture.groups.read(fixture.companyId, id);
    expect(settings).toEqual({ paymentTermsDays: 1, quoteValidDays: 2, language: 'fr' });
    const rivals = await Promise.allSettled([
      change({ language: 'de' }, [version]),
      change({ language: 'es' }, [version]),
    ]);
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('the deletion of a group', () => {
  it('the General group cannot be deleted', async () => {
    const fixture = await world();
    await expect(async () =>
      fixture.groups.delete(fixture.companyId, fixture.general, undefined),
    ).rejects.toMatchObject({
      code: 'group-protected',
    });
  });

  it('the deletion of a group moves every client to General, live and archived, and shows its progress', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture);
    const ids = await createClients(fixture, 62, id);
    const others = await createClients(fixture, 2, fixture.general);
    for (const archived of ids.slice(0, 5))
      await fixture.clients.archive(fixture.principal, archived, undefined, committing(table));
    await index(fixture, [...ids, ...others]);
    const begun = await fixture.groups.delete(fixture.companyId, id, undefined);
    expect(begun).toMatchObject({ status: 'deleting', deletion: { moved: 0, remaining: 62 } });
    await fixture.step(fixture.companyId, id, begun.version);
    expect(await fixture.groups.read(fixture.companyId, id)).toMatchObject({ deletion: { moved: 50, remaining: 12 } });
    await deliverUntilDeleted(fixture, id, ids);
    await expect(fixture.groups.read(fixture.companyId, id)).rejects.toMatchObject({ code: 'not-found' });
    for (const client of [...ids, ...others]) expect(await groupOf(fixture, client)).toBe(fixture.general);
    for (const untouched of others)
      expect((await fixture.stored.client(fixture.companyId, untouched))?.version).toBe(1);
  });

  it('the settings of a deleted group end at once, for clients that have moved and those that have not', async () => {
    const fixture = await world();
    await fixture.groups.change(fixture.companyId, fixture.general, { settings: { paymentTermsDays: 7 } }, undefined);
    const { id } = await createGroup(fixture, { paymentTermsDays: 14, language: 'fr' });
    const [client = undefined] = await createClients(fixture, 1, id);
    if (!client) throw new Error('no client');
    const effective = async () => {
      const { paymentTermsDays, language } = await fixture.own.read(fixture.principal, client);
      return [paymentTermsDays, language];
    };
    expect(await effective()).toEqual([
      { value: 14, source: 'group' },
      { value: 'fr', source: 'group' },
    ]);
    await fixture.groups.delete(fixture.companyId, id, undefined);
    const after = [
      { value: 7, source: 'group' },
      { value: 'en', source: 'company' },
    ];
    expect(await effective()).toEqual(after);
    await index(fixture, [client]);
    await deliverUntilDeleted(fixture, id, [client]);
    expect(await effective()).toEqual(after);
  });

  it('the deletion of a group misses no client, even one that joins during it or is indexed late', async () => {
    for (let round = 0; round < 8; round++) {
      const fixture = await world();
      const { id } = await createGroup(fixture);
      const [begun, ...joining] = await Promise.allSettled([
        fixture.groups.delete(fixture.companyId, id, undefined),
        ...Array.from({ length: 4 }, () => createClients(fixture, 1, id)),
      ]);
      expect(begun?.status).toBe('fulfilled');
      const joined: ClientId[] = [];
      for (const result of joining)
        if (result.status === 'fulfilled') joined.push(...(Array.isArray(result.value) ? result.value : []));
        else
          expect(result.reason).toMatchObject({
            code: 'validation',
            errors: [{ pointer: '/groupId', code: 'not-found' }],
          });
      // At the first delivery the index has no clients yet. If some have joined, it must be repeated.
      await deliverUntilDeleted(fixture, id, joined);
      for (const client of joined) expect(await groupOf(fixture, client)).toBe(fixture.general);
    }
  });

  it('a group that is being deleted refuses changes and new members, and a second deletion changes nothing', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture);
    const [member = undefined] = await createClients(fixture, 1, id);
    const [outsider = undefined] = await createClients(fixture, 1, fixture.general);
    if (!member || !outsider) throw new Error('no clients');
    const { version } = await fixture.groups.delete(fixture.companyId, id, undefined);
    const refusal = { errors: [{ pointer: '/groupId', code: 'not-found' }] };
    await expect(createClients(fixture, 1, id)).rejects.toMatchObject(refusal);
    await expect(fixture.clients.patch(fixture.principal, outsider, { groupId: id }, undefined)).rejects.toMatchObject(
      refusal,
    );
    await expect(fixture.groups.change(fixture.companyId, id, { name: 'x' }, undefined)).rejects.toMatchObject({
      code: 'group-deleting',
    });
    expect(await fixture.groups.delete(fixture.companyId, id, undefined)).toMatchObject({
      status: 'deleting',
      version,
    });
    // Its members can still be changed, and can leave it.
    await fixture.clients.patch(fixture.principal, member, { industry: 'Design' }, undefined);
    await fixture.clients.patch(fixture.principal, member, { groupId: fixture.general }, undefined);
    await deliverUntilDeleted(fixture, id, [member]);
  });

  it('the deletion of a group moves each client once, though records are delivered three times and late', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture);
    const ids = await createClients(fixture, 7, id);
    await index(fixture, ids);
    const { version } = await fixture.groups.delete(fixture.companyId, id, undefined);
    const threefold: typeof fixture.step = async (...args) => {
      await fixture.step(...args);
      await Promise.all([fixture.step(...args), fixture.step(...args)]);
    };
    await deliverUntilDeleted(fixture, id, ids, threefold);
    await fixture.step(fixture.companyId, id, version);
    for (const client of ids)
      expect(await fixture.stored.client(fixture.companyId, client)).toMatchObject({ version: 2 });
  });
});

describe('the name of a group', () => {
  const taken = { code: 'group-name-taken', errors: [{ pointer: '/name', code: 'taken' }] };

  it('a name is one name in whatever case, and a company has it once', async () => {
    const fixture = await world();
    await createGroup(fixture, {}, 'Key accounts');
    for (const name of ['KEY ACCOUNTS', 'key  accounts', 'Key\u200b accounts', 'general'])
      await expect(createGroup(fixture, {}, name)).rejects.toMatchObject(taken);
    await createGroup(await world(), {}, 'Key accounts');
  });

  it('of several groups that are created with one name at once, one is', async () => {
    const fixture = await world();
    const names = ['key', 'Key', 'KEY', 'kEY', 'keY'];
    const made = await Promise.allSettled(names.map((name) => createGroup(fixture, {}, name)));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a group is renamed to a free name, or to its own in another case, and its old name is free again', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture, {}, 'Retail');
    await createGroup(fixture, {}, 'Wholesale');
    const rename = (name: string) => fixture.groups.change(fixture.companyId, id, { name }, undefined);
    await expect(rename('wholesale')).rejects.toMatchObject(taken);
    expect((await rename('RETAIL')).name).toBe('RETAIL');
    expect((await rename('Shops')).name).toBe('Shops');
    await createGroup(fixture, {}, 'retail');
    await expect(createGroup(fixture, {}, 'SHOPS')).rejects.toMatchObject(taken);
  });

  it('the name of a deleted group is free at once, with clients or without', async () => {
    const fixture = await world();
    const empty = await createGroup(fixture, {}, 'Empty');
    await fixture.groups.delete(fixture.companyId, empty.id, undefined);
    await createGroup(fixture, {}, 'empty');
    const full = await createGroup(fixture, {}, 'Full');
    const members = await createClients(fixture, 1, full.id);
    await index(fixture, members);
    await fixture.groups.delete(fixture.companyId, full.id, undefined);
    await createGroup(fixture, {}, 'full');
    await deliverUntilDeleted(fixture, full.id, members);
    // The end of the deletion leaves the name to the new group.
    await expect(createGroup(fixture, {}, 'FULL')).rejects.toMatchObject(taken);
  });
});

describe('the report', () => {
  it('the report ranks groups by their clients, those without clients last', async () => {
    const fixture = await world();
    const { id } = await createGroup(fixture);
    const empty = await createGroup(fixture, {}, 'Empty');
    const ids = [...(await createClients(fixture, 3, id)), ...(await createClients(fixture, 1, fixture.general))];
    await index(fixture, ids);
    const { data } = await fixture.groups.report(fixture.companyId);
    expect(data.map(({ group, clients }) => [group.id, clients])).toEqual([
      [id, 3],
      [fixture.general, 1],
      [empty.id, 0],
    ]);
  });
});

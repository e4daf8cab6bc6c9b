import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClientPatch } from '../../lib/clients/schema.ts';
import { groupServices } from '../../lib/groups/wiring.ts';
import { BUSY } from '../../lib/search/index-lease.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import { type ClientId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { countNameOf, keys, ranges } from '../../lib/table/keys.ts';
import { getItem, queryAll } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import type { Call } from '../support/calls.ts';
import { connectionLost } from '../support/failing-engine.ts';
import { differences, type FindingWorld, findingWorld, settle } from '../support/finding-world.ts';
import { type FaultyCall, KILLED, tableKilledAt } from '../support/killed.ts';
import { tablePausedAt } from '../support/paused.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

/** The sort keys in the partition of a client, without its profile and its activity. */
const own = async (partition: string) =>
  (await queryAll(table, { partition })).map(({ SK }) => String(SK)).filter((key) => !/^(P#(?!D#)|ACT#)/.test(key));

/** A client with more than a hundred rows: eight contacts with a dozen names each. */
const large = (word: string) => ({
  name: `${word} large`,
  tags: [`${word} 1`, `${word} 2`],
  contacts: Array.from({ length: 8 }, (_, index) => ({
    firstName: Array.from({ length: 12 }, (_, name) => `${word}n${index}${'abcdefghijkl'[name]}`).join(' '),
    lastName: `${word}last${index}`,
  })),
});

/** Longer than any lease. */
const LEASE_ENDED_MS = 60_000;

async function countClients({ companyId }: FindingWorld): Promise<number> {
  const items = await queryAll(table, ranges.clientCounts(companyId, 'group'));
  return items.reduce((sum, { clients }) => sum + Number(clients), 0);
}

function letLeasesEnd({ source }: FindingWorld): void {
  source.at = new Date(source.at.getTime() + LEASE_ENDED_MS);
}

async function deleteClient({ companyId }: FindingWorld, id: ClientId): Promise<void> {
  for (const { SK } of await queryAll(table, ranges.clientWithContacts(companyId, id)))
    await deleteItem(table, { PK: `${companyId}#${id}`, SK: String(SK) });
}

const rename = ({ clients, principal }: FindingWorld, id: ClientId, name: string) =>
  clients.patch(principal, id, { name }, undefined);

/** A table on which runs do not wait for each other, with the number of waits. */
function impatient(): { table: Table; waits: () => number } {
  let waits = 0;
  const backOff = async () => {
    waits++;
  };
  return { table: { ...table, backOff }, waits: () => waits };
}

describe('the rows of a client', () => {
  const small = { fields: { name: 'Before', tags: ['a'] }, change: { name: 'After', tags: ['b'] } };
  const big = { fields: large('old'), change: { name: 'new', tags: large('new').tags } };
  it.each([
    { size: 'small', when: 'before' as const, ...small },
    { size: 'small', when: 'after' as const, ...small },
    { size: 'large', when: 'before' as const, ...big },
    { size: 'large', when: 'after' as const, ...big },
  ])(
    'the rows of a $size client are complete in the end, if a run is killed $when any of its calls',
    async ({ when, fields, change }) => {
      for (let at = 1; ; at++) {
        const world = findingWorld(table);
        const { id } = await world.create(fields);
        const survivedCreation = await runKilled(world, id, at, when);
        // The words of the client change, while those of the killed run may exist.
        await rename(world, id, `old ${fields.name}`);
        letLeasesEnd(world);
        await world.indexer.update(world.companyId, id);
        expect(await differences(table, world.companyId, [id])).toEqual([]);
        await world.clients.patch(world.principal, id, change, undefined);
        const survivedChange = await runKilled(world, id, at, when);
        letLeasesEnd(world);
        await settle(world.indexer, world.companyId, [id, id, id]);
        expect(await differences(table, world.companyId, [id])).toEqual([]);
        expect((await world.walk({ q: 'old' })).names).toHaveLength(fields.name.startsWith('old') ? 1 : 0);
        expect(await countClients(world)).toBe(1);
        if (survivedCreation && survivedChange) break;
      }
    },
  );

  it.each(['before', 'after'] as const)(
    'no row of a deleted client is left, whichever call of its removal the run is killed %s',
    async (when) => {
      for (let at = 1; ; at++) {
        const world = findingWorld(table);
        const { id } = await world.indexed({ name: 'Gone', tags: ['a'] });
        await deleteClient(world, id);
        const survived = await runKilled(world, id, at, when);
        letLeasesEnd(world);
        await settle(world.indexer, world.companyId, [id, id]);
        expect(await differences(table, world.companyId, [id])).toEqual([]);
        expect(await countClients(world)).toBe(0);
        if (survived) break;
      }
    },
  );

  async function runKilled(world: FindingWorld, id: ClientId, at: number, when: 'before' | 'after') {
    try {
      await clientIndexer(tableKilledAt(table, { call: at, when }), world.source).update(world.companyId, id);
      return true;
    } catch (error) {
      if (error !== KILLED) throw error;
      return false;
    }
  }

  it('all rows of a deleted client are deleted, and late runs do not restore them', async () => {
    const world = findingWorld(table);
    const { id } = await world.indexed(large('gone'));
    // It has read the client, and has not taken the lease.
    const late = startRun(world, id, { call: 2, when: 'before' }, true);
    await late.stopped;
    await deleteClient(world, id);
    await settle(world.indexer, world.companyId, [id, id]);
    late.resume();
    await late.ended;
    expect(await own(`${world.companyId}#${id}`)).toEqual(['P#D#INDEX']);
    const left = await getItem(table, keys.clientIndex(world.companyId, id));
    expect(left).toMatchObject({ facets: [], words: [], counted: [], ttl: expect.any(Number) });
    expect((await world.walk({ q: 'gone', filters: { archived: 'any' } })).names).toEqual([]);
    expect(await countClients(world)).toBe(0);
  });

  it('a client that was deleted before its first run gets no rows', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Never' });
    await deleteClient(world, id);
    await settle(world.indexer, world.companyId, [id, id]);
    expect(await differences(table, world.companyId, [id])).toEqual([]);
    expect(await countClients(world)).toBe(0);
  });

  it('rows are correct after any interleaving of changes and concurrent, repeated runs', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('patch' as const), client: fc.nat(2), field: fc.nat(5) }),
      fc.record({ kind: fc.constant('archive' as const), client: fc.nat(2) }),
      fc.record({ kind: fc.constant('restore' as const), client: fc.nat(2) }),
      fc.record({ kind: fc.constant('index' as const), client: fc.nat(2), times: fc.integer({ min: 1, max: 3 }) }),
    );
    const patches = [
      { name: 'Ada Lovelace', tags: ['one'] },
      { name: 'Grace', tags: [] },
      { tags: ['one', 'two'], billingAddress: { country: 'DE', city: 'Bonn' } },
      { status: 'fraud' },
      { status: 'active', billingAddress: null },
      { customFields: { custom1: 'gold', custom2: null } },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), async (rounds) => {
        const world = findingWorld(table);
        const { principal, companyId, clients, indexer } = world;
        const ids: ClientId[] = [];
        for (const name of ['A', 'B', 'C']) ids.push((await world.create({ name, tags: ['start'] })).id);
        for (const round of rounds)
          await Promise.all(
            round.map(async (one) => {
              const id = ids[one.client];
              if (!id) return;
              if (one.kind === 'patch')
                await clients.patch(principal, id, ClientPatch.parse(patches[one.field] ?? {}), undefined);
              else if (one.kind === 'archive') await clients.archive(principal, id, undefined, committing(table));
              else if (one.kind === 'restore') await clients.restore(principal, id, undefined, committing(table));
              else await Promise.all(Array.from({ length: one.times }, () => indexer.update(companyId, id)));
            }),
          );
        await settle(indexer, companyId, ids);
        expect(await differences(table, companyId, ids)).toEqual([]);
        expect(await countClients(world)).toBe(3);
      }),
      { numRuns: 8 },
    );
  });
});

/** A run that stops at one of its calls, until `resume` is called. */
function startRun(world: FindingWorld, id: ClientId, at: FaultyCall, force = false) {
  const paused = tablePausedAt(table, at);
  const ended = clientIndexer(paused.table, world.source).update(world.companyId, id, force);
  // Tests look at the result later.
  ended.catch(() => undefined);
  return { ...paused, ended };
}

describe('runs for one client at the same time', () => {
  const LEASED = { call: 2, when: 'after' } as const;

  it('a run with an older client that is overtaken before its lease changes nothing', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Older' });
    const older = startRun(world, id, { call: 2, when: 'before' });
    await older.stopped;
    await rename(world, id, 'Newer');
    await world.indexer.update(world.companyId, id);
    const before = calls.length;
    older.resume();
    await older.ended;
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['PutItem', 'Query']);
    expect(await differences(table, world.companyId, [id])).toEqual([]);
    expect(await countClients(world)).toBe(1);
  });

  it('a run waits until the lease of another run has ended, and then indexes the newer client', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Older' });
    const older = startRun(world, id, LEASED);
    await older.stopped;
    await rename(world, id, 'Newer');
    const patient = {
      ...table,
      backOff: async () => {
        older.resume();
        await older.ended;
      },
    };
    await clientIndexer(patient, world.source).update(world.companyId, id);
    expect(await differences(table, world.companyId, [id])).toEqual([]);
    expect((await world.walk({ q: 'older' })).names).toEqual([]);
    expect(await countClients(world)).toBe(1);
  });

  it('a run fails without writing while a killed run still has the lease, and succeeds once it has ended', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Client' });
    await startRun(world, id, LEASED).stopped;
    const { table: waitless, waits } = impatient();
    const before = calls.length;
    await expect(clientIndexer(waitless, world.source).update(world.companyId, id)).rejects.toBe(BUSY);
    expect(waits()).toBe(9);
    expect(new Set(calls.slice(before).map(({ operation }) => operation))).toEqual(new Set(['Query']));
    letLeasesEnd(world);
    await world.indexer.update(world.companyId, id);
    expect(await differences(table, world.companyId, [id])).toEqual([]);
  });

  it.each([
    ['a new client', undefined],
    ['a client with more than a hundred rows', large('late')],
  ])(
    'a run for %s whose lease has ended stops writing, and the rows are those of the run after it',
    async (_, fields) => {
      const world = findingWorld(table);
      const { id } = await world.create(fields ?? { name: 'Late' });
      // The first run stops after its lease, the second between two batches.
      const late = startRun(world, id, fields ? { call: 3, when: 'after' } : LEASED);
      await late.stopped;
      await rename(world, id, 'Newer');
      letLeasesEnd(world);
      await world.indexer.update(world.companyId, id);
      const before = calls.length;
      late.resume();
      await expect(late.ended).rejects.toThrow('the lease has ended');
      expect(calls.slice(before)).toEqual([]);
      expect(await differences(table, world.companyId, [id])).toEqual([]);
      expect(await countClients(world)).toBe(1);
    },
  );

  it('a run whose lease was taken over before its end reads again, and leaves the rows of the newer client', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Late' });
    const late = startRun(world, id, { call: 4, when: 'before' });
    await late.stopped;
    await rename(world, id, 'Newer');
    letLeasesEnd(world);
    await world.indexer.update(world.companyId, id);
    late.resume();
    await late.ended;
    expect(await differences(table, world.companyId, [id])).toEqual([]);
    expect(await countClients(world)).toBe(1);
  });

  it('after a call that was sent twice the lease stays until the lost attempt cannot arrive any more', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'Older' });
    await loseOneAnswer(() => world.indexer.update(world.companyId, id));
    expect(await differences(table, world.companyId, [id])).toEqual([]);
    expect(await countClients(world)).toBe(1);
    await rename(world, id, 'Newer');
    await expect(clientIndexer(impatient().table, world.source).update(world.companyId, id)).rejects.toBe(BUSY);
    letLeasesEnd(world);
    await world.indexer.update(world.companyId, id);
    expect(await differences(table, world.companyId, [id])).toEqual([]);
  });

  /** Loses the answer to the first attempt of the first batch, which the SDK then sends again. */
  async function loseOneAnswer(run: () => Promise<void>): Promise<void> {
    let lost = false;
    table.client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (lost || context.commandName !== 'BatchWriteItemCommand') return result;
        lost = true;
        throw connectionLost();
      },
      { step: 'deserialize', name: 'loseOneAnswer', priority: 'high' },
    );
    try {
      await run();
    } finally {
      table.client.middlewareStack.remove('loseOneAnswer');
    }
    expect(lost).toBe(true);
  }
});

describe('clients that are indexed together', () => {
  it('sixty clients get all their rows and are counted once, in calls that they share', async () => {
    const world = findingWorld(table);
    const { companyId, indexer } = world;
    const ids: ClientId[] = [];
    for (let index = 0; index < 60; index++) ids.push((await world.create({ name: `Client ${index}` })).id);
    const before = calls.length;
    const clients = ids.map((client) => ({ company: companyId, client }));
    expect([...(await indexer.updateAll([...clients, ...clients.slice(0, 5)]))]).toEqual([]);
    const made = calls.slice(before).map(({ operation }) => operation);
    // A Query and a lease each. Three rounds of 25, 25 and 10 clients with three postings each.
    expect(made.filter((operation) => operation === 'PutItem')).toHaveLength(60);
    expect(made.filter((operation) => operation === 'TransactWriteItems')).toHaveLength(3);
    expect(made.filter((operation) => operation === 'BatchWriteItem')).toHaveLength(3 + 3 + 2);
    expect(await differences(table, companyId, ids)).toEqual([]);
    expect(await countClients(world)).toBe(60);
  });

  it('large clients are written under leases of their own', async () => {
    const world = findingWorld(table);
    const ids = [(await world.create(large('one'))).id, (await world.create(large('two'))).id];
    await world.indexer.updateAll(ids.map((client) => ({ company: world.companyId, client })));
    expect(await differences(table, world.companyId, ids)).toEqual([]);
    expect(await countClients(world)).toBe(2);
  });

  it('a client that another run is indexing fails alone', async () => {
    const world = findingWorld(table);
    const ids: ClientId[] = [];
    for (const name of ['A', 'B', 'C']) ids.push((await world.create({ name })).id);
    const [held] = ids;
    if (!held) throw new Error('no client');
    await startRun(world, held, { call: 2, when: 'after' }).stopped;
    const clients = ids.map((client) => ({ company: world.companyId, client }));
    const failures = await clientIndexer(impatient().table, world.source).updateAll(clients);
    expect([...failures]).toEqual([[held, BUSY]]);
    expect(await differences(table, world.companyId, ids.slice(1))).toEqual([]);
    expect(await countClients(world)).toBe(2);
  });

  it('clients whose common end is refused end one by one, and each is counted once', async () => {
    const world = findingWorld(table);
    const { companyId, source } = world;
    const ids: ClientId[] = [];
    for (const name of ['A', 'B', 'C']) ids.push((await world.create({ name })).id);
    const clients = ids.map((client) => ({ company: companyId, client }));
    // Three Queries, three leases and a batch come before the end.
    const paused = tablePausedAt(table, { call: 8, when: 'before' });
    const running = clientIndexer(paused.table, source).updateAll(clients);
    await paused.stopped;
    letLeasesEnd(world);
    const [taken] = ids;
    if (!taken) throw new Error('no client');
    await world.indexer.update(companyId, taken);
    paused.resume();
    expect([...(await running)]).toEqual([]);
    expect(await differences(table, companyId, ids)).toEqual([]);
    expect(await countClients(world)).toBe(3);
  });

  it('a client that moves between groups is counted in the new one only', async () => {
    const world = findingWorld(table);
    const groups = groupServices({ table, source: world.source }).groups;
    const group = await groups.create(world.companyId, { name: 'Key accounts', settings: {} }, committing(table));
    const general = generalGroupId(world.companyId);
    const countsOf = async () => {
      const counts: Record<string, number> = {};
      for (const { SK, clients } of await queryAll(table, ranges.clientCounts(world.companyId, 'group'))) {
        const id = countNameOf(String(SK)).replace('group=', '');
        counts[id] = (counts[id] ?? 0) + Number(clients);
      }
      return counts;
    };
    const { id } = await world.indexed({ name: 'One' });
    const { id: other } = await world.indexed({ name: 'Two' });
    expect(await countsOf()).toEqual({ [general]: 2 });
    for (const groupId of [group.id, null]) {
      await world.clients.patch(world.principal, id, { groupId }, undefined);
      await world.indexer.update(world.companyId, id);
      expect(await countsOf()).toEqual(groupId ? { [general]: 1, [group.id]: 1 } : { [general]: 2, [group.id]: 0 });
      expect(await differences(table, world.companyId, [id, other])).toEqual([]);
    }
  });
});

describe('a rebuild', () => {
  it('a rebuild restores rows and postings of all clients step by step, and reports its progress', async () => {
    const world = findingWorld(table);
    const { companyId, indexer, source } = world;
    const requests = reindexRepository(table);
    const reindex = reindexService({ requests, indexer, source });
    const ids: ClientId[] = [];
    for (let index = 0; index < 30; index++) {
      const { id } = await world.indexed({ name: `Client ${index}`, tags: ['t'] });
      ids.push(id);
      if (index % 5 === 0) await world.clients.archive(world.principal, id, undefined, committing(table));
    }
    // Lost postings, a lost row, and archived clients that no run has indexed yet.
    for (const id of ids.slice(0, 20)) await deleteItem(table, keys.posting(companyId, 'client', 0, id));
    const on = writes(table.name);
    const [first] = ids;
    if (!first) throw new Error('no client');
    await transact(table, [on.remove(keys.clientRow(companyId, first, 'country=DE'))]);
    await reindex.request(companyId);
    for (let steps = 0; steps < 10 && (await reindex.progress(companyId))?.finishedAt === null; steps++) {
      await Promise.all([reindex.step(companyId), reindex.step(companyId)]);
    }
    expect(await reindex.progress(companyId)).toMatchObject({ clients: 30, finishedAt: source.now().toISOString() });
    expect((await world.walk({ q: 'client', filters: { archived: 'any', tag: 't' } })).names).toHaveLength(30);
    expect((await world.walk({ q: 'client' })).names).toHaveLength(24);
    expect(await differences(table, companyId, ids)).toEqual([]);
  });

  it('a rebuild that meets a run of the stream leaves the rows of the client as it is now', async () => {
    for (const first of ['rebuild', 'stream'] as const) {
      const world = findingWorld(table);
      const { companyId, source } = world;
      const { id } = await world.indexed({ name: 'Older' });
      const requests = reindexRepository(table);
      const rebuildOver = (over: Table) =>
        reindexService({ requests, indexer: clientIndexer(over, source), source }).step(companyId);
      const updateOver = (over: Table) => clientIndexer(over, source).update(companyId, id);
      const [begin, follow] = first === 'rebuild' ? [rebuildOver, updateOver] : [updateOver, rebuildOver];
      await reindexService({ requests, indexer: world.indexer, source }).request(companyId);
      if (first === 'stream') await rename(world, id, 'Newer');
      // It has the lease, and has written nothing.
      const paused = tablePausedAt(table, { call: 2, when: 'after' });
      const running = begin(paused.table);
      await paused.stopped;
      if (first === 'rebuild') await rename(world, id, 'Newer');
      const backOff = async () => {
        paused.resume();
        await running;
      };
      await follow({ ...table, backOff });
      expect(await differences(table, companyId, [id])).toEqual([]);
      expect((await world.walk({ q: 'older' })).names).toEqual([]);
      expect(await countClients(world)).toBe(1);
    }
  });
});

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClientPatch } from '../../lib/clients/schema.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { getItem, queryAll } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import { differences, findingWorld, settle } from '../support/finding-world.ts';
import { KILLED, tableKilledAt } from '../support/killed.ts';
import { freshTable } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

/** The sort keys in the partition of a client, without its profile and its activity. */
const own = async (partition: string) =>
  (await queryAll(table, { partition })).map(({ SK }) => String(SK)).filter((key) => !/^(P|ACT)#/.test(key));

/** A client with more rows than one transaction takes: a few contacts with a dozen names each. */
const large = (word: string) => ({
  name: `${word} large`,
  tags: [`${word} 1`, `${word} 2`],
  contacts: Array.from({ length: 10 }, (_, index) => ({
    firstName: Array.from({ length: 12 }, (_, name) => `${word}n${index}${'abcdefghijkl'[name]}`).join(' '),
    lastName: `${word}last${index}`,
  })),
});

describe('the rows of a client', () => {
  it.each([
    ['a small client', { name: 'Before', tags: ['a'] }, { name: 'After', tags: ['b'] }],
    ['a client whose rows take several transactions', large('old'), { name: 'new', tags: large('new').tags }],
  ])(
    'the rows of %s are complete in the end, wherever a run is killed',
    async (_name, fields, change) => {
      for (const when of ['before', 'after'] as const)
        for (let at = 1; ; at++) {
          const world = findingWorld(table);
          const { id } = await world.create(fields);
          const survivedCreation = await runKilled(world, id, at, when);
          await world.indexer.update(world.companyId, id);
          expect(await differences(table, world.companyId, [id])).toEqual([]);
          await world.clients.patch(world.principal, id, change, undefined);
          const survivedChange = await runKilled(world, id, at, when);
          await settle(world.indexer, world.companyId, [id, id, id]);
          expect(await differences(table, world.companyId, [id])).toEqual([]);
          expect((await world.walk({ q: 'old' })).names).toHaveLength(fields.name.startsWith('old') ? 1 : 0);
          expect(await countClients(world)).toBe(1);
          if (survivedCreation && survivedChange) break;
        }
    },
    180_000,
  );

  async function runKilled(world: ReturnType<typeof findingWorld>, id: ClientId, at: number, when: 'before' | 'after') {
    try {
      await clientIndexer(tableKilledAt(table, { call: at, when }), world.source).update(world.companyId, id);
      return true;
    } catch (error) {
      if (error !== KILLED) throw error;
      return false;
    }
  }

  async function countClients(world: ReturnType<typeof findingWorld>): Promise<number> {
    const items = await queryAll(table, ranges.clientCounts(world.companyId, 'group'));
    return items.reduce((sum, { clients }) => sum + Number(clients), 0);
  }

  it('all rows of a deleted client are deleted, and late runs do not restore them', async () => {
    const world = findingWorld(table);
    const { id } = await world.indexed(large('gone'));
    const late = startStaleRun(world, id);
    await (await late).beforeRemoval;
    for (const { SK } of await queryAll(table, ranges.profile(world.companyId, id)))
      await deleteItem(table, { PK: `${world.companyId}#${id}`, SK: String(SK) });
    await settle(world.indexer, world.companyId, [id, id]);
    await (await late).finish();
    expect(await own(`${world.companyId}#${id}`)).toEqual(['X#INDEX']);
    const left = await getItem(table, keys.clientIndex(world.companyId, id));
    expect(left).toMatchObject({ facets: [], words: [], counted: [], ttl: expect.any(Number) });
    expect((await world.walk({ q: 'gone', filters: { archived: 'any' } })).names).toEqual([]);
    expect(await countClients(world)).toBe(0);
  });

  /** A run that stops after it has read the client, until `finish` is called. */
  async function startStaleRun(world: ReturnType<typeof findingWorld>, id: ClientId) {
    let proceed: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const beforeRemoval = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    let calls = 0;
    const send = table.client.send.bind(table.client);
    const client = Object.create(table.client);
    client.send = async (command: Parameters<typeof send>[0]) => {
      if (++calls === 3) {
        reached();
        await gate;
      }
      return send(command);
    };
    const running = clientIndexer({ ...table, client }, world.source).update(world.companyId, id, true);
    return {
      beforeRemoval,
      finish: async () => {
        proceed();
        await running;
      },
    };
  }

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
});

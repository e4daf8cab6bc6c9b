import { beforeAll, describe, expect, it } from 'vitest';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { tagRepository } from '../../lib/search/tag-repository.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { differences, type FindingWorld, findingWorld } from '../support/finding-world.ts';
import { tableKilledAt } from '../support/killed.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

/** All tags of a company, and the sizes of the pages that they came on. */
async function tagsOf({ companyId }: FindingWorld, limit = 50) {
  const tags: Record<string, number> = {};
  const sizes: number[] = [];
  let after: Awaited<ReturnType<ReturnType<typeof tagRepository>['list']>>['next'];
  do {
    const page = await tagRepository(table).list(companyId, limit, after);
    for (const { tag, clients } of page.tags) tags[tag] = clients;
    sizes.push(page.tags.length);
    after = page.next;
  } while (after && sizes.length < 100);
  return { tags, sizes };
}

async function retag({ clients, principal, indexer, companyId }: FindingWorld, id: ClientId, tags: string[]) {
  await clients.patch(principal, id, { tags }, undefined);
  await indexer.update(companyId, id);
}

/** Shards differ, as those of concurrent functions do. */
const ofShard = (world: FindingWorld, shard: number) =>
  clientIndexer(table, { now: () => world.source.now(), random: (bytes) => new Uint8Array(bytes).fill(shard) });

describe('the tags of a company', () => {
  it('are listed by name with the number of clients, in their first spelling, on full pages', async () => {
    const world = findingWorld(table);
    await world.indexed({ name: 'One', tags: ['Studio', 'room 10', 'Éclair'] });
    await world.indexed({ name: 'Two', tags: ['STUDIO', 'room 9', 'eclair'] });
    await world.indexed({ name: 'Three', tags: ['studio', 'Zebra'] });
    const before = calls.length;
    expect(Object.entries((await tagsOf(world)).tags)).toEqual([
      ...[
        ['eclair', 1],
        ['Éclair', 1],
        ['room 9', 1],
        ['room 10', 1],
        ['Studio', 3],
        ['Zebra', 1],
      ],
    ]);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
    for (const limit of [1, 2, 4, 5]) {
      const { tags, sizes } = await tagsOf(world, limit);
      expect(Object.keys(tags)).toHaveLength(6);
      expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
    }
  });

  it('count a changed client by its new tags, and an archived client not at all', async () => {
    const world = findingWorld(table);
    const { id } = await world.indexed({ name: 'One', tags: ['a', 'b'] });
    await world.indexed({ name: 'Two', tags: ['b'] });
    await retag(world, id, ['b', 'c']);
    expect((await tagsOf(world)).tags).toEqual({ b: 2, c: 1 });
    await world.clients.archive(world.principal, id, undefined, committing(table));
    await world.indexer.update(world.companyId, id);
    expect((await tagsOf(world)).tags).toEqual({ b: 1 });
    await world.clients.restore(world.principal, id, undefined, committing(table));
    for (let run = 0; run < 2; run++) await world.indexer.update(world.companyId, id, true);
    expect((await tagsOf(world)).tags).toEqual({ b: 2, c: 1 });
  });

  it('are exact when all fifty tags of a client are replaced, whichever call the run is killed before', async () => {
    const many = (prefix: string) => Array.from({ length: 50 }, (_, index) => `${prefix}${index}`);
    for (const at of [2, 6, 7, 8, 9, 10]) {
      const world = findingWorld(table);
      const { id } = await world.indexed({ name: 'Many', tags: many('old') });
      await world.clients.patch(world.principal, id, { tags: many('new') }, undefined);
      const killed = clientIndexer(tableKilledAt(table, { call: at, when: 'before' }), world.source);
      await killed.update(world.companyId, id).catch(() => undefined);
      world.source.at = new Date(world.source.at.getTime() + 60_000);
      await world.indexer.update(world.companyId, id);
      expect((await tagsOf(world)).tags).toEqual(Object.fromEntries(many('new').map((tag) => [tag, 1])));
      expect(await differences(table, world.companyId, [id])).toEqual([]);
    }
  });

  it('functions that run at the same time count on items of their own', async () => {
    const world = findingWorld(table);
    const ids: ClientId[] = [];
    for (let index = 0; index < 16; index++) ids.push((await world.create({ name: `C ${index}`, tags: ['same'] })).id);
    await Promise.all(
      ids.map((client, index) => ofShard(world, index % 8).updateAll([{ company: world.companyId, client }])),
    );
    expect((await tagsOf(world)).tags).toEqual({ same: 16 });
    for (const counted of ['tag', 'group'] as const) {
      const shards = await queryAll(table, ranges.clientCounts(world.companyId, counted));
      expect(shards.map(({ clients }) => clients)).toEqual(Array(8).fill(2));
    }
  });

  it('a page of tags that no client has any more is not the last', async () => {
    const world = findingWorld(table);
    const { id } = await world.indexed({ name: 'One', tags: Array.from({ length: 40 }, (_, index) => `a${index}`) });
    await world.indexed({ name: 'Two', tags: ['z'] });
    await retag(world, id, []);
    expect((await tagsOf(world, 1)).tags).toEqual({ z: 1 });
  });
});

import '../support/quiet.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordConsumer } from '../../functions/client-index/records.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import type { Call } from '../support/calls.ts';
import { differences, type FindingWorld, findingWorld } from '../support/finding-world.ts';
import { KILLED, tableKilledAt } from '../support/killed.ts';
import { streamEvent } from '../support/queue-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

function consumerOn(world: FindingWorld) {
  const over = { ...table, backOff: async () => undefined };
  const indexer = clientIndexer(over, world.source);
  const reindex = reindexService({ requests: reindexRepository(over), indexer, source: world.source });
  return { reindex, consume: recordConsumer({ indexer, reindex }) };
}

const recordOf = ({ PK, SK }: { PK: string; SK: string }) => ({ PK, id: SK, after: {} });
const clientRecord = ({ companyId }: FindingWorld, id: ClientId) => recordOf(keys.client(companyId, id));

/** A run that is killed after it has taken the lease. */
async function holdLease({ companyId, source }: FindingWorld, id: ClientId): Promise<void> {
  const killed = clientIndexer(tableKilledAt(table, { call: 2, when: 'after' }), source);
  await expect(killed.update(companyId, id)).rejects.toBe(KILLED);
}

describe('the records of the stream', () => {
  it('clients of several companies are indexed, each once however often it has changed', async () => {
    const [one, two] = [findingWorld(table), findingWorld(table)];
    const [a, b, c] = [
      await one.create({ name: 'A' }),
      await one.create({ name: 'B' }),
      await two.create({ name: 'C' }),
    ];
    const before = calls.length;
    const records = [clientRecord(one, a.id), clientRecord(one, b.id), clientRecord(two, c.id)];
    expect(await consumerOn(one).consume(streamEvent(...records, ...records, ...records))).toEqual({
      batchItemFailures: [],
    });
    expect(calls.slice(before).filter(({ operation }) => operation === 'Query')).toHaveLength(3);
    expect(await differences(table, one.companyId, [a.id, b.id])).toEqual([]);
    expect(await differences(table, two.companyId, [c.id])).toEqual([]);
  });

  it('the first record that failed is reported, and the clients after it are indexed', async () => {
    const world = findingWorld(table);
    const ids: ClientId[] = [];
    for (const name of ['A', 'B', 'C', 'D']) ids.push((await world.create({ name })).id);
    const [a, b, c, d] = ids;
    if (!a || !b || !c || !d) throw new Error('no clients');
    await holdLease(world, b);
    await holdLease(world, c);
    const event = streamEvent(...[a, c, b, d, b].map((id) => clientRecord(world, id)));
    expect(await consumerOn(world).consume(event)).toEqual({ batchItemFailures: [{ itemIdentifier: '1001' }] });
    expect(await differences(table, world.companyId, [a, d])).toEqual([]);
  });

  it('a record of a rebuild makes a step, and is reported if a client of the step cannot be indexed', async () => {
    const world = findingWorld(table);
    const { id } = await world.create({ name: 'A' });
    const { reindex, consume } = consumerOn(world);
    await reindex.request(world.companyId);
    const event = streamEvent(recordOf(keys.reindex(world.companyId)));
    await holdLease(world, id);
    expect(await consume(event)).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }] });
    expect(await reindex.progress(world.companyId)).toMatchObject({ clients: 0 });
    world.source.at = new Date(world.source.at.getTime() + 60_000);
    expect(await consume(event)).toEqual({ batchItemFailures: [] });
    expect(await reindex.progress(world.companyId)).toMatchObject({ clients: 1 });
    expect(await differences(table, world.companyId, [id])).toEqual([]);
  });

  it('other records of the stream are ignored', async () => {
    const world = findingWorld(table);
    const before = calls.length;
    const event = streamEvent(recordOf(keys.company(world.companyId)));
    expect(await consumerOn(world).consume(event)).toEqual({ batchItemFailures: [] });
    expect(calls.slice(before)).toEqual([]);
  });
});

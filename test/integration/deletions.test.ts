import '../support/quiet.ts';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deletions } from '../../functions/deletions/deletions.ts';
import { relayed } from '../../functions/relay/contract.ts';
import { relay } from '../../functions/relay/relay.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { documentStorage } from '../../lib/documents/storage.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { type ClientId, type GroupId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Item, Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import { aClient, createUpload, documentWorld, uploaded } from '../support/document-world.ts';
import { findingWorld } from '../support/finding-world.ts';
import { tableKilledAt } from '../support/killed.ts';
import {
  type QueueWorld,
  queueWorld,
  type StreamChange,
  sqsEvent,
  streamEvent,
  workOff,
} from '../support/queue-world.ts';
import { freshTable, newCompanyId, testSource } from '../support/table.ts';

let table: Table;
let queues: QueueWorld;
beforeAll(async () => {
  ({ table } = await freshTable());
  queues = await queueWorld('deletions', 'deletions-dead');
});
afterAll(() => queues.stop());
beforeEach(() => {
  for (const { arn } of queues.queues.models) queues.queues.clear(arn);
});

/** A company with a group that has clients, and its deletion begun. */
async function doomedGroup(clients = 2) {
  const world = findingWorld(table);
  const repository = groupRepository(table);
  const groups = groupService(repository, world.source);
  const { companyId } = world;
  const general = generalGroupId(companyId);
  const { id } = await groups.create(companyId, { name: 'Key accounts', settings: {} }, committing(table));
  const ids: ClientId[] = [];
  for (let index = 0; index < clients; index++)
    ids.push((await world.indexed({ name: `Client ${index}`, groupId: id })).id);
  await groups.delete(companyId, id, undefined);
  return { ...world, repository, general, id, ids };
}
type Doomed = Awaited<ReturnType<typeof doomedGroup>>;

/** An item as a stream record has it. */
const imageOf = (item: Item) => marshall(item) as NonNullable<StreamChange['after']>;

/** Nothing listens at this address. */
const unreachable = documentStorage(
  new S3Client({
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  }),
  'documents',
);

const toQueue = () =>
  relay({
    client: queues.client,
    destinations: [{ queueUrl: queues.url('deletions'), rules: relayed.deletions }],
  });
const consumerOver = (one: Table, { source }: Doomed) =>
  queueConsumer({
    queueUrl: queues.url('deletions'),
    client: queues.client,
    step: deletions(one, source, unreachable),
  });

/** Has the relay see a group as it is now, so many times; answers whether it is still there. */
async function record({ companyId, id }: { companyId: Doomed['companyId']; id: GroupId }, times = 1): Promise<boolean> {
  const item = await getItem(table, keys.group(companyId, id), true);
  if (!item) return false;
  const changes = Array.from({ length: times }, () => ({ PK: companyId, after: imageOf(item) }));
  expect(await toQueue()(streamEvent(...changes))).toEqual({ batchItemFailures: [] });
  return true;
}

/** What was postponed comes now. */
function hurry(): void {
  const { arn, queues: store } = queues;
  for (const { receipt, queueArn } of store.list()) if (queueArn === arn('deletions')) store.hide(receipt, 0);
}

async function expectMoved({ companyId, clients, principal, ids, general, repository, id }: Doomed): Promise<void> {
  for (const client of ids)
    expect(await clients.profile(principal, client)).toMatchObject({ groupId: general, version: 2 });
  expect(await repository.members(companyId, id)).toBe(0);
}

describe('deletions', () => {
  it('move each client once when each message comes three times, those of several groups mixed', async () => {
    const all = [await doomedGroup(), await doomedGroup(), await doomedGroup(3)];
    for (let round = 0; round < 20; round++) {
      const there: boolean[] = [];
      // Three of each, and those of all groups in turn: what is left of earlier rounds comes late.
      for (let time = 0; time < 3; time++) for (const one of [...all].reverse()) there.push(await record(one));
      if (!there.includes(true)) break;
      const [first] = all;
      if (first) await workOff(queues, 'deletions', consumerOver(table, first));
      for (const one of all) for (const client of one.ids) await one.indexer.update(one.companyId, client);
    }
    const [first] = all;
    if (!first) throw new Error('no group');
    while ((await workOff(queues, 'deletions', consumerOver(table, first))) > 0) hurry();
    for (const one of all) await expectMoved(one);
    expect(queues.queues.list()).toEqual([]);
  });

  it.each(['before', 'after'] as const)('end rightly whichever call the function is killed %s', async (when) => {
    for (let at = 1; at <= 12; at++) {
      const one = await doomedGroup();
      await record(one);
      const messages = queues.queues.receive(queues.arn('deletions'), 10);
      const step = deletions(tableKilledAt(table, { call: at, when }), one.source, unreachable);
      // Whoever is killed answers nothing, and postpones nothing.
      await step(JSON.parse(messages[0]?.body ?? '')).catch(() => undefined);
      for (const { receipt } of messages) queues.queues.hide(receipt, 0);
      for (let round = 0; round < 10; round++) {
        while ((await workOff(queues, 'deletions', consumerOver(table, one))) > 0) hurry();
        for (const client of one.ids) await one.indexer.update(one.companyId, client);
        if (!(await record(one))) break;
      }
      await expectMoved(one);
      expect(queues.queues.list()).toEqual([]);
    }
  });

  it('wait ever longer for an index that lags, and are set aside in the end', async () => {
    const fails = new Error('not in the index yet');
    const handler = queueConsumer({
      queueUrl: queues.url('deletions'),
      client: queues.client,
      step: async () => {
        throw fails;
      },
    });
    queues.queues.send(queues.arn('deletions'), [{ body: '{}' }]);
    for (const wait of [1, 2, 4, 8, 16]) {
      const begun = Date.now();
      expect(await workOff(queues, 'deletions', handler)).toBe(1);
      // Hidden some time between the two, however slow the machine is.
      expect(hiddenFor(begun)).toBeGreaterThanOrEqual(wait);
      expect(hiddenFor(Date.now())).toBeLessThanOrEqual(wait);
      hurry();
    }
    expect(await workOff(queues, 'deletions', handler)).toBe(0);
    expect(queues.queues.count(queues.arn('deletions-dead')).visible).toBe(1);
  });

  it('leave the rest of a batch done when one message makes no sense', async () => {
    const one = await doomedGroup(0);
    queues.queues.send(queues.arn('deletions'), [
      { body: '{"kind":"group-deletion","company":"nobody"}' },
      { body: 'no JSON' },
    ]);
    await record(one);
    const messages = queues.queues.receive(queues.arn('deletions'), 10);
    const answer: SQSBatchResponse = await consumerOver(table, one)(sqsEvent(messages));
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
      messages.slice(0, 2).map(({ id }) => id),
    );
    expect(await record(one)).toBe(false);
  });

  it('name what is wrong with a message', async () => {
    const step = deletions(table, testSource(), unreachable);
    const good = { kind: 'group-deletion', company: newCompanyId(testSource()), id: 'grp_1', version: 1 };
    const issues = (path: string) => ({ issues: [expect.objectContaining({ path: [path] })] });
    await expect(step({ ...good, kind: 'mail' })).rejects.toMatchObject(issues('kind'));
    await expect(step(good)).rejects.toMatchObject(issues('id'));
    await expect(step({ ...good, id: generalGroupId(good.company), version: '1' })).rejects.toMatchObject(
      issues('version'),
    );
  });
});

it('documents that are deleted and that never came end in any order, told of three times, whatever fails first', async () => {
  const of = await documentWorld(table);
  const client = await aClient(of);
  const { principal, overview } = of.world;
  const [kept, deleted] = [await uploaded(of, client, 'kept'), await uploaded(of, client, 'deleted')];
  const { document: late } = await createUpload(of, client, 'late');
  const standing = (id: typeof late.id) => getItem(table, keys.document(of.companyId, client, id), true);
  const [awaited, available] = [await standing(late.id), await standing(kept.id)];
  await deleteItem(table, keys.document(of.companyId, client, late.id));
  await of.documents.remove(principal, client, deleted.id, undefined);
  const hidden = await standing(deleted.id);
  if (!awaited || !available || !hidden) throw new Error('a document is missing');
  const PK = `${of.companyId}#${client}`;
  const records: StreamChange[] = [
    { PK, before: imageOf(awaited) },
    { PK, before: imageOf(available), after: imageOf(available) },
    { PK, before: imageOf(available), after: imageOf(hidden) },
    // What the end of a deletion leaves is nothing to do any more.
    { PK, before: imageOf(hidden) },
  ];
  for (let time = 0; time < 3; time++)
    expect(await toQueue()(streamEvent(...records.reverse()))).toEqual({ batchItemFailures: [] });
  const bodies = queues.queues.list().map(({ body }) => body);
  expect(bodies.filter((body) => body.includes(late.id))).toHaveLength(3);
  expect(bodies.filter((body) => body.includes(deleted.id))).toHaveLength(3);
  expect(bodies).toHaveLength(6);
  expect(bodies.join()).not.toContain('Contract.pdf');

  const consumer = (storage: typeof unreachable) =>
    queueConsumer({
      queueUrl: queues.url('deletions'),
      client: queues.client,
      step: deletions(table, of.world.source, storage),
    });
  // The storage cannot be reached at first.
  expect(await workOff(queues, 'deletions', consumer(unreachable))).toBe(6);
  expect(queues.queues.list()).toHaveLength(6);
  hurry();
  while ((await workOff(queues, 'deletions', consumer(of.storage))) > 0) hurry();
  expect(queues.queues.list()).toEqual([]);
  expect((await overview(principal, client)).categories.documents.count).toBe(1);
  expect(await of.documents.read(principal, client, kept.id)).toMatchObject({ status: 'available' });
  for (const { id } of [deleted, late]) {
    expect(await standing(id)).toBeUndefined();
    expect(await of.storage.listVersions(`${of.companyId}/${client}/${id}`)).toEqual([]);
  }
  const { entries } = await of.log.page(of.companyId, client, { filter: {}, limit: 9, after: undefined });
  const ended = entries.filter(({ event }) => event !== 'document.received');
  expect(ended.map(({ event, outcome }) => `${event} ${outcome}`).sort()).toEqual([
    'document.deleted success',
    'document.expired failure',
  ]);
  await of.stop();
});

/** Seconds after `begun` at which the one hidden message is to be seen again. */
function hiddenFor(begun: number): number {
  const { queues: store, arn } = queues;
  const [message] = store.list().filter(({ queueArn }) => queueArn === arn('deletions'));
  return ((message?.visibleAt ?? 0) - begun) / 1000;
}

import '../support/quiet.ts';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deletions } from '../../functions/deletions/deletions.ts';
import { relayed } from '../../functions/relay/contract.ts';
import { relay } from '../../functions/relay/relay.ts';
import { objectStorage } from '../../lib/aws/object-storage.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { type ClientId, type GroupId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Item, Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import { createTestClient, createUpload, documentWorld, uploadDocument } from '../support/document-world.ts';
import { findingWorld } from '../support/finding-world.ts';
import { tableKilledAt } from '../support/killed.ts';
import {
  consumeQueue,
  type QueueWorld,
  queueWorld,
  type StreamChange,
  sqsEvent,
  streamEvent,
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

/** A company with a group of clients whose deletion has begun. */
async function createDeletingGroup(clients = 2) {
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
type DeletingGroup = Awaited<ReturnType<typeof createDeletingGroup>>;

/** An item in the form of stream records. */
const imageOf = (item: Item) => marshall(item) as NonNullable<StreamChange['after']>;

/** Nothing listens at this address. */
const unreachable = objectStorage(
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
const consumerOver = (ownTable: Table, { source }: DeletingGroup) =>
  queueConsumer({
    queueUrl: queues.url('deletions'),
    client: queues.client,
    step: deletions(ownTable, source, unreachable),
  });

/** Delivers stream records of the current group to the relay. Returns whether the group still exists. */
async function relayGroup(
  { companyId, id }: { companyId: DeletingGroup['companyId']; id: GroupId },
  times = 1,
): Promise<boolean> {
  const item = await getItem(table, keys.group(companyId, id), true);
  if (!item) return false;
  const changes = Array.from({ length: times }, () => ({ PK: companyId, after: imageOf(item) }));
  expect(await toQueue()(streamEvent(...changes))).toEqual({ batchItemFailures: [] });
  return true;
}

/** Makes postponed messages visible now. */
function endPostponements(): void {
  const { arn, queues: store } = queues;
  for (const { receipt, queueArn } of store.list()) if (queueArn === arn('deletions')) store.hide(receipt, 0);
}

async function expectMoved({
  companyId,
  clients,
  principal,
  ids,
  general,
  repository,
  id,
}: DeletingGroup): Promise<void> {
  for (const client of ids)
    expect(await clients.profile(principal, client)).toMatchObject({ groupId: general, version: 2 });
  expect(await repository.members(companyId, id)).toBe(0);
}

describe('deletions', () => {
  it('deletions move each client once although messages of several groups are mixed and come three times', async () => {
    const all = [await createDeletingGroup(), await createDeletingGroup(), await createDeletingGroup(3)];
    for (let round = 0; round < 20; round++) {
      const existing: boolean[] = [];
      // Three messages of each group, in turn. Messages of earlier rounds come late.
      for (let time = 0; time < 3; time++)
        for (const fixture of [...all].reverse()) existing.push(await relayGroup(fixture));
      if (!existing.includes(true)) break;
      const [first] = all;
      if (first) await consumeQueue(queues, 'deletions', consumerOver(table, first));
      for (const fixture of all)
        for (const client of fixture.ids) await fixture.indexer.update(fixture.companyId, client);
    }
    const [first] = all;
    if (!first) throw new Error('no group');
    while ((await consumeQueue(queues, 'deletions', consumerOver(table, first))) > 0) endPostponements();
    for (const fixture of all) await expectMoved(fixture);
    expect(queues.queues.list()).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'deletions are completed whichever call the function is killed %s',
    async (when) => {
      for (let at = 1; at <= 12; at++) {
        const fixture = await createDeletingGroup();
        await relayGroup(fixture);
        const messages = queues.queues.receive(queues.arn('deletions'), 10);
        const step = deletions(tableKilledAt(table, { call: at, when }), fixture.source, unreachable);
        // A killed function neither answers nor postpones its messages.
        await step(JSON.parse(messages[0]?.body ?? '')).catch(() => undefined);
        for (const { receipt } of messages) queues.queues.hide(receipt, 0);
        for (let round = 0; round < 10; round++) {
          while ((await consumeQueue(queues, 'deletions', consumerOver(table, fixture))) > 0) endPostponements();
          for (const client of fixture.ids) await fixture.indexer.update(fixture.companyId, client);
          if (!(await relayGroup(fixture))) break;
        }
        await expectMoved(fixture);
        expect(queues.queues.list()).toEqual([]);
      }
    },
  );

  it('a failing message is retried with growing delays, and goes to the dead-letter queue in the end', async () => {
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
      expect(await consumeQueue(queues, 'deletions', handler)).toBe(1);
      // The message was hidden between these two times, however slow the machine is.
      expect(hiddenFor(begun)).toBeGreaterThanOrEqual(wait);
      expect(hiddenFor(Date.now())).toBeLessThanOrEqual(wait);
      endPostponements();
    }
    expect(await consumeQueue(queues, 'deletions', handler)).toBe(0);
    expect(queues.queues.count(queues.arn('deletions-dead')).visible).toBe(1);
  });

  it('invalid messages do not keep the rest of a batch from being done', async () => {
    const fixture = await createDeletingGroup(0);
    queues.queues.send(queues.arn('deletions'), [
      { body: '{"kind":"group-deletion","company":"nobody"}' },
      { body: 'no JSON' },
    ]);
    await relayGroup(fixture);
    const messages = queues.queues.receive(queues.arn('deletions'), 10);
    const answer: SQSBatchResponse = await consumerOver(table, fixture)(sqsEvent(messages));
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
      messages.slice(0, 2).map(({ id }) => id),
    );
    expect(await relayGroup(fixture)).toBe(false);
  });

  it('the error of an invalid message names the invalid field', async () => {
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

it('deleted and expired documents are removed although records are repeated, out of order and fail at first', async () => {
  const docs = await documentWorld(table);
  const client = await createTestClient(docs);
  const { principal, overview } = docs.world;
  const [kept, deleted] = [await uploadDocument(docs, client, 'kept'), await uploadDocument(docs, client, 'deleted')];
  const { document: late } = await createUpload(docs, client, 'late');
  const itemOf = (id: typeof late.id) => getItem(table, keys.document(docs.companyId, client, id), true);
  const [pending, available] = [await itemOf(late.id), await itemOf(kept.id)];
  await deleteItem(table, keys.document(docs.companyId, client, late.id));
  await docs.documents.remove(principal, client, deleted.id, undefined);
  const hidden = await itemOf(deleted.id);
  if (!pending || !available || !hidden) throw new Error('a document is missing');
  const PK = `${docs.companyId}#${client}`;
  const records: StreamChange[] = [
    { PK, before: imageOf(pending) },
    { PK, before: imageOf(available), after: imageOf(available) },
    { PK, before: imageOf(available), after: imageOf(hidden) },
    // The removal of a deleted document needs no further work.
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
      step: deletions(table, docs.world.source, storage),
    });
  // S3 cannot be reached at first.
  expect(await consumeQueue(queues, 'deletions', consumer(unreachable))).toBe(6);
  expect(queues.queues.list()).toHaveLength(6);
  endPostponements();
  while ((await consumeQueue(queues, 'deletions', consumer(docs.storage))) > 0) endPostponements();
  expect(queues.queues.list()).toEqual([]);
  expect((await overview(principal, client)).categories.documents.count).toBe(1);
  expect(await docs.documents.read(principal, client, kept.id)).toMatchObject({ status: 'available' });
  for (const { id } of [deleted, late]) {
    expect(await itemOf(id)).toBeUndefined();
    expect(await docs.storage.listVersions(`${docs.companyId}/${client}/${id}`)).toEqual([]);
  }
  const { entries } = await docs.log.page(docs.companyId, client, { filter: {}, limit: 9, after: undefined });
  const ended = entries.filter(({ event }) => event !== 'document.received');
  expect(ended.map(({ event, outcome }) => `${event} ${outcome}`).sort()).toEqual([
    'document.deleted success',
    'document.expired failure',
  ]);
  await docs.stop();
});

/** Seconds from `begun` until the only hidden message is visible again. */
function hiddenFor(begun: number): number {
  const { queues: store, arn } = queues;
  const [message] = store.list().filter(({ queueArn }) => queueArn === arn('deletions'));
  return ((message?.visibleAt ?? 0) - begun) / 1000;
}

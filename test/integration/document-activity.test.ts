import { afterAll, beforeAll, expect, it } from 'vitest';
import { activityLog } from '../../lib/activity/repository.ts';
import { type ClientId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import {
  arrivals,
  createTestClient,
  createUpload,
  type DocumentWorld,
  documentWorld,
  put,
  sha256,
  uploadDocument,
} from '../support/document-world.ts';
import { freshTable } from '../support/table.ts';

let docs: DocumentWorld;

beforeAll(async () => {
  docs = await documentWorld((await freshTable()).table);
});
afterAll(() => docs?.stop());

/** The activity of documents, newest first, without the entry of the client's creation. */
async function entries(client: ClientId) {
  const { entries: all } = await activityLog(docs.world.table).page(docs.companyId, client, {
    limit: 200,
    after: undefined,
  });
  return all.filter(({ action }) => action !== 'client.created');
}

/** Runs a change and returns the activity entries that it added, newest first. */
async function newEntries(client: ClientId, run: () => Promise<unknown>) {
  const before = await entries(client);
  await run();
  const after = await entries(client);
  expect(after.slice(after.length - before.length)).toEqual(before);
  return after.slice(0, after.length - before.length);
}

/** Advances the clock by a millisecond. */
function later(): void {
  docs.world.source.at = new Date(docs.world.source.at.getTime() + 1);
}

const change = (field: string, from: unknown, to: unknown) => ({ field, from, to });

it('each change of a document has one activity entry with its fields and its author', async () => {
  const client = await createTestClient(docs);
  const id = mintId(UserId, 'usr', docs.world.source);
  const sessionId = mintId(SessionId, 'ses', docs.world.source);
  const principal = { ...docs.world.principal, kind: 'user', id, sessionId, name: 'Olive' } as const;
  const { documents } = docs;
  const input = { contentType: 'application/pdf', size: 5, sha256: sha256('bytes'), visibility: 'internal' } as const;
  later();
  const [created, ...none] = await newEntries(client, () =>
    documents.createUpload(principal, client, { ...input, name: 'Contract.pdf' }, committing(docs.world.table)),
  );
  expect(none).toEqual([]);
  const documentId = (await docs.documents.list(principal, client, { filter: {}, limit: 1, after: undefined }))
    .documents[0]?.id;
  if (!documentId) throw new Error('no document');
  const actor = { kind: 'user', id, name: 'Olive' };
  const subject = (label: string) => ({ type: 'document', id: documentId, label });
  expect(created).toMatchObject({ at: docs.world.source.at.toISOString(), actor, action: 'document.created' });
  expect(created?.subject).toEqual(subject('Contract.pdf'));
  expect(created?.changes).toEqual([
    change('name', null, 'Contract.pdf'),
    change('contentType', null, 'application/pdf'),
    change('size', null, 5),
    change('visibility', null, 'internal'),
  ]);

  const step = async (run: () => Promise<unknown>, action: string, label: string, changes: object[]) => {
    later();
    const made = await newEntries(client, run);
    expect(made).toEqual([
      expect.objectContaining({
        at: docs.world.source.at.toISOString(),
        actor,
        action,
        subject: subject(label),
        changes,
      }),
    ]);
  };
  const patch = (body: Record<string, unknown>) => () =>
    documents.change(principal, client, documentId, body, undefined);
  await step(patch({ name: 'Vertrag.pdf' }), 'document.updated', 'Vertrag.pdf', [
    change('name', 'Contract.pdf', 'Vertrag.pdf'),
  ]);
  await step(patch({ visibility: 'portal' }), 'document.updated', 'Vertrag.pdf', [
    change('visibility', 'internal', 'portal'),
  ]);
  await step(patch({ name: 'A.pdf', visibility: 'internal' }), 'document.updated', 'A.pdf', [
    change('name', 'Vertrag.pdf', 'A.pdf'),
    change('visibility', 'portal', 'internal'),
  ]);
  await step(() => documents.remove(principal, client, documentId, undefined), 'document.deleted', 'A.pdf', [
    change('name', 'A.pdf', null),
    change('contentType', 'application/pdf', null),
    change('size', 5, null),
    change('visibility', 'internal', null),
  ]);
});

it('a change without effect and a refused change have no activity entry', async () => {
  const client = await createTestClient(docs);
  const { document } = await createUpload(docs, client, 'bytes');
  const { principal } = docs.world;
  const patch = (body: Record<string, unknown>, ifMatch?: number[]) =>
    docs.documents.change(principal, client, document.id, body, ifMatch);
  const made = await newEntries(client, async () => {
    for (const same of [{}, { name: 'Contract.pdf' }, { name: ' Contract.pdf ', visibility: 'internal' }])
      expect(await patch(same)).toEqual(document);
    await expect(patch({ name: 'x' }, [7])).rejects.toMatchObject({ code: 'stale-version' });
    await expect(patch({ name: 'a/b' })).rejects.toMatchObject({ code: 'validation' });
    await expect(docs.documents.remove(principal, client, document.id, [7])).rejects.toMatchObject({
      code: 'stale-version',
    });
    await expect(createUpload(docs, client, 'x', { size: 100_000_001 })).rejects.toMatchObject({ code: 'validation' });
  });
  expect(made).toEqual([]);
  await docs.documents.remove(principal, client, document.id, undefined);
  await expect(docs.documents.remove(principal, client, document.id, undefined)).rejects.toMatchObject({
    code: 'not-found',
  });
  expect((await entries(client)).map(({ action }) => action)).toEqual(['document.deleted', 'document.created']);
});

it('background work on documents is in the system log, not in the activity', async () => {
  const client = await createTestClient(docs);
  const { id } = await uploadDocument(docs, client);
  const place = { company: docs.companyId, client, id };
  const { document } = await createUpload(docs, client, 'never');
  const stored = await docs.repository.getStored({ ...place, id: document.id });
  await docs.documents.remove(docs.world.principal, client, id, undefined);
  const made = await newEntries(client, async () => {
    await docs.removal().finish(place);
    const expired = { part: stored?.part ?? 0, ttl: stored?.ttl ?? 0 };
    await docs.removal().expire({ ...place, id: document.id }, expired);
  });
  expect(made).toEqual([]);
  const { entries: logged } = await docs.log.page(docs.companyId, client, { filter: {}, limit: 9, after: undefined });
  expect(logged.map(({ event }) => event).sort()).toEqual([
    'document.deleted',
    'document.expired',
    'document.received',
  ]);
  // The arrival of the bytes changes the document too, but it is no act of a user.
  expect((await entries(client)).map(({ action }) => action).sort()).toEqual([
    'document.created',
    'document.created',
    'document.deleted',
  ]);
});

it('changes of documents at once have one activity entry each', async () => {
  const client = await createTestClient(docs);
  const uploads = await Promise.all(
    Array.from({ length: 50 }, (_, index) => createUpload(docs, client, `bytes ${index}`)),
  );
  const created = await entries(client);
  expect(created.map(({ action }) => action)).toEqual(Array(50).fill('document.created'));
  expect(new Set(created.map(({ subject }) => subject.id))).toEqual(
    new Set(uploads.map(({ document }) => document.id)),
  );

  const [first] = uploads;
  if (!first) throw new Error('no document was created');
  const names = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];
  const made = await newEntries(client, async () => {
    expect(await put(first.upload, 'bytes 0')).toBe(200);
    const rename = (name: string) =>
      docs.documents.change(docs.world.principal, client, first.document.id, { name }, undefined);
    await Promise.all([...names.map(rename), ...arrivals(docs).map(docs.receipt())]);
  });
  // Each entry begins with the name that the entry before it ended with.
  const chain = made.toReversed().map(({ changes }) => changes[0]);
  expect(chain.map((link) => link?.to).sort()).toEqual(names);
  expect(chain.map((link) => link?.from)).toEqual(['Contract.pdf', ...chain.slice(0, -1).map((link) => link?.to)]);
});

it('a creation that meets full shards of the counter has one activity entry, and one that meets only full shards has none', async () => {
  const client = await createTestClient(docs);
  const on = writes(docs.world.table.name);
  const fill = (free: number) =>
    Array.from({ length: 8 }, (_, part) =>
      on.put(keys.documentCount(docs.companyId, client, part), {
        entity: 'document-count',
        schemaVersion: 1,
        documents: part === free ? 624 : 625,
      }),
    );
  for (let free = 0; free < 8; free++) {
    later();
    await transact(docs.world.table, fill(free));
    expect(await newEntries(client, () => createUpload(docs, client, 'x'))).toMatchObject([
      { action: 'document.created' },
    ]);
  }
  const refused = () => expect(createUpload(docs, client, 'x')).rejects.toMatchObject({ code: 'too-many-documents' });
  expect(await newEntries(client, refused)).toEqual([]);
});

it('the activity of documents is kept for as many days as the company has set', async () => {
  const client = await createTestClient(docs);
  const { documents, world } = docs;
  const brief = { ...world.principal, activityDays: 30 };
  const { document } = await createUpload({ ...docs, world: { ...world, principal: brief } }, client, 'x');
  await documents.change(brief, client, document.id, { name: 'y' }, undefined);
  await documents.remove(brief, client, document.id, undefined);
  const items = await queryAll(world.table, ranges.activity(docs.companyId, client));
  const until = Math.floor(world.source.at.getTime() / 1000) + 30 * 86_400;
  const ttls = items.filter(({ action }) => String(action).startsWith('document.')).map(({ ttl }) => ttl);
  expect(ttls).toEqual([until, until, until]);
});

import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientId, DocumentId } from '../../lib/shared/ids.ts';
import { keys } from '../../lib/table/keys.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import {
  arrivals,
  BUCKET,
  createTestClient,
  createUpload,
  type DocumentWorld,
  documentWorld,
  put,
  uploadDocument,
} from '../support/document-world.ts';
import { KILLED, killedAt, wrapMethods } from '../support/killed.ts';
import { freshTable } from '../support/table.ts';

let docs: DocumentWorld;

beforeAll(async () => {
  docs = await documentWorld((await freshTable()).table);
});
afterAll(() => docs?.stop());

const place = (client: ClientId, id: DocumentId) => ({ company: docs.companyId, client, id });
const keyOf = (client: ClientId, id: DocumentId) => `${docs.companyId}/${client}/${id}`;
const count = async (client: ClientId) =>
  (await docs.world.overview(docs.world.principal, client)).categories.documents.count;
const loggedEvents = async (client: ClientId) => {
  const { entries } = await docs.log.page(docs.companyId, client, { filter: {}, limit: 200, after: undefined });
  return entries.map(({ event, outcome }) => `${event} ${outcome}`).sort();
};

/** Puts an object into the bucket without the API. Returns its version id. */
async function putObject(key: string, bytes: string, type = 'application/pdf'): Promise<string> {
  const command = new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes, ContentType: type });
  const { VersionId } = await docs.s3.send(command);
  return VersionId ?? '';
}

/** Deletes without a version id, which adds a delete marker. */
async function addDeleteMarker(key: string): Promise<void> {
  await docs.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
}

/** Repeats a run that is killed before its first call, its second, …, until it succeeds. Returns its number of calls. */
async function killBeforeEachCall(
  run: (parts: Pick<DocumentWorld, 'storage'> & { documents: DocumentWorld['repository'] }) => Promise<void>,
) {
  for (let calls = 0; calls < 20; calls++) {
    const wrap = killedAt({ call: calls + 1, when: 'before' });
    const parts = { documents: wrapMethods(docs.repository, wrap), storage: wrapMethods(docs.storage, wrap) };
    const failed = await run(parts).then(
      () => false,
      () => true,
    );
    if (!failed) return calls;
  }
  throw new Error('the run never succeeded');
}

describe('an uploaded object', () => {
  it('an object makes its document available once, although its event is repeated and late', async () => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const [arrival] = arrivals(docs);
    if (!arrival) throw new Error('nothing arrived');
    await Promise.all([1, 2, 3].map(() => docs.receipt()(arrival)));
    docs.world.source.at = new Date(docs.world.source.at.getTime() + 25 * 3600_000);
    await docs.receipt()(arrival);
    expect(await docs.documents.read(docs.world.principal, client, document.id)).toMatchObject({ version: 2 });
    expect(await docs.storage.listVersions(keyOf(client, document.id))).toEqual([arrival.versionId]);
    expect(await loggedEvents(client)).toEqual(['document.received success']);
  });

  it('an object makes its document available although the function is killed between any two calls', async () => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const [arrival] = arrivals(docs);
    if (!arrival) throw new Error('nothing arrived');
    expect(await killBeforeEachCall((parts) => docs.receipt(parts)(arrival))).toBe(3);
    expect(await docs.documents.read(docs.world.principal, client, document.id)).toMatchObject({
      status: 'available',
      version: 2,
    });
    expect(await loggedEvents(client)).toEqual(['document.received success']);
  });

  it('an object makes its document available while the document is being renamed', async () => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const rename = (name: string) =>
      docs.documents.change(docs.world.principal, client, document.id, { name }, undefined);
    await Promise.all([...arrivals(docs).map(docs.receipt()), rename('a.pdf'), rename('b.pdf')]);
    expect(await docs.documents.read(docs.world.principal, client, document.id)).toMatchObject({
      status: 'available',
      version: 4,
    });
  });

  it('an object without a pending document is deleted, and nothing else is', async () => {
    const client = await createTestClient(docs);
    const { id } = await uploadDocument(docs, client);
    const foreign = [
      'elsewhere/file',
      `${docs.companyId}/${client}`,
      keyOf(client, id).replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      `${keyOf(client, id)}/x`,
    ];
    for (const key of foreign) await putObject(key, 'strange');
    await putObject(keyOf(client, id), 'over it');
    const all = arrivals(docs);
    expect(all).toHaveLength(5);
    for (const arrival of [...all, ...all]) await docs.receipt()(arrival);
    for (const key of foreign) expect(await docs.storage.listVersions(key)).toEqual([]);
    expect(await docs.storage.listVersions(keyOf(client, id))).toHaveLength(1);
    const { url } = await docs.documents.download(docs.world.principal, client, id);
    expect(await (await fetch(url)).text()).toBe('some bytes');
  });

  it.each([
    ['size', 'bytes and more', 'application/pdf'],
    ['checksum', 'bites', 'application/pdf'],
    ['type', 'bytes', 'text/html'],
  ])('an object with a wrong %s is deleted and logged', async (_, bytes, type) => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, 'bytes');
    await putObject(keyOf(client, document.id), bytes, type);
    const [arrival] = arrivals(docs);
    if (!arrival) throw new Error('nothing arrived');
    expect(await killBeforeEachCall((parts) => docs.receipt(parts)(arrival))).toBeGreaterThan(2);
    await docs.receipt()(arrival);
    expect(await docs.storage.listVersions(keyOf(client, document.id))).toEqual([]);
    expect(await loggedEvents(client)).toEqual(['document.refused failure']);
    // The right bytes can still be uploaded.
    expect(await put(upload, 'bytes')).toBe(200);
    for (const later of [...arrivals(docs), arrival]) await docs.receipt()(later);
    expect(await docs.documents.read(docs.world.principal, client, document.id)).toMatchObject({ status: 'available' });
    expect(await docs.storage.listVersions(keyOf(client, document.id))).toHaveLength(1);
  });

  it('an object of a deleted or expired document is deleted', async () => {
    const client = await createTestClient(docs);
    const { document: deleted, upload } = await createUpload(docs, client, 'bytes');
    const { document: late, upload: second } = await createUpload(docs, client, 'bytes');
    for (const each of [upload, second]) expect(await put(each, 'bytes')).toBe(200);
    await docs.documents.remove(docs.world.principal, client, deleted.id, undefined);
    const { at } = docs.world.source;
    docs.world.source.at = new Date(at.getTime() + 24 * 3600_000);
    for (const arrival of arrivals(docs)) await docs.receipt()(arrival);
    for (const { id } of [deleted, late]) expect(await docs.storage.listVersions(keyOf(client, id))).toEqual([]);
    await expect(docs.documents.read(docs.world.principal, client, late.id)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a deleted document', () => {
  it('a deleted document is invisible at once, and then its versions and delete markers are deleted', async () => {
    const client = await createTestClient(docs);
    const { id } = await uploadDocument(docs, client);
    const neighbour = await uploadDocument(docs, client);
    await putObject(keyOf(client, id), 'a second version');
    await addDeleteMarker(keyOf(client, id));
    expect(await docs.storage.listVersions(keyOf(client, id))).toHaveLength(3);
    await docs.documents.remove(docs.world.principal, client, id, undefined);
    const { documents } = await docs.documents.list(docs.world.principal, client, {
      filter: {},
      limit: 9,
      after: undefined,
    });
    expect(documents.map(({ id: listed }) => listed)).toEqual([neighbour.id]);
    await expect(docs.documents.download(docs.world.principal, client, id)).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(docs.documents.remove(docs.world.principal, client, id, undefined)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await count(client)).toBe(1);
    for (let delivery = 0; delivery < 3; delivery++) await docs.removal().finish(place(client, id));
    expect(await docs.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await docs.storage.listVersions(keyOf(client, neighbour.id))).toHaveLength(1);
    expect(await docs.repository.getStored(place(client, id))).toBeUndefined();
    expect(await count(client)).toBe(1);
    expect(await loggedEvents(client)).toEqual([
      'document.deleted success',
      'document.received success',
      'document.received success',
    ]);
  });

  it('a deletion is completed wherever the function is killed, and a failure is logged until then', async () => {
    const client = await createTestClient(docs);
    const { id } = await uploadDocument(docs, client);
    await putObject(keyOf(client, id), 'a second version');
    await docs.documents.remove(docs.world.principal, client, id, undefined);
    const storage = wrapMethods(docs.storage, killedAt({ call: 2, when: 'before' }));
    const failing = { documents: docs.repository, storage };
    await expect(docs.removal(failing).finish(place(client, id))).rejects.toBe(KILLED);
    expect(await loggedEvents(client)).toContain('document.deleted failure');
    expect(await docs.repository.getStored(place(client, id))).toMatchObject({ status: 'deleting' });
    expect(await killBeforeEachCall((parts) => docs.removal(parts).finish(place(client, id)))).toBeGreaterThan(3);
    expect(await docs.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await docs.repository.getStored(place(client, id))).toBeUndefined();
    expect(await loggedEvents(client)).toEqual(['document.deleted success', 'document.received success']);
  });

  it('of several deletions of a document at once one succeeds', async () => {
    const client = await createTestClient(docs);
    const { id } = await uploadDocument(docs, client);
    const deletions = await Promise.allSettled(
      [1, 2, 3, 4].map(() => docs.documents.remove(docs.world.principal, client, id, undefined)),
    );
    expect(deletions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await count(client)).toBe(0);
  });
});

describe('a document that is never uploaded', () => {
  async function createExpiring() {
    const client = await createTestClient(docs);
    const { document } = await createUpload(docs, client, 'bytes');
    await createUpload(docs, client, 'more');
    const stored = await docs.repository.getStored(place(client, document.id));
    if (stored?.ttl === undefined) throw new Error('the document does not expire');
    return { client, id: document.id, ttl: stored.ttl, part: stored.part };
  }

  it('a pending document is invisible after a day, even if DynamoDB has not removed it yet', async () => {
    const { client, id, ttl } = await createExpiring();
    expect(ttl * 1000 - docs.world.source.at.getTime()).toBeGreaterThan(86_398_000);
    const { at } = docs.world.source;
    docs.world.source.at = new Date(ttl * 1000);
    await expect(docs.documents.read(docs.world.principal, client, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      docs.documents.change(docs.world.principal, client, id, { name: 'x' }, undefined),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    const { documents } = await docs.documents.list(docs.world.principal, client, {
      filter: {},
      limit: 9,
      after: undefined,
    });
    expect(documents.map(({ id: listed }) => listed)).not.toContain(id);
    docs.world.source.at = at;
  });

  it('an expired document decrements the count once, although its event is repeated, and late objects are deleted', async () => {
    const { client, id, ttl, part } = await createExpiring();
    await putObject(keyOf(client, id), 'too late');
    await deleteItem(docs.world.table, keys.document(docs.companyId, client, id));
    expect(await count(client)).toBe(2);
    for (let delivery = 0; delivery < 3; delivery++) await docs.removal().expire(place(client, id), { part, ttl });
    await Promise.all([1, 2].map(() => docs.removal().expire(place(client, id), { part, ttl })));
    expect(await count(client)).toBe(1);
    expect(await docs.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await loggedEvents(client)).toEqual(['document.expired failure']);
  });

  it('an expired document decrements the count once although the function is killed between any two calls', async () => {
    const { client, id, ttl, part } = await createExpiring();
    await putObject(keyOf(client, id), 'too late');
    await deleteItem(docs.world.table, keys.document(docs.companyId, client, id));
    expect(
      await killBeforeEachCall((parts) => docs.removal(parts).expire(place(client, id), { part, ttl })),
    ).toBeGreaterThan(2);
    expect(await count(client)).toBe(1);
  });

  it('an expired document of a deleted client leaves no log entry', async () => {
    const { client, id, ttl, part } = await createExpiring();
    await transact(docs.world.table, [
      writes(docs.world.table.name).remove(keys.documentCount(docs.companyId, client, part)),
    ]);
    await docs.removal().expire(place(client, id), { part, ttl });
    expect(await loggedEvents(client)).toEqual([]);
  });
});

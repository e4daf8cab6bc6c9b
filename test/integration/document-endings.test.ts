import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientId, DocumentId } from '../../lib/shared/ids.ts';
import { keys } from '../../lib/table/keys.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import {
  aClient,
  arrivals,
  BUCKET,
  createUpload,
  type DocumentWorld,
  documentWorld,
  put,
  uploaded,
} from '../support/document-world.ts';
import { KILLED, killedAt, wrapMethods } from '../support/killed.ts';
import { freshTable } from '../support/table.ts';

let of: DocumentWorld;

beforeAll(async () => {
  of = await documentWorld((await freshTable()).table);
});
afterAll(() => of?.stop());

const place = (client: ClientId, id: DocumentId) => ({ company: of.companyId, client, id });
const keyOf = (client: ClientId, id: DocumentId) => `${of.companyId}/${client}/${id}`;
const count = async (client: ClientId) =>
  (await of.world.overview(of.world.principal, client)).categories.documents.count;
const logged = async (client: ClientId) => {
  const { entries } = await of.log.page(of.companyId, client, { filter: {}, limit: 200, after: undefined });
  return entries.map(({ event, outcome }) => `${event} ${outcome}`).sort();
};

/** Puts bytes under a key without asking anybody, as only the storage's owner can; answers the version. */
async function smuggle(key: string, bytes: string, type = 'application/pdf'): Promise<string> {
  const command = new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes, ContentType: type });
  const { VersionId } = await of.s3.send(command);
  return VersionId ?? '';
}

/** Deletes without a version, which leaves a delete marker. */
async function mark(key: string): Promise<void> {
  await of.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
}

/** Runs with parts that are killed before the first call, the second, …; returns the number of calls of a whole run. */
async function killedEverywhere(
  run: (parts: Pick<DocumentWorld, 'storage'> & { documents: DocumentWorld['repository'] }) => Promise<void>,
) {
  for (let calls = 0; calls < 20; calls++) {
    const wrap = killedAt({ call: calls + 1, when: 'before' });
    const parts = { documents: wrapMethods(of.repository, wrap), storage: wrapMethods(of.storage, wrap) };
    const failed = await run(parts).then(
      () => false,
      () => true,
    );
    if (!failed) return calls;
  }
  throw new Error('it never came to its end');
}

describe('what arrives', () => {
  it('is received once, however often and late it is told of', async () => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const [arrival] = arrivals(of);
    if (!arrival) throw new Error('nothing arrived');
    await Promise.all([1, 2, 3].map(() => of.receipt()(arrival)));
    of.world.source.at = new Date(of.world.source.at.getTime() + 25 * 3600_000);
    await of.receipt()(arrival);
    expect(await of.documents.read(of.world.principal, client, document.id)).toMatchObject({ version: 2 });
    expect(await of.storage.listVersions(keyOf(client, document.id))).toEqual([arrival.versionId]);
    expect(await logged(client)).toEqual(['document.received success']);
  });

  it('is received by a function that is killed between any two calls', async () => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const [arrival] = arrivals(of);
    if (!arrival) throw new Error('nothing arrived');
    expect(await killedEverywhere((parts) => of.receipt(parts)(arrival))).toBe(3);
    expect(await of.documents.read(of.world.principal, client, document.id)).toMatchObject({
      status: 'available',
      version: 2,
    });
    expect(await logged(client)).toEqual(['document.received success']);
  });

  it('is received while the document is being renamed', async () => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    const rename = (name: string) => of.documents.change(of.world.principal, client, document.id, { name }, undefined);
    await Promise.all([...arrivals(of).map(of.receipt()), rename('a.pdf'), rename('b.pdf')]);
    expect(await of.documents.read(of.world.principal, client, document.id)).toMatchObject({
      status: 'available',
      version: 4,
    });
  });

  it('is removed where nobody announced it, and nothing else is', async () => {
    const client = await aClient(of);
    const { id } = await uploaded(of, client);
    const foreign = [
      'elsewhere/file',
      `${of.companyId}/${client}`,
      keyOf(client, id).replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      `${keyOf(client, id)}/x`,
    ];
    for (const key of foreign) await smuggle(key, 'strange');
    await smuggle(keyOf(client, id), 'over it');
    const all = arrivals(of);
    expect(all).toHaveLength(5);
    for (const arrival of [...all, ...all]) await of.receipt()(arrival);
    for (const key of foreign) expect(await of.storage.listVersions(key)).toEqual([]);
    expect(await of.storage.listVersions(keyOf(client, id))).toHaveLength(1);
    const { url } = await of.documents.download(of.world.principal, client, id);
    expect(await (await fetch(url)).text()).toBe('some bytes');
  });

  it.each([
    ['size', 'bytes and more', 'application/pdf'],
    ['checksum', 'bites', 'application/pdf'],
    ['type', 'bytes', 'text/html'],
  ])('is refused where its %s is not what was announced', async (_, bytes, type) => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, 'bytes');
    await smuggle(keyOf(client, document.id), bytes, type);
    const [arrival] = arrivals(of);
    if (!arrival) throw new Error('nothing arrived');
    expect(await killedEverywhere((parts) => of.receipt(parts)(arrival))).toBeGreaterThan(2);
    await of.receipt()(arrival);
    expect(await of.storage.listVersions(keyOf(client, document.id))).toEqual([]);
    expect(await logged(client)).toEqual(['document.refused failure']);
    // The place is free for what was announced.
    expect(await put(upload, 'bytes')).toBe(200);
    for (const later of [...arrivals(of), arrival]) await of.receipt()(later);
    expect(await of.documents.read(of.world.principal, client, document.id)).toMatchObject({ status: 'available' });
    expect(await of.storage.listVersions(keyOf(client, document.id))).toHaveLength(1);
  });

  it('is removed where it comes for one that is deleted or too late', async () => {
    const client = await aClient(of);
    const { document: deleted, upload } = await createUpload(of, client, 'bytes');
    const { document: late, upload: second } = await createUpload(of, client, 'bytes');
    for (const one of [upload, second]) expect(await put(one, 'bytes')).toBe(200);
    await of.documents.remove(of.world.principal, client, deleted.id, undefined);
    const { at } = of.world.source;
    of.world.source.at = new Date(at.getTime() + 24 * 3600_000);
    for (const arrival of arrivals(of)) await of.receipt()(arrival);
    for (const { id } of [deleted, late]) expect(await of.storage.listVersions(keyOf(client, id))).toEqual([]);
    await expect(of.documents.read(of.world.principal, client, late.id)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a document that is deleted', () => {
  it('is gone at once, and then with every version and delete marker', async () => {
    const client = await aClient(of);
    const { id } = await uploaded(of, client);
    const neighbour = await uploaded(of, client);
    await smuggle(keyOf(client, id), 'a second version');
    await mark(keyOf(client, id));
    expect(await of.storage.listVersions(keyOf(client, id))).toHaveLength(3);
    await of.documents.remove(of.world.principal, client, id, undefined);
    const { documents } = await of.documents.list(of.world.principal, client, {
      filter: {},
      limit: 9,
      after: undefined,
    });
    expect(documents.map((one) => one.id)).toEqual([neighbour.id]);
    await expect(of.documents.download(of.world.principal, client, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(of.documents.remove(of.world.principal, client, id, undefined)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await count(client)).toBe(1);
    for (let delivery = 0; delivery < 3; delivery++) await of.removal().finish(place(client, id));
    expect(await of.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await of.storage.listVersions(keyOf(client, neighbour.id))).toHaveLength(1);
    expect(await of.repository.getStored(place(client, id))).toBeUndefined();
    expect(await count(client)).toBe(1);
    expect(await logged(client)).toEqual([
      'document.deleted success',
      'document.received success',
      'document.received success',
    ]);
  });

  it('ends clean, wherever the function is killed, and says what it could not do', async () => {
    const client = await aClient(of);
    const { id } = await uploaded(of, client);
    await smuggle(keyOf(client, id), 'a second version');
    await of.documents.remove(of.world.principal, client, id, undefined);
    const storage = wrapMethods(of.storage, killedAt({ call: 2, when: 'before' }));
    const failing = { documents: of.repository, storage };
    await expect(of.removal(failing).finish(place(client, id))).rejects.toBe(KILLED);
    expect(await logged(client)).toContain('document.deleted failure');
    expect(await of.repository.getStored(place(client, id))).toMatchObject({ status: 'deleting' });
    expect(await killedEverywhere((parts) => of.removal(parts).finish(place(client, id)))).toBeGreaterThan(3);
    expect(await of.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await of.repository.getStored(place(client, id))).toBeUndefined();
    expect(await logged(client)).toEqual(['document.deleted success', 'document.received success']);
  });

  it('is deleted once by two at the same time', async () => {
    const client = await aClient(of);
    const { id } = await uploaded(of, client);
    const deletions = await Promise.allSettled(
      [1, 2, 3, 4].map(() => of.documents.remove(of.world.principal, client, id, undefined)),
    );
    expect(deletions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await count(client)).toBe(0);
  });
});

describe('a document that never came', () => {
  async function expired() {
    const client = await aClient(of);
    const { document } = await createUpload(of, client, 'bytes');
    await createUpload(of, client, 'more');
    const stored = await of.repository.getStored(place(client, document.id));
    if (stored?.ttl === undefined) throw new Error('it does not expire');
    return { client, id: document.id, ttl: stored.ttl, part: stored.part };
  }

  it('is nobody’s any more after a day, whenever DynamoDB removes it', async () => {
    const { client, id, ttl } = await expired();
    expect(ttl * 1000 - of.world.source.at.getTime()).toBeGreaterThan(86_398_000);
    const { at } = of.world.source;
    of.world.source.at = new Date(ttl * 1000);
    await expect(of.documents.read(of.world.principal, client, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(of.documents.change(of.world.principal, client, id, { name: 'x' }, undefined)).rejects.toMatchObject({
      code: 'not-found',
    });
    const { documents } = await of.documents.list(of.world.principal, client, {
      filter: {},
      limit: 9,
      after: undefined,
    });
    expect(documents.map((one) => one.id)).not.toContain(id);
    of.world.source.at = at;
  });

  it('is counted off once, however often it is told of, and whatever came for it is removed', async () => {
    const { client, id, ttl, part } = await expired();
    await smuggle(keyOf(client, id), 'too late');
    await deleteItem(of.world.table, keys.document(of.companyId, client, id));
    expect(await count(client)).toBe(2);
    for (let delivery = 0; delivery < 3; delivery++) await of.removal().expire(place(client, id), { part, ttl });
    await Promise.all([1, 2].map(() => of.removal().expire(place(client, id), { part, ttl })));
    expect(await count(client)).toBe(1);
    expect(await of.storage.listVersions(keyOf(client, id))).toEqual([]);
    expect(await logged(client)).toEqual(['document.expired failure']);
  });

  it('is counted off once by a function that is killed between any two calls', async () => {
    const { client, id, ttl, part } = await expired();
    await smuggle(keyOf(client, id), 'too late');
    await deleteItem(of.world.table, keys.document(of.companyId, client, id));
    expect(
      await killedEverywhere((parts) => of.removal(parts).expire(place(client, id), { part, ttl })),
    ).toBeGreaterThan(2);
    expect(await count(client)).toBe(1);
  });

  it('leaves nothing behind where the client is gone as well', async () => {
    const { client, id, ttl, part } = await expired();
    await transact(of.world.table, [
      writes(of.world.table.name).remove(keys.documentCount(of.companyId, client, part)),
    ]);
    await of.removal().expire(place(client, id), { part, ttl });
    expect(await logged(client)).toEqual([]);
  });
});

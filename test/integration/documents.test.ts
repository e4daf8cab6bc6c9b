import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentInput } from '../../lib/documents/schema.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { ClientId, DocumentId, mintId } from '../../lib/shared/ids.ts';
import { keys } from '../../lib/table/keys.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { newClient } from '../support/client-world.ts';
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
let calls: Call[];

beforeAll(async () => {
  const fresh = await freshTable();
  calls = fresh.calls;
  docs = await documentWorld(fresh.table);
});
afterAll(() => docs?.stop());

const read = (client: ClientId, id: DocumentId) => docs.documents.read(docs.world.principal, client, id);
const count = async (client: ClientId) =>
  (await docs.world.overview(docs.world.principal, client)).categories.documents.count;
const list = (client: ClientId, request: Partial<Parameters<typeof docs.documents.list>[2]> = {}) =>
  docs.documents.list(docs.world.principal, client, { filter: {}, limit: 50, after: undefined, ...request });
const keyOf = (client: ClientId, id: DocumentId) => `${docs.companyId}/${client}/${id}`;
const logOf = async (client: ClientId) =>
  (await docs.log.page(docs.companyId, client, { filter: {}, limit: 50, after: undefined })).entries;

describe('a document', () => {
  it('a document is pending until its bytes are uploaded, and is downloaded unchanged', async () => {
    const client = await createTestClient(docs);
    const bytes = '%PDF-1.7 …';
    const { document, upload } = await createUpload(docs, client, bytes, { name: ' Vertrag für Łódź.pdf ' });
    expect(document).toMatchObject({
      name: 'Vertrag für Łódź.pdf',
      status: 'pending',
      visibility: 'internal',
      version: 1,
    });
    expect(Object.keys(upload.headers).sort()).toEqual([
      'content-length',
      'content-type',
      'if-none-match',
      'x-amz-checksum-sha256',
    ]);
    expect(Date.parse(upload.expiresAt) - docs.world.source.at.getTime()).toBeGreaterThan(3598_000);
    await expect(docs.documents.download(docs.world.principal, client, document.id)).rejects.toMatchObject({
      code: 'document-pending',
    });
    expect(await put(upload, bytes)).toBe(200);
    for (const arrival of arrivals(docs)) await docs.receipt()(arrival);
    expect(await read(client, document.id)).toEqual({
      ...document,
      status: 'available',
      version: 2,
      updatedAt: expect.any(String),
    });
    const { url } = await docs.documents.download(docs.world.principal, client, document.id);
    const answer = await fetch(url);
    expect(await answer.text()).toBe(bytes);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="Vertrag f_r _d_.pdf"; filename*=UTF-8\'\'Vertrag%20f%C3%BCr%20%C5%81%C3%B3d%C5%BA.pdf',
    );
    expect(await logOf(client)).toMatchObject([
      { event: 'document.received', outcome: 'success', subject: { type: 'document', id: document.id } },
    ]);
    expect(await count(client)).toBe(1);
  });

  it('a presigned download is valid for five minutes, and only for the request that it is signed for', async () => {
    const client = await createTestClient(docs);
    const { id } = await uploadDocument(docs, client, 'secret', { contentType: 'text/html' });
    const { url, expiresAt } = await docs.documents.download(docs.world.principal, client, id);
    const got = await fetch(url);
    expect([got.status, got.headers.get('content-type'), got.headers.get('cache-control')]).toEqual([
      200,
      'application/octet-stream',
      'private, no-store',
    ]);
    await got.text();
    const status = async (address: string, init?: RequestInit) => {
      const answer = await fetch(address, init);
      await answer.text();
      return answer.status;
    };
    expect(await status(url.replace('attachment', 'inline'))).toBe(403);
    expect(await status(url.replace('octet-stream', 'xhtml'))).toBe(403);
    expect(await status(url.split('?')[0] ?? '')).toBe(403);
    expect(await status(url, { method: 'DELETE' })).toBe(403);
    const { at } = docs.world.source;
    docs.world.source.at = new Date(Date.parse(expiresAt) + 1000);
    expect(await status(url)).toBe(403);
    docs.world.source.at = at;
  });

  it('a document can be renamed and shown in the portal, pending or available', async () => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, 'abc');
    const patch = (body: object, ifMatch?: number[]) =>
      docs.documents.change(docs.world.principal, client, document.id, { ...body }, ifMatch);
    expect(await patch({ name: 'Other.pdf' })).toMatchObject({ name: 'Other.pdf', visibility: 'internal', version: 2 });
    expect(await patch({ visibility: 'portal' }, [2])).toMatchObject({ status: 'pending', version: 3 });
    await expect(patch({ name: 'x' }, [2])).rejects.toMatchObject({ code: 'stale-version' });
    await expect(patch({ name: null })).rejects.toMatchObject({ code: 'validation' });
    await expect(patch({ name: '../x' })).rejects.toMatchObject({
      errors: [{ pointer: '/name', code: 'path-separator' }],
    });
    expect(await put(upload, 'abc')).toBe(200);
    for (const arrival of arrivals(docs)) await docs.receipt()(arrival);
    expect(await read(client, document.id)).toMatchObject({
      name: 'Other.pdf',
      visibility: 'portal',
      status: 'available',
    });
  });

  it('a document is not larger than the settings of the company allow', async () => {
    const client = await createTestClient(docs);
    const tooBig = createUpload(docs, client, 'x', { size: 100_000_001 });
    await expect(tooBig).rejects.toMatchObject({ errors: [{ pointer: '/size', code: 'too-big' }] });
    await expect(tooBig).rejects.toMatchObject({ errors: [{ detail: expect.stringContaining('100000000') }] });
    const { settings } = companySettingsServices({ table: docs.world.table, source: docs.world.source });
    await settings.change(docs.companyId, { documents: { maxSize: 10 } }, undefined);
    await expect(createUpload(docs, client, '12345678901')).rejects.toMatchObject({ code: 'validation' });
    await createUpload(docs, client, '1234567890');
    const { documents } = await settings.change(docs.companyId, { documents: null }, undefined);
    expect(documents).toEqual({ maxSize: 100_000_000 });
  });

  it('a document is found under its own client only', async () => {
    const [client, other] = [await createTestClient(docs), await createTestClient(docs)];
    const { id } = await uploadDocument(docs, client);
    const nobody = mintId(ClientId, 'cli', docs.world.source);
    for (const wrong of [other, nobody]) {
      await expect(read(wrong, id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(docs.documents.download(docs.world.principal, wrong, id)).rejects.toMatchObject({
        code: 'not-found',
      });
      await expect(docs.documents.remove(docs.world.principal, wrong, id, undefined)).rejects.toMatchObject({
        code: 'not-found',
      });
    }
    await expect(createUpload(docs, nobody, 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(list(nobody)).rejects.toMatchObject({ code: 'not-found' });
    expect(await read(client, id)).toMatchObject({ version: 2 });
  });
});

describe('S3 refuses an upload', () => {
  const bytes = 'the document';
  const headers = (changes: Record<string, string | undefined>, all: Record<string, string>) => {
    const merged = Object.entries({ ...all, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { headers: Object.fromEntries(merged) };
  };
  type PresignedUpload = Awaited<ReturnType<typeof createUpload>>['upload'];
  const base64 = (text: string) => Buffer.from(sha256(text), 'hex').toString('base64');
  const cases: [string, (upload: PresignedUpload) => Promise<number>][] = [
    ['with other bytes', (upload) => put(upload, 'the d0cument')],
    [
      'with other bytes and their checksum',
      (upload) =>
        put(upload, 'the d0cument', headers({ 'x-amz-checksum-sha256': base64('the d0cument') }, upload.headers)),
    ],
    [
      'of another length',
      (upload) => put(upload, 'the documents', headers({ 'content-length': undefined }, upload.headers)),
    ],
    [
      'with another content type',
      (upload) => put(upload, bytes, headers({ 'content-type': 'text/html' }, upload.headers)),
    ],
    [
      'without the checksum',
      (upload) => put(upload, bytes, headers({ 'x-amz-checksum-sha256': undefined }, upload.headers)),
    ],
    ['without the condition', (upload) => put(upload, bytes, headers({ 'if-none-match': undefined }, upload.headers))],
    [
      'with an altered signature',
      (upload) => put({ ...upload, url: upload.url.replace(/(X-Amz-Signature=)[0-9a-f]{8}/, '$100000000') }, bytes),
    ],
    [
      'with an altered lifetime',
      (upload) => put({ ...upload, url: upload.url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=7200') }, bytes),
    ],
    [
      'with fewer signed headers',
      (upload) => put({ ...upload, url: upload.url.replace(/SignedHeaders=[^&]*/, 'SignedHeaders=host') }, bytes),
    ],
    ['with another method', (upload) => put(upload, bytes, { method: 'POST' })],
    ['of another key', (upload) => put({ ...upload, url: upload.url.replace(/doc_./, 'doc_1') }, bytes)],
    ['without a signature', (upload) => put({ ...upload, url: upload.url.split('?')[0] ?? '' }, bytes)],
    [
      'after the URL expired',
      async (upload) => {
        const { at } = docs.world.source;
        docs.world.source.at = new Date(Date.parse(upload.expiresAt) + 1000);
        const status = await put(upload, bytes);
        docs.world.source.at = at;
        return status;
      },
    ],
  ];

  it.each(cases)('S3 refuses an upload %s', async (_, send) => {
    const client = await createTestClient(docs);
    const { document, upload } = await createUpload(docs, client, bytes);
    expect([400, 403, 405]).toContain(await send(upload));
    expect(await docs.storage.listVersions(keyOf(client, document.id))).toEqual([]);
    expect(arrivals(docs)).toEqual([]);
    expect(await read(client, document.id)).toMatchObject({ status: 'pending', version: 1 });
    // The unaltered URL works.
    expect(await put(upload, bytes)).toBe(200);
    arrivals(docs);
  });

  it('S3 refuses a second upload with the same URL', async () => {
    const client = await createTestClient(docs);
    const { upload } = await createUpload(docs, client, bytes);
    expect(await put(upload, bytes)).toBe(200);
    expect(await put(upload, bytes)).toBe(412);
    expect(arrivals(docs)).toHaveLength(1);
  });
});

describe('the list', () => {
  it('the list has visible documents, newest first, on full pages, and can be filtered', async () => {
    const client = await createTestClient(docs);
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      docs.world.source.at = new Date(docs.world.source.at.getTime() + 1);
      const visibility = index % 2 === 0 ? 'portal' : 'internal';
      const { document } = await createUpload(docs, client, `${index}`, { visibility });
      ids.unshift(document.id);
    }
    const [deleted = '', ...others] = ids;
    await docs.documents.remove(docs.world.principal, client, DocumentId.parse(deleted), undefined);
    const listIds = async (request: Parameters<typeof list>[1]) => {
      const { documents, next } = await list(client, request);
      return { ids: documents.map(({ id }) => id), next };
    };
    const first = await listIds({ limit: 4 });
    expect(first.ids).toEqual(others.slice(0, 4));
    expect(await listIds({ limit: 4, after: first.next })).toEqual({ ids: others.slice(4), next: undefined });
    expect((await listIds({ filter: { visibility: 'portal' } })).ids).toEqual(others.filter((_, at) => at % 2 === 1));
    expect((await listIds({ filter: { status: 'available' } })).ids).toEqual([]);
    expect((await listIds({ filter: { status: 'pending', visibility: 'internal' }, limit: 2 })).ids).toHaveLength(2);
  });

  it('the list takes one call', async () => {
    const client = await createTestClient(docs);
    await createUpload(docs, client, 'x');
    const before = calls.length;
    await list(client);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
  });
});

describe('the number of documents', () => {
  it('the count is exact when fifty documents are uploaded at once', async () => {
    const client = await createTestClient(docs);
    const uploads = await Promise.all(
      Array.from({ length: 50 }, (_, index) => createUpload(docs, client, `bytes ${index}`)),
    );
    const statuses = await Promise.all(uploads.map(({ upload }, index) => put(upload, `bytes ${index}`)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const allArrivals = arrivals(docs);
    await Promise.all([...allArrivals, ...allArrivals].map(docs.receipt()));
    expect(await count(client)).toBe(50);
    expect((await list(client, { filter: { status: 'available' } })).documents).toHaveLength(50);
    expect((await logOf(client)).filter(({ event }) => event === 'document.received')).toHaveLength(50);
  });

  it('a client has 5000 documents at most, and a deletion makes room for another', async () => {
    const client = await createTestClient(docs);
    await transact(
      docs.world.table,
      Array.from({ length: 8 }, (_, part) =>
        writes(docs.world.table.name).put(keys.documentCount(docs.companyId, client, part), {
          entity: 'document-count',
          schemaVersion: 1,
          documents: part === 3 ? 623 : 625,
        }),
      ),
    );
    const { document } = await createUpload(docs, client, 'x');
    await createUpload(docs, client, 'y');
    expect(await count(client)).toBe(5000);
    await expect(createUpload(docs, client, 'z')).rejects.toMatchObject({ code: 'too-many-documents' });
    await docs.documents.remove(docs.world.principal, client, document.id, undefined);
    await createUpload(docs, client, 'z');
    expect(await count(client)).toBe(5000);
  });

  it('the profile of a client with documents takes one call', async () => {
    const { id: client } = await newClient(docs.world, { name: 'C', contacts: [{ firstName: 'Ada' }] });
    await createUpload(docs, client, 'x');
    const before = calls.length;
    const profile = await docs.world.clients.profile(docs.world.principal, client);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
    expect(profile.contacts).toHaveLength(1);
    expect((await docs.world.contacts.list(docs.world.principal, client, 50, undefined)).contacts).toHaveLength(1);
  });
});

it('an invalid document is refused with every invalid field named', () => {
  const { error } = DocumentInput.safeParse({ name: '', contentType: 'pdf', size: 0, sha256: 'x', visibility: 'all' });
  expect(new Set(error?.issues.map(({ path }) => path.join('.')))).toEqual(
    new Set(['name', 'contentType', 'size', 'sha256', 'visibility']),
  );
});

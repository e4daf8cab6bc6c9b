import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentInput } from '../../lib/documents/schema.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { settingsService } from '../../lib/settings/service.ts';
import { ClientId, DocumentId, mintId } from '../../lib/shared/ids.ts';
import { keys } from '../../lib/table/keys.ts';
import { transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { newClient } from '../support/client-world.ts';
import {
  aClient,
  arrivals,
  createUpload,
  type DocumentWorld,
  documentWorld,
  put,
  sha256,
  uploaded,
} from '../support/document-world.ts';
import { freshTable } from '../support/table.ts';

let of: DocumentWorld;
let calls: Call[];

beforeAll(async () => {
  const fresh = await freshTable();
  calls = fresh.calls;
  of = await documentWorld(fresh.table);
});
afterAll(() => of?.stop());

const read = (client: ClientId, id: DocumentId) => of.documents.read(of.world.principal, client, id);
const count = async (client: ClientId) =>
  (await of.world.overview(of.world.principal, client)).categories.documents.count;
const list = (client: ClientId, request: Partial<Parameters<typeof of.documents.list>[2]> = {}) =>
  of.documents.list(of.world.principal, client, { filter: {}, limit: 50, after: undefined, ...request });
const keyOf = (client: ClientId, id: DocumentId) => `${of.companyId}/${client}/${id}`;
const logOf = async (client: ClientId) =>
  (await of.log.page(of.companyId, client, { filter: {}, limit: 50, after: undefined })).entries;

describe('a document', () => {
  it('is pending until its bytes are there, and comes back as it went', async () => {
    const client = await aClient(of);
    const bytes = '%PDF-1.7 …';
    const { document, upload } = await createUpload(of, client, bytes, { name: ' Vertrag für Łódź.pdf ' });
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
    expect(Date.parse(upload.expiresAt) - of.world.source.at.getTime()).toBeGreaterThan(3598_000);
    await expect(of.documents.download(of.world.principal, client, document.id)).rejects.toMatchObject({
      code: 'document-pending',
    });
    expect(await put(upload, bytes)).toBe(200);
    for (const arrival of arrivals(of)) await of.receipt()(arrival);
    expect(await read(client, document.id)).toEqual({
      ...document,
      status: 'available',
      version: 2,
      updatedAt: expect.any(String),
    });
    const { url } = await of.documents.download(of.world.principal, client, document.id);
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

  it('has a location for five minutes that can be neither altered nor used for anything else', async () => {
    const client = await aClient(of);
    const { id } = await uploaded(of, client, 'secret', { contentType: 'text/html' });
    const { url, expiresAt } = await of.documents.download(of.world.principal, client, id);
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
    const { at } = of.world.source;
    of.world.source.at = new Date(Date.parse(expiresAt) + 1000);
    expect(await status(url)).toBe(403);
    of.world.source.at = at;
  });

  it('is renamed and shown to the portal, whether or not it is there yet', async () => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, 'abc');
    const patch = (body: object, ifMatch?: number[]) =>
      of.documents.change(of.world.principal, client, document.id, { ...body }, ifMatch);
    expect(await patch({ name: 'Other.pdf' })).toMatchObject({ name: 'Other.pdf', visibility: 'internal', version: 2 });
    expect(await patch({ visibility: 'portal' }, [2])).toMatchObject({ status: 'pending', version: 3 });
    await expect(patch({ name: 'x' }, [2])).rejects.toMatchObject({ code: 'stale-version' });
    await expect(patch({ name: null })).rejects.toMatchObject({ code: 'validation' });
    await expect(patch({ name: '../x' })).rejects.toMatchObject({
      errors: [{ pointer: '/name', code: 'path-separator' }],
    });
    expect(await put(upload, 'abc')).toBe(200);
    for (const arrival of arrivals(of)) await of.receipt()(arrival);
    expect(await read(client, document.id)).toMatchObject({
      name: 'Other.pdf',
      visibility: 'portal',
      status: 'available',
    });
  });

  it('is not larger than the company allows', async () => {
    const client = await aClient(of);
    const tooBig = createUpload(of, client, 'x', { size: 100_000_001 });
    await expect(tooBig).rejects.toMatchObject({ errors: [{ pointer: '/size', code: 'too-big' }] });
    await expect(tooBig).rejects.toMatchObject({ errors: [{ detail: expect.stringContaining('100000000') }] });
    const settings = settingsService({
      settings: settingsRepository(of.world.table),
      source: of.world.source,
      dayIn: () => ({ year: '2026', month: '01' }),
    });
    await settings.change(of.companyId, { documents: { maxSize: 10 } }, undefined);
    await expect(createUpload(of, client, '12345678901')).rejects.toMatchObject({ code: 'validation' });
    await createUpload(of, client, '1234567890');
    const { documents } = await settings.change(of.companyId, { documents: null }, undefined);
    expect(documents).toEqual({ maxSize: 100_000_000 });
  });

  it('belongs to its client and company alone', async () => {
    const [client, other] = [await aClient(of), await aClient(of)];
    const { id } = await uploaded(of, client);
    const nobody = mintId(ClientId, 'cli', of.world.source);
    for (const wrong of [other, nobody]) {
      await expect(read(wrong, id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(of.documents.download(of.world.principal, wrong, id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(of.documents.remove(of.world.principal, wrong, id, undefined)).rejects.toMatchObject({
        code: 'not-found',
      });
    }
    await expect(createUpload(of, nobody, 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(list(nobody)).rejects.toMatchObject({ code: 'not-found' });
    expect(await read(client, id)).toMatchObject({ version: 2 });
  });
});

describe('the storage refuses', () => {
  const bytes = 'the document';
  const headers = (changes: Record<string, string | undefined>, all: Record<string, string>) => {
    const merged = Object.entries({ ...all, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { headers: Object.fromEntries(merged) };
  };
  type Announced = Awaited<ReturnType<typeof createUpload>>['upload'];
  const base64 = (text: string) => Buffer.from(sha256(text), 'hex').toString('base64');
  const cases: [string, (upload: Announced) => Promise<number>][] = [
    ['other bytes', (upload) => put(upload, 'the d0cument')],
    [
      'other bytes with their own checksum',
      (upload) =>
        put(upload, 'the d0cument', headers({ 'x-amz-checksum-sha256': base64('the d0cument') }, upload.headers)),
    ],
    [
      'another length',
      (upload) => put(upload, 'the documents', headers({ 'content-length': undefined }, upload.headers)),
    ],
    ['another type', (upload) => put(upload, bytes, headers({ 'content-type': 'text/html' }, upload.headers))],
    [
      'a missing checksum',
      (upload) => put(upload, bytes, headers({ 'x-amz-checksum-sha256': undefined }, upload.headers)),
    ],
    ['a missing condition', (upload) => put(upload, bytes, headers({ 'if-none-match': undefined }, upload.headers))],
    [
      'an altered signature',
      (upload) => put({ ...upload, url: upload.url.replace(/(X-Amz-Signature=)[0-9a-f]{8}/, '$100000000') }, bytes),
    ],
    [
      'an altered time',
      (upload) => put({ ...upload, url: upload.url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=7200') }, bytes),
    ],
    [
      'fewer signed headers',
      (upload) => put({ ...upload, url: upload.url.replace(/SignedHeaders=[^&]*/, 'SignedHeaders=host') }, bytes),
    ],
    ['another method', (upload) => put(upload, bytes, { method: 'POST' })],
    ['another key', (upload) => put({ ...upload, url: upload.url.replace(/doc_./, 'doc_1') }, bytes)],
    ['nobody', (upload) => put({ ...upload, url: upload.url.split('?')[0] ?? '' }, bytes)],
    [
      'an expired location',
      async (upload) => {
        const { at } = of.world.source;
        of.world.source.at = new Date(Date.parse(upload.expiresAt) + 1000);
        const status = await put(upload, bytes);
        of.world.source.at = at;
        return status;
      },
    ],
  ];

  it.each(cases)('%s', async (_, send) => {
    const client = await aClient(of);
    const { document, upload } = await createUpload(of, client, bytes);
    expect([400, 403, 405]).toContain(await send(upload));
    expect(await of.storage.listVersions(keyOf(client, document.id))).toEqual([]);
    expect(arrivals(of)).toEqual([]);
    expect(await read(client, document.id)).toMatchObject({ status: 'pending', version: 1 });
    // The location itself is good.
    expect(await put(upload, bytes)).toBe(200);
    arrivals(of);
  });

  it('a second upload', async () => {
    const client = await aClient(of);
    const { upload } = await createUpload(of, client, bytes);
    expect(await put(upload, bytes)).toBe(200);
    expect(await put(upload, bytes)).toBe(412);
    expect(arrivals(of)).toHaveLength(1);
  });
});

describe('the list', () => {
  it('is of what is there, newest first, in full pages, and filtered', async () => {
    const client = await aClient(of);
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      of.world.source.at = new Date(of.world.source.at.getTime() + 1);
      const visibility = index % 2 === 0 ? 'portal' : 'internal';
      const { document } = await createUpload(of, client, `${index}`, { visibility });
      ids.unshift(document.id);
    }
    const [gone = '', ...left] = ids;
    await of.documents.remove(of.world.principal, client, DocumentId.parse(gone), undefined);
    const named = async (request: Parameters<typeof list>[1]) => {
      const { documents, next } = await list(client, request);
      return { ids: documents.map(({ id }) => id), next };
    };
    const first = await named({ limit: 4 });
    expect(first.ids).toEqual(left.slice(0, 4));
    expect(await named({ limit: 4, after: first.next })).toEqual({ ids: left.slice(4), next: undefined });
    expect((await named({ filter: { visibility: 'portal' } })).ids).toEqual(left.filter((_, at) => at % 2 === 1));
    expect((await named({ filter: { status: 'available' } })).ids).toEqual([]);
    expect((await named({ filter: { status: 'pending', visibility: 'internal' }, limit: 2 })).ids).toHaveLength(2);
  });

  it('takes one call', async () => {
    const client = await aClient(of);
    await createUpload(of, client, 'x');
    const before = calls.length;
    await list(client);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
  });
});

describe('the number of documents', () => {
  it('is right when fifty come at once', async () => {
    const client = await aClient(of);
    const announced = await Promise.all(
      Array.from({ length: 50 }, (_, index) => createUpload(of, client, `bytes ${index}`)),
    );
    const statuses = await Promise.all(announced.map(({ upload }, index) => put(upload, `bytes ${index}`)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const came = arrivals(of);
    await Promise.all([...came, ...came].map(of.receipt()));
    expect(await count(client)).toBe(50);
    expect((await list(client, { filter: { status: 'available' } })).documents).toHaveLength(50);
    expect((await logOf(client)).filter(({ event }) => event === 'document.received')).toHaveLength(50);
  });

  it('has an end, to the last one, and goes down again', async () => {
    const client = await aClient(of);
    await transact(
      of.world.table,
      Array.from({ length: 8 }, (_, part) =>
        writes(of.world.table.name).put(keys.documentCount(of.companyId, client, part), {
          entity: 'document-count',
          schemaVersion: 1,
          documents: part === 3 ? 623 : 625,
        }),
      ),
    );
    const { document } = await createUpload(of, client, 'x');
    await createUpload(of, client, 'y');
    expect(await count(client)).toBe(5000);
    await expect(createUpload(of, client, 'z')).rejects.toMatchObject({ code: 'too-many-documents' });
    await of.documents.remove(of.world.principal, client, document.id, undefined);
    await createUpload(of, client, 'z');
    expect(await count(client)).toBe(5000);
  });

  it('stands with the profile, which takes no more calls', async () => {
    const { id: client } = await newClient(of.world, { name: 'C', contacts: [{ firstName: 'Ada' }] });
    await createUpload(of, client, 'x');
    const before = calls.length;
    const profile = await of.world.clients.profile(of.world.principal, client);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
    expect(profile.contacts).toHaveLength(1);
    expect((await of.world.contacts.list(of.world.principal, client, 50, undefined)).contacts).toHaveLength(1);
  });
});

it('an input is refused with all its faults', () => {
  const { error } = DocumentInput.safeParse({ name: '', contentType: 'pdf', size: 0, sha256: 'x', visibility: 'all' });
  expect(new Set(error?.issues.map(({ path }) => path.join('.')))).toEqual(
    new Set(['name', 'contentType', 'size', 'sha256', 'visibility']),
  );
});

import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createClient, send, signUp, type TestCompany, tokenOf } from '../support/api/client.ts';
import { createDocument, documentInputOf, put, waitUntilAvailable } from '../support/api/documents.ts';
import { expectProblem } from '../support/api/problem.ts';

const local = inject('apiIsLocal');
let company: TestCompany;
let token: string;
beforeAll(async () => {
  company = await signUp();
  ({ token } = company);
});

const documentsOf = (client: string) => `/v1/clients/${client}/documents`;

describe('a document', () => {
  it('a document is uploaded and downloaded directly, not through the API', async () => {
    const { id: client } = await createClient(company);
    const bytes = randomBytes(200_000);
    const body = documentInputOf(bytes, { name: '契約書 2026.pdf', visibility: 'portal' });
    const created = await send(documentsOf(client), { token, body });
    expect(created.status).toBe(201);
    const { document, upload } = created.json;
    expect(created.headers.get('location')).toBe(`${documentsOf(client)}/${document.id}`);
    expect(created.headers.get('etag')).toBe('"1"');
    expect(document).toMatchObject({ status: 'pending', name: '契約書 2026.pdf', size: 200_000 });
    const documentPath = `${documentsOf(client)}/${document.id}`;
    expectProblem(await send(`${documentPath}/download`, { token, body: {} }), 'document-pending');
    expect(await put(upload, bytes)).toBe(200);
    expect(await waitUntilAvailable(token, client, document.id)).toMatchObject({ version: 2, visibility: 'portal' });

    const { json: download } = await send(`${documentPath}/download`, { method: 'POST', token });
    const remainingMs = Date.parse(download.expiresAt) - Date.now();
    expect(remainingMs).toBeGreaterThan(270_000);
    expect(remainingMs).toBeLessThanOrEqual(300_000);
    const answer = await fetch(download.url);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);

    const profile = await send(`/v1/clients/${client}?include=users,documents`, { token });
    expect(profile.json).toMatchObject({ documents: [{ id: document.id, status: 'available' }], users: [] });
    const { json: overview } = await send(`/v1/clients/${client}/overview`, { token });
    expect(overview.categories.documents).toEqual({
      count: 1,
      href: documentsOf(client),
      createHref: documentsOf(client),
    });
    const { json: logs } = await send(`/v1/clients/${client}/system-logs`, { token });
    expect(logs).toMatchObject({
      data: [{ category: 'document', event: 'document.received', outcome: 'success', subject: { id: document.id } }],
      nextCursor: null,
    });
    const failures = await send(`/v1/clients/${client}/system-logs?outcome=failure`, { token });
    expect(failures.json.data).toEqual([]);
  });

  it.skipIf(!local)(
    'comes down under its own name (only local: ministack ignores how an answer is to be)',
    async () => {
      const { id: client } = await createClient(company);
      const { document, upload } = await createDocument(token, client, 'named', { name: '契約書 2026.pdf' });
      expect(await put(upload, 'named')).toBe(200);
      await waitUntilAvailable(token, client, document.id);
      const { json } = await send(`${documentsOf(client)}/${document.id}/download`, { token, body: {} });
      const { headers } = await fetch(json.url);
      expect(headers.get('content-disposition')).toBe(
        'attachment; filename="_ 2026.pdf"; filename*=UTF-8\'\'%E5%A5%91%E7%B4%84%E6%9B%B8%202026.pdf',
      );
    },
  );

  it('a document is deleted with its bytes: its presigned URL soon answers 404', async () => {
    const { id: client } = await createClient(company);
    const { document, upload } = await createDocument(token, client, 'bytes');
    expect(await put(upload, 'bytes')).toBe(200);
    await waitUntilAvailable(token, client, document.id);
    const documentPath = `${documentsOf(client)}/${document.id}`;
    const { json: download } = await send(`${documentPath}/download`, { token, body: {} });
    const statusNow = async () => {
      const answer = await fetch(download.url);
      await answer.text();
      return answer.status;
    };
    expect(await statusNow()).toBe(200);
    expectProblem(
      await send(documentPath, { method: 'DELETE', token, headers: { 'if-match': '"1"' } }),
      'stale-version',
    );
    expect((await send(documentPath, { method: 'DELETE', token, headers: { 'if-match': '"2"' } })).status).toBe(204);
    for (const path of [documentPath, `${documentPath}/download`]) {
      const body = path === documentPath ? undefined : {};
      expectProblem(await send(path, { token, body }), 'not-found');
    }
    expect((await send(documentsOf(client), { token })).json.data).toEqual([]);
    // Without the permission to list the bucket, S3 does not tell whether an object exists.
    await vi.waitFor(async () => expect([403, 404]).toContain(await statusNow()), { timeout: 30_000, interval: 100 });
  });

  it('a document of 100 MB can be uploaded and downloaded', async () => {
    const { id: client } = await createClient(company);
    const bytes = Buffer.alloc(100_000_000, randomBytes(1_000_000));
    const { document, upload } = await createDocument(token, client, bytes);
    expect(await put(upload, bytes)).toBe(200);
    await waitUntilAvailable(token, client, document.id);
    const { json } = await send(`${documentsOf(client)}/${document.id}/download`, { token, body: {} });
    const hash = createHash('sha256');
    const { body } = await fetch(json.url);
    for await (const chunk of body ?? []) hash.update(chunk);
    expect(hash.digest('hex')).toBe(document.sha256);
  });

  it('a document is created once for an Idempotency-Key', async () => {
    const { id: client } = await createClient(company);
    const call = () =>
      send(documentsOf(client), { token, body: documentInputOf('x'), headers: { 'idempotency-key': 'create' } });
    const [first, second] = [await call(), await call()];
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await send(documentsOf(client), { token })).json.data).toHaveLength(1);
  });

  it('an invalid document is refused with every invalid field named at once', async () => {
    const { id: client } = await createClient(company);
    const body = { name: 'a/b', contentType: 'pdf', size: 1.5, sha256: 'x', visibility: 'all', more: 1 };
    const refused = await send(documentsOf(client), { token, body });
    const pointers = ['/name', '/contentType', '/size', '/sha256', '/visibility', '/more'];
    expectProblem(refused, 'validation', pointers);
    const tooBig = await send(documentsOf(client), { token, body: documentInputOf('x', { size: 100_000_001 }) });
    expectProblem(tooBig, 'validation', ['/size']);
  });
});

describe('who may', () => {
  it('viewers read and download documents, editors change them, users of the lowest role may do nothing', async () => {
    const { id: client } = await createClient(company);
    const { document } = await createDocument(token, client, 'x');
    const documentPath = `${documentsOf(client)}/${document.id}`;
    const viewer = await tokenOf(company, 'viewer');
    expect((await send(documentPath, { token: viewer })).status).toBe(200);
    expectProblem(await send(`${documentPath}/download`, { token: viewer, body: {} }), 'document-pending');
    expectProblem(await send(documentsOf(client), { token: viewer, body: documentInputOf('x') }), 'role-too-low');
    const user = await tokenOf(company, 'user');
    for (const path of [documentPath, documentsOf(client), `/v1/clients/${client}/system-logs`])
      expectProblem(await send(path, { token: user }), 'role-too-low');
  });

  it('a document of another company or client is not found', async () => {
    const theirs = await signUp();
    const { id: client } = await createClient(theirs);
    const { document, upload } = await createDocument(theirs.token, client, 'theirs');
    expect(await put(upload, 'theirs')).toBe(200);
    await waitUntilAvailable(theirs.token, client, document.id);
    const { id: other } = await createClient(theirs);
    const own = await createClient(company);
    const attempts = [
      [company.token, client],
      [company.token, own.id],
      [theirs.token, other],
    ] as const;
    for (const [by, of] of attempts) {
      const path = `${documentsOf(of)}/${document.id}`;
      expectProblem(await send(path, { token: by }), 'not-found');
      expectProblem(await send(`${path}/download`, { token: by, body: {} }), 'not-found');
      expectProblem(await send(path, { method: 'DELETE', token: by }), 'not-found');
      expectProblem(await send(path, { method: 'PATCH', token: by, body: { name: 'x' } }), 'not-found');
    }
    expectProblem(await send(`/v1/clients/${client}/system-logs`, company), 'not-found');
  });
});

describe('from a page of another origin', () => {
  const origin = 'http://localhost:5173';
  /** The CORS preflight of a browser: whether the answer allows the request. */
  async function preflight(url: string, method: string, headers: string[], from = origin) {
    const answer = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': headers.sort().join(','),
      },
    });
    await answer.text();
    const list = (name: string) => (answer.headers.get(name) ?? '').toLowerCase().split(/,\s*/);
    return {
      ok: answer.ok && ['*', from].includes(answer.headers.get('access-control-allow-origin') ?? ''),
      methods: list('access-control-allow-methods'),
      headers: list('access-control-allow-headers'),
    };
  }

  it.skipIf(!local)(
    'fetch may send exactly the headers of the upload, and read the download (only local: ministack lets every page do everything)',
    async () => {
      const { id: client } = await createClient(company);
      const { document, upload } = await createDocument(token, client, 'from a page');
      // A browser sets this header itself, and does not ask for it in the preflight.
      const named = Object.keys(upload.headers).filter((name) => name !== 'content-length');
      const preflightAnswer = await preflight(upload.url, 'PUT', named);
      expect(preflightAnswer.ok).toBe(true);
      expect(preflightAnswer.methods).toContain('put');
      expect(preflightAnswer.headers).toEqual(expect.arrayContaining(named));
      const uploadAnswer = await fetch(upload.url, {
        method: 'PUT',
        headers: { ...upload.headers, origin },
        body: 'from a page',
      });
      expect([
        uploadAnswer.status,
        ['*', origin].includes(uploadAnswer.headers.get('access-control-allow-origin') ?? ''),
      ]).toEqual([200, true]);
      await uploadAnswer.text();
      await waitUntilAvailable(token, client, document.id);
      const { json } = await send(`${documentsOf(client)}/${document.id}/download`, { token, body: {} });
      const got = await fetch(json.url, { headers: { origin } });
      expect(['*', origin]).toContain(got.headers.get('access-control-allow-origin'));
      expect(got.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('content-disposition');
      expect(await got.text()).toBe('from a page');
      expect((await preflight(upload.url, 'DELETE', [])).ok).toBe(false);
      expect((await preflight(upload.url, 'PUT', named, 'https://elsewhere.example')).ok).toBe(false);
    },
  );
});

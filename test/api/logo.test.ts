import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import * as z from 'zod';
import { createClient, send, signUp, signUpVerified, type TestCompany, tokenOf } from '../support/api/client.ts';
import { put } from '../support/api/documents.ts';
import { LOGO, logoInputOf, uploadLogo, waitForLogo } from '../support/api/logo.ts';
import { expectProblem } from '../support/api/problem.ts';
import { jpegOf, pngOf } from '../support/pictures.ts';

const local = inject('apiIsLocal');
const PATIENCE = { timeout: 30_000, interval: 100 };

/** The system log's entries of events of logos, newest first. */
const logged = async ({ token }: TestCompany) =>
  (await send('/v1/system-logs?category=logo', { token })).json.data.map(
    ({ event, subject }: { event: string; subject: { id: string } }) => `${event} ${subject.id}`,
  );

describe('the logo', () => {
  let company: TestCompany;
  beforeAll(async () => {
    company = await signUp();
  });

  it('is uploaded, downloaded, replaced and deleted', async () => {
    const { token } = company;
    expectProblem(await send(LOGO, { token }), 'not-found');
    expectProblem(await send(LOGO, { method: 'DELETE', token }), 'not-found');
    const bytes = pngOf(480, 128);
    const id = await uploadLogo(token, bytes);
    const logo = await waitForLogo(token, id);
    expect(logo).toEqual({
      id,
      ...{ contentType: 'image/png', width: 480, height: 128, size: bytes.length, version: 1 },
      url: expect.any(String),
      urlExpiresAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const download = await fetch(logo.url);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
    expect(download.headers.get('content-type')).toBe('image/png');

    const next = await uploadLogo(token, jpegOf(100, 40), { contentType: 'image/jpeg' });
    expect(await waitForLogo(token, next)).toMatchObject({ contentType: 'image/jpeg', version: 2 });
    const removed = async (which: string) =>
      vi.waitFor(async () => expect(await logged(company)).toContain(`logo.removed ${which}`), PATIENCE);
    await removed(id);
    const gone = await fetch(logo.url);
    await gone.text();
    // Without the permission to list the bucket, S3 does not tell whether an object exists.
    expect([403, 404]).toContain(gone.status);

    const remove = (version: number) =>
      send(LOGO, { method: 'DELETE', token, headers: { 'if-match': `"${version}"` } });
    expectProblem(await remove(1), 'stale-version');
    expect((await remove(2)).status).toBe(204);
    expectProblem(await send(LOGO, { token }), 'not-found');
    await removed(next);
  });

  it('is refused with the reason in the system log if it is no picture', async () => {
    const { token } = company;
    const id = await uploadLogo(token, Buffer.from('<svg width="100" height="100"/>'));
    await vi.waitFor(
      async () =>
        expect(await logged(company)).toEqual(expect.arrayContaining([`logo.refused ${id}`, `logo.removed ${id}`])),
      PATIENCE,
    );
    const { json } = await send('/v1/system-logs?category=logo&outcome=failure', { token });
    expect(json.data).toMatchObject([
      { detail: expect.stringContaining('it is no PNG'), subject: { type: 'logo', id } },
    ]);
    expectProblem(await send(LOGO, { token }), 'not-found');
  });

  it.skipIf(!local)('is uploaded exactly as it was announced (only local: ministack checks less)', async () => {
    const { token } = company;
    const bytes = pngOf(20, 20);
    const { json } = await send(LOGO, { token, body: logoInputOf(bytes) });
    const other = Buffer.from(bytes);
    other[40] = 0;
    expect(await put(json.upload, other)).toBe(400);
    const { upload } = json;
    const retyped = { ...upload, headers: { ...upload.headers, 'content-type': 'text/html' } };
    expect(await put(retyped, bytes)).toBe(403);
  });

  it('an invalid description is refused with every invalid field named at once', async () => {
    const { token } = company;
    const body = { contentType: 'image/svg+xml', size: 524_289, sha256: 'x', name: 'logo.svg' };
    const refused = await send(LOGO, { token, body });
    expectProblem(refused, 'validation', ['/contentType', '/size', '/sha256', '/name']);
    expectProblem(await send(LOGO, { token, body: {} }), 'validation', ['/contentType', '/size', '/sha256']);
    for (const size of [0, -1, 1.5])
      expectProblem(await send(LOGO, { token, body: logoInputOf(pngOf(20, 20), { size }) }), 'validation', ['/size']);
  });

  it('an upload is created once for an Idempotency-Key', async () => {
    const { token } = company;
    const body = logoInputOf(pngOf(20, 20));
    const call = () => send(LOGO, { token, body, headers: { 'idempotency-key': 'logo' } });
    const [first, second] = [await call(), await call()];
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is set and deleted by admins, and seen by all staff but users of the lowest role and other companies', async () => {
    const own = await signUp();
    const id = await uploadLogo(own.token);
    await waitForLogo(own.token, id);
    const body = logoInputOf(pngOf(20, 20));
    for (const role of ['editor', 'viewer', 'user'] as const) {
      const token = await tokenOf(own, role);
      expectProblem(await send(LOGO, { token, body }), 'role-too-low');
      expectProblem(await send(LOGO, { method: 'DELETE', token }), 'role-too-low');
      const read = await send(LOGO, { token });
      if (role === 'user') expectProblem(read, 'role-too-low');
      else expect(read.json.id).toBe(id);
    }
    const theirs = await signUp();
    expectProblem(await send(LOGO, { token: theirs.token }), 'not-found');
    expectProblem(await send(LOGO, { method: 'DELETE', token: theirs.token }), 'not-found');
    expect((await send(LOGO, { method: 'DELETE', token: await tokenOf(own, 'admin') })).status).toBe(204);
  });
});

describe.skipIf(!local)('a mail with the logo (only local: the test reads the inbox)', () => {
  const Mails = z.array(z.object({ html: z.string(), attachments: z.array(z.object({ contentType: z.string() })) }));
  const mailTo = (address: string) =>
    vi.waitFor(async () => {
      const answer = await fetch(`${inject('apiUrl')}/_local/mail?to=${encodeURIComponent(address)}`);
      const [mail] = Mails.parse(await answer.json());
      if (!mail) throw new Error('no mail yet');
      return mail;
    }, PATIENCE);

  it('contains it for contacts, and has the name of the company for staff', async () => {
    const company = await signUpVerified();
    const { token } = company;
    await waitForLogo(token, await uploadLogo(token));
    const contact = `${crypto.randomUUID()}@x.example`;
    await createClient(company, { name: 'N', contacts: [{ email: contact }], sendWelcomeEmail: true });
    const toContact = await mailTo(contact);
    expect(toContact.html).toMatch(/<img\s[^>]*src="cid:logo_/);
    expect(toContact.attachments).toMatchObject([{ contentType: 'image/png' }]);
    const colleague = `${crypto.randomUUID()}@x.example`;
    await send('/v1/users', { token, body: { email: colleague, name: 'Uma', role: 'viewer' } });
    const toColleague = await mailTo(colleague);
    expect(toColleague.html).not.toContain('<img');
    expect(toColleague.attachments).toEqual([]);
  });
});

import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bucket, reader } from './s3-settings.ts';
import { codeOf, type S3World, sha256, signUpload, startWorld, upload } from './s3-world.ts';

let world: S3World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let number = 0;
const newKey = () => `co_1/cli_1/doc_${++number}`;
const body = 'the document';
const evil = 'the D0cument';
const put = (Key: string, Body: string, more = {}) =>
  world.client().send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm: 'SHA256', ...more }));
const read = async (Key: string, more = {}) =>
  (await world.client().send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const isThere = (Key: string) =>
  world
    .client()
    .send(new HeadObjectCommand({ Bucket, Key }))
    .then(
      () => true,
      () => false,
    );

describe('a signed upload', () => {
  it('accepts the signed body, once', async () => {
    const key = newKey();
    const location = await signUpload(world, key, body);
    const answer = await upload(location, body);
    expect([answer.status, answer.headers.get('x-amz-version-id')]).toEqual([200, expect.any(String)]);
    expect(await read(key)).toBe(body);
    expect(await upload(location, body)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    expect(new URL(location.url).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-checksum-sha256',
    );
  });

  const other = { 'x-amz-checksum-sha256': sha256(evil) };
  it.each<[string, (one: { url: string; headers: Record<string, string> }, key: string) => unknown, string, object]>([
    ['other bytes of the same length', (one) => one, evil, { status: 400, code: 'BadDigest' }],
    [
      'other bytes and their checksum',
      (one) => ({ ...one, headers: { ...one.headers, ...other } }),
      evil,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    ['another length', (one) => one, `${body}!`, { status: 403, code: 'SignatureDoesNotMatch' }],
    [
      'another content type',
      (one) => ({ ...one, headers: { ...one.headers, 'content-type': 'text/html' } }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'no checksum',
      ({ url, headers: { 'x-amz-checksum-sha256': _, ...headers } }) => ({ url, headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'no If-None-Match',
      ({ url, headers: { 'if-none-match': _, ...headers } }) => ({ url, headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'a header that was not signed',
      (one) => ({ ...one, headers: { ...one.headers, 'x-amz-meta-owner': 'me' } }),
      body,
      { status: 403, code: 'AccessDenied' },
    ],
    [
      'another key',
      ({ url, headers }, key) => ({ url: url.replace(key, `${key}0`), headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'a later expiry',
      ({ url, headers }) => ({ url: url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'), headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'an expiry of more than a week',
      ({ url, headers }) => ({ url: url.replace('X-Amz-Expires=300', 'X-Amz-Expires=604801'), headers }),
      body,
      { status: 400, code: 'AuthorizationQueryParametersError' },
    ],
    [
      'an additional parameter',
      ({ url, headers }) => ({ url: `${url}&response-content-type=text%2Fhtml`, headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'an unknown access key',
      ({ url, headers }) => ({ url: url.replace('AKIAALL', 'AKIANOBODY'), headers }),
      body,
      { status: 403, code: 'InvalidAccessKeyId' },
    ],
    [
      'the access key of another caller',
      ({ url, headers }) => ({ url: url.replace('AKIAALL', 'AKIAREADER'), headers }),
      body,
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'another region',
      ({ url, headers }) => ({ url: url.replace('eu-west-1', 'us-east-1'), headers }),
      body,
      { status: 400, code: 'AuthorizationQueryParametersError' },
    ],
    [
      'no signature',
      ({ url, headers }) => ({ url: url.split('?')[0], headers }),
      body,
      { status: 403, code: 'AccessDenied' },
    ],
  ])('refuses %s, and keeps nothing', async (_what, change, sent, expected) => {
    const key = newKey();
    const changed = change(await signUpload(world, key, body), key) as Awaited<ReturnType<typeof signUpload>>;
    expect(await upload(changed, sent)).toMatchObject(expected);
    expect(await isThere(key)).toBe(false);
  });

  it('is for one method', async () => {
    const key = newKey();
    const { url, headers } = await signUpload(world, key, body);
    expect(await upload({ url, headers: {} }, '', 'GET')).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    await upload({ url, headers }, body);
    expect(await upload({ url, headers: {} }, '', 'DELETE')).toMatchObject({ status: 403 });
    expect(await read(key)).toBe(body);
  });

  it('is valid from its date until it expires', async () => {
    const own = await startWorld();
    const start = new Date('2026-05-01T12:00:00Z');
    const location = await signUpload(own, newKey(), body, {}, { signingDate: start });
    own.clock.now = new Date(start.getTime() + 301_000);
    expect(await upload(location, body)).toMatchObject({ status: 403, code: 'AccessDenied' });
    own.clock.now = new Date(start.getTime() - 16 * 60_000);
    expect(await upload(location, body)).toMatchObject({ status: 403, code: 'AccessDenied' });
    own.clock.now = new Date(start.getTime() + 299_000);
    expect(await upload(location, body)).toMatchObject({ status: 200 });
    await own.stop();
  });

  it("has the permissions of its signer, and is recorded as the signer's call", async () => {
    world.calls.clear();
    const location = await signUpload(world, newKey(), body, {}, { who: reader });
    expect(await upload(location, body)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect(world.calls.list()).toMatchObject([
      {
        function: 'reader',
        service: 's3',
        action: 'PutObject',
        allowed: false,
        status: 403,
        error: 'AccessDenied',
        authorizations: [{ action: 's3:PutObject', resource: expect.stringContaining('arn:aws:s3:::documents/co_1/') }],
      },
    ]);
  });

  it('checks a checksum in the query like one in a header', async () => {
    const command = new PutObjectCommand({ Bucket, Key: newKey(), ChecksumSHA256: sha256(body) });
    const url = await getSignedUrl(world.client(), command);
    expect(new URL(url).searchParams.get('x-amz-checksum-sha256')).toBe(sha256(body));
    expect(await upload({ url, headers: {} }, evil)).toMatchObject({ status: 400, code: 'BadDigest' });
    expect(await upload({ url, headers: {} }, body)).toMatchObject({ status: 200 });
  });
});

describe('a signed download', () => {
  it('has the signed response headers, and no others', async () => {
    const key = newKey();
    await put(key, body, { ContentType: 'text/html' });
    const disposition = `attachment; filename="a.pdf"; filename*=UTF-8''%C3%A5.pdf`;
    const command = new GetObjectCommand({
      Bucket,
      Key: key,
      ResponseContentDisposition: disposition,
      ResponseContentType: 'application/octet-stream',
    });
    const url = await getSignedUrl(world.client(), command);
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(response.headers.get('content-disposition')).toBe(disposition);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    const tampered = await fetch(url.replace('attachment', 'inline'));
    expect([tampered.status, codeOf(await tampered.text())]).toEqual([403, 'SignatureDoesNotMatch']);
    expect((await fetch(url, { headers: { range: 'bytes=0-2' } })).status).toBe(206);
  });
});

describe('without a signature', () => {
  it.each([
    ['GET', '/documents/x'],
    ['HEAD', '/documents/x'],
    ['PUT', '/documents/x'],
    ['DELETE', '/documents/x'],
    ['GET', '/documents'],
    ['GET', '/documents?versions'],
    ['POST', '/documents?delete'],
    ['GET', '/'],
  ])('%s %s is refused', async (method, path) => {
    const response = await fetch(`${world.url}${path}`, { method, ...(/P/.test(method) && { body: 'x' }) });
    expect(response.status).toBe(403);
    if (method !== 'HEAD') expect(codeOf(await response.text())).toBe('AccessDenied');
  });
});

describe('a page of another origin', () => {
  const ask = (origin: string, method = 'PUT', headers = 'content-type,x-amz-checksum-sha256') =>
    fetch(`${world.url}/${Bucket}/x`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    });

  it('may upload when the bucket says so', async () => {
    const origin = 'http://localhost:5173';
    const asked = await ask(origin);
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type, x-amz-checksum-sha256');
    expect(asked.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(asked.headers.get('access-control-max-age')).toBe('60');
    const location = await signUpload(world, newKey(), body);
    const answer = await upload({ ...location, headers: { ...location.headers, origin } }, body);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
  });

  it('can read why it was refused', async () => {
    const origin = 'https://app.clientele.example';
    const response = await fetch(`${world.url}/${Bucket}/x`, { headers: { origin } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, origin]);
  });

  it.each([
    ['of an origin that is not named', 'https://evil.example', 'PUT', ''],
    ['with a method that is not', 'http://localhost:5173', 'DELETE', ''],
    ['with a header that is not', 'http://localhost:5173', 'PUT', 'x-other'],
  ])('%s may not', async (_what, origin, method, headers) => {
    const response = await ask(origin, method, headers);
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});

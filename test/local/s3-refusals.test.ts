import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { all, Bucket, place } from './s3-settings.ts';
import { codeOf, type S3World, sha256, startWorld } from './s3-world.ts';

/** Requests that the SDK never sends, with valid signatures. */
let world: S3World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const signer = new SignatureV4({
  service: 's3',
  region: place.region,
  uriEscapePath: false,
  sha256: Sha256 as never,
  credentials: { accessKeyId: all.accessKey, secretAccessKey: all.secretKey },
});
let number = 0;
const newKey = () => `co_1/cli_1/doc_${++number}`;
const body = 'the document';
const evil = 'the D0cument';
const isThere = (Key: string) =>
  world
    .client()
    .send(new HeadObjectCommand({ Bucket, Key }))
    .then(
      () => true,
      () => false,
    );
const send = async (
  method: string,
  path: string,
  headers: Record<string, string>,
  content?: string,
  query: Record<string, string> = {},
) => {
  const { hostname, port, host } = new URL(world.url);
  const plain = { protocol: 'http:', hostname, port: Number(port), query };
  const signed = await signer.sign({ ...plain, method, path, headers: { host, ...headers } });
  const { host: _host, ...rest } = signed.headers;
  const response = await fetch(`${world.url}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: rest,
    ...(content !== undefined && { body: content }),
  });
  return { status: response.status, code: codeOf(await response.text()) };
};
const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
const hash = createHash('sha256').update(body).digest('hex');

const supported = { 'x-amz-checksum-sha256': sha256(body) };

it.each<[string, Record<string, string>, string, number, string]>([
  ['a body other than the signed one', { 'x-amz-content-sha256': hash }, evil, 400, 'XAmzContentSHA256Mismatch'],
  ['an invalid hash', { 'x-amz-content-sha256': 'abc' }, body, 400, 'InvalidArgument'],
  ['an invalid checksum', { ...unsigned, 'x-amz-checksum-sha256': 'abc' }, body, 400, 'InvalidRequest'],
  ['the checksum of another body', { ...unsigned, ...supported }, evil, 400, 'BadDigest'],
  ['an ACL', { ...unsigned, 'x-amz-acl': 'public-read' }, body, 400, 'AccessControlListNotSupported'],
])('an upload with %s is refused, and nothing is kept', async (_what, headers, content, status, code) => {
  const key = newKey();
  expect(await send('PUT', `/${Bucket}/${key}`, headers, content)).toEqual({ status, code });
  expect(await isThere(key)).toBe(false);
});

it.each<[string, Record<string, string>]>([
  ['Content-MD5', { 'content-md5': createHash('md5').update(body).digest('base64') }],
  ['a checksum other than SHA-256', { ...supported, 'x-amz-checksum-crc32': 'AAAAAA==' }],
  ['a checksum in a trailer', { 'x-amz-trailer': 'x-amz-checksum-sha256' }],
  ['chunks', { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }],
  ['signed chunks', { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }],
  ['a copy source', { 'x-amz-copy-source': 'documents/a' }],
  ['a key of KMS', { 'x-amz-server-side-encryption': 'aws:kms' }],
  ['tags', { 'x-amz-tagging': 'a=b' }],
  ['If-Match', { 'if-match': '"a"' }],
])('an upload with %s is not supported, and nothing is kept', async (_what, headers) => {
  const key = newKey();
  const answer = await send('PUT', `/${Bucket}/${key}`, { ...unsigned, ...headers }, body);
  expect(answer).toEqual({ status: 501, code: 'NotImplemented' });
  expect(await isThere(key)).toBe(false);
});

it.each([
  ['GET', '/elsewhere/a', 404, 'NoSuchBucket'],
  ['GET', `/${Bucket}/${'k'.repeat(1025)}`, 400, 'KeyTooLongError'],
])('%s %s is refused', async (method, path, status, code) => {
  expect(await send(method, path, unsigned)).toEqual({ status, code });
});

it.each([
  ['PATCH', 'a', {}],
  ['GET', 'a', { tagging: '' }],
  ['POST', 'a', { uploads: '' }],
  ['DELETE', '', {}],
  ['GET', '', {}],
  ['GET', '', { 'list-type': '2' }],
  ['GET', '', { versions: '', delimiter: '/' }],
  ['POST', '', { delete: '' }],
  ['PUT', '', { policy: '' }],
])('%s /documents/%s with %j is not supported', async (method, key, query) => {
  expect(await send(method, `/${Bucket}/${key}`, unsigned, undefined, query)).toEqual({
    status: 501,
    code: 'NotImplemented',
  });
});

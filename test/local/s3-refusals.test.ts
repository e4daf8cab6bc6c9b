import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { all, Bucket, place } from './s3-settings.ts';
import { codeOf, type S3World, sha256, startWorld } from './s3-world.ts';

/** What the SDK never sends, signed as it should be. */
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
const md5 = (text: string) => createHash('md5').update(text).digest('base64');
const isThere = (Key: string) =>
  world
    .client()
    .send(new HeadObjectCommand({ Bucket, Key }))
    .then(
      () => true,
      () => false,
    );
const send = async (method: string, path: string, headers: Record<string, string>, content?: string) => {
  const { hostname, port, host } = new URL(world.url);
  const plain = { protocol: 'http:', hostname, port: Number(port), query: {} };
  const signed = await signer.sign({ ...plain, method, path, headers: { host, ...headers } });
  const { host: _host, ...rest } = signed.headers;
  const response = await fetch(`${world.url}${path}`, {
    method,
    headers: rest,
    ...(content !== undefined && { body: content }),
  });
  return { status: response.status, code: codeOf(await response.text()) };
};
const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
const hash = createHash('sha256').update(body).digest('hex');

it.each([
  ['another body than was signed', { 'x-amz-content-sha256': hash }, evil, 400, 'XAmzContentSHA256Mismatch'],
  ['a hash that is none', { 'x-amz-content-sha256': 'abc' }, body, 400, 'InvalidArgument'],
  ['another MD5', { ...unsigned, 'content-md5': md5(evil) }, body, 400, 'BadDigest'],
  ['an MD5 that is none', { ...unsigned, 'content-md5': 'abc' }, body, 400, 'InvalidDigest'],
  ['a checksum that is none', { ...unsigned, 'x-amz-checksum-sha256': 'abc' }, body, 400, 'InvalidRequest'],
  [
    'two checksums',
    { ...unsigned, 'x-amz-checksum-sha256': sha256(body), 'x-amz-checksum-crc32': 'AAAAAA==' },
    body,
    400,
    'InvalidRequest',
  ],
  ['a checksum not known here', { ...unsigned, 'x-amz-checksum-crc32c': 'AAAAAA==' }, body, 501, 'NotImplemented'],
  ['an ACL', { ...unsigned, 'x-amz-acl': 'public-read' }, body, 400, 'AccessControlListNotSupported'],
  ['a copy', { ...unsigned, 'x-amz-copy-source': 'documents/a' }, body, 501, 'NotImplemented'],
  ['a key of KMS', { ...unsigned, 'x-amz-server-side-encryption': 'aws:kms' }, body, 501, 'NotImplemented'],
  [
    'chunks that are signed one by one',
    { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-decoded-content-length': '12' },
    body,
    501,
    'NotImplemented',
  ],
  [
    'chunks that do not end',
    {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '12',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    },
    'c\r\nthe document\r\n',
    400,
    'IncompleteBody',
  ],
  [
    'a wrong checksum behind the chunks',
    {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '12',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    },
    'c\r\nthe document\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    400,
    'BadDigest',
  ],
])('an upload with %s is refused, and nothing kept', async (_what, headers, content, status, code) => {
  const key = newKey();
  expect(await send('PUT', `/${Bucket}/${key}`, headers as Record<string, string>, content)).toEqual({
    status,
    code,
  });
  expect(await isThere(key)).toBe(false);
});

it.each([
  ['GET', '/elsewhere/a', 404, 'NoSuchBucket'],
  ['GET', `/${Bucket}/${'k'.repeat(1025)}`, 400, 'KeyTooLongError'],
  ['PATCH', `/${Bucket}/a`, 405, 'MethodNotAllowed'],
  ['DELETE', `/${Bucket}`, 405, 'MethodNotAllowed'],
])('%s %s is refused', async (method, path, status, code) => {
  expect(await send(method, path, unsigned)).toEqual({ status, code });
});

import { createHash } from 'node:crypto';
import { invalidRequest, notImplemented, S3Error } from './error.ts';

export type Headers = Readonly<Record<string, string>>;

/** A body that was received whole and matches what its request claims about it. */
export type Body = { size: number; md5: Buffer; sha256: Buffer };

export const checksumHeader = 'x-amz-checksum-sha256';

const maximumBytes = 5 * 1024 ** 3;
const unsignedPayload = 'UNSIGNED-PAYLOAD';
/** Headers of S3 that describe checksums but carry none. */
const notChecksums = ['x-amz-checksum-mode', 'x-amz-checksum-algorithm', 'x-amz-checksum-type'];

/**
 * Checks, before a body is read, what its headers claim: a length within the limit, and of checksums only SHA-256.
 *
 * @throws S3Error
 */
export function checkBodyHeaders(headers: Headers, payloadHash: string): void {
  const length = headers['content-length'];
  if (payloadHash.startsWith('STREAMING-')) throw notImplemented('bodies in chunks');
  if (length === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (Number(length) > maximumBytes) throw entityTooLarge();
  const unsupported = Object.keys(headers).find(isUnsupportedChecksum);
  if (unsupported !== undefined) throw notImplemented(`the checksum ${unsupported}`);
  const checksum = headers[checksumHeader];
  if (checksum === undefined) return;
  const bytes = Buffer.from(checksum, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== checksum)
    throw invalidRequest(`Value for ${checksumHeader} header is invalid.`);
}

function isUnsupportedChecksum(name: string): boolean {
  if (name === 'content-md5' || name === 'x-amz-trailer') return true;
  return name.startsWith('x-amz-checksum-') && name !== checksumHeader && !notChecksums.includes(name);
}

/**
 * Passes a body to `write` chunk by chunk, and compares it with its length, the signed hash and the checksum header.
 *
 * @throws S3Error when they differ; the caller must discard what was written
 */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  headers: Headers,
  payloadHash: string,
  write: (chunk: Buffer) => Promise<unknown>,
): Promise<Body> {
  const [md5Hash, sha256Hash] = [createHash('md5'), createHash('sha256')];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maximumBytes) throw entityTooLarge();
    md5Hash.update(chunk);
    sha256Hash.update(chunk);
    await write(chunk);
  }
  const body = { size, md5: md5Hash.digest(), sha256: sha256Hash.digest() };
  checkBody(body, headers, payloadHash);
  return body;
}

function checkBody({ size, sha256 }: Body, headers: Headers, payloadHash: string): void {
  if (Number(headers['content-length']) !== size)
    throw new S3Error(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  if (payloadHash !== unsignedPayload && sha256.toString('hex') !== payloadHash)
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const checksum = headers[checksumHeader];
  if (checksum !== undefined && checksum !== sha256.toString('base64'))
    throw new S3Error(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
}

function entityTooLarge(): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

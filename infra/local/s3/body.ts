import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { invalidRequest, notImplemented, S3Error } from './error.ts';

export type Headers = Readonly<Record<string, string>>;

/** What is known of a body once it has been read whole and found to be what was announced. */
export type Body = {
  size: number;
  md5: Buffer;
  /** The checksum that came with it, by its header. */
  checksum: { header: string; value: string } | undefined;
};

type Digest = { update(chunk: Buffer): void; digest(): Buffer };

const largest = 5 * 1024 ** 3;
const chunkedWithTrailer = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const checksumPrefix = 'x-amz-checksum-';
const notChecksums = ['x-amz-checksum-mode', 'x-amz-checksum-algorithm', 'x-amz-checksum-type'];
/** Digests by the end of their header, and how many bytes they have. */
const digests: Readonly<Record<string, { bytes: number; make(): Digest }>> = {
  crc32: { bytes: 4, make: newCrc32 },
  sha1: { bytes: 20, make: () => hashing(createHash('sha1')) },
  sha256: { bytes: 32, make: () => hashing(createHash('sha256')) },
};

/**
 * Hands the body on piece by piece and checks it against everything that was said about it: its length, the hash that was
 * signed, `Content-MD5`, and an `x-amz-checksum-` header or trailer.
 *
 * @throws S3Error when it is not what was announced; nothing of it may be kept then
 */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  headers: Headers,
  payload: string,
  take: (chunk: Buffer) => Promise<unknown>,
): Promise<Body> {
  const chunked = payload === chunkedWithTrailer;
  if (payload.startsWith('STREAMING-') && !chunked) throw notImplemented(`bodies signed as ${payload}`);
  const announced = announcedChecksum(headers);
  const md5 = hashing(createHash('md5'));
  const whole = hashing(createHash('sha256'));
  const digest = announced === undefined ? undefined : digestOf(announced.header).make();
  const signsBody = /^[0-9a-f]{64}$/.test(payload);
  const trailers: Record<string, string> = {};
  let size = 0;
  for await (const chunk of chunked ? withoutChunks(source, trailers) : source) {
    size += chunk.length;
    if (size > largest) throw tooLarge();
    md5.update(chunk);
    digest?.update(chunk);
    if (signsBody) whole.update(chunk);
    await take(chunk);
  }
  checkSize(headers, size, chunked);
  if (signsBody && whole.digest().toString('hex') !== payload)
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const sum = md5.digest();
  checkMd5(headers, sum);
  if (announced === undefined || digest === undefined) return { size, md5: sum, checksum: undefined };
  const value = announced.value ?? trailers[announced.header];
  if (value === undefined) throw invalidRequest(`The trailer ${announced.header} is missing.`);
  checkForm(announced.header, value);
  if (digest.digest().toString('base64') !== value) {
    const name = announced.header.slice(checksumPrefix.length).toUpperCase();
    throw new S3Error(400, 'BadDigest', `The ${name} you specified did not match the calculated checksum.`);
  }
  return { size, md5: sum, checksum: { header: announced.header, value } };
}

/** Refuses by the headers alone what would be refused after the body as well. */
export function checkAnnouncement(headers: Headers): void {
  const length = headers['x-amz-decoded-content-length'] ?? headers['content-length'];
  if (length === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (Number(length) > largest) throw tooLarge();
  announcedChecksum(headers);
}

/** The checksum that stands in a header, or will stand in a trailer. */
function announcedChecksum(headers: Headers): { header: string; value: string | undefined } | undefined {
  const given = Object.keys(headers).filter((name) => name.startsWith(checksumPrefix) && !notChecksums.includes(name));
  const trailer = headers['x-amz-trailer'];
  if (given.length + (trailer === undefined ? 0 : 1) > 1)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed.');
  const header = given[0] ?? trailer;
  if (header === undefined) return undefined;
  digestOf(header);
  const value = headers[header];
  if (given.length > 0 && value !== undefined) checkForm(header, value);
  return { header, value };
}

function digestOf(header: string) {
  const name = header.startsWith(checksumPrefix) ? header.slice(checksumPrefix.length) : '';
  const known = Object.hasOwn(digests, name) ? digests[name] : undefined;
  if (known === undefined) throw notImplemented(`the checksum ${header}`);
  return known;
}

function checkForm(header: string, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== digestOf(header).bytes || bytes.toString('base64') !== value)
    throw invalidRequest(`Value for ${header} header is invalid.`);
}

function checkSize(headers: Headers, size: number, chunked: boolean): void {
  const expected = headers[chunked ? 'x-amz-decoded-content-length' : 'content-length'];
  if (expected !== undefined && Number(expected) !== size)
    throw new S3Error(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
}

function checkMd5(headers: Headers, actual: Buffer): void {
  const given = headers['content-md5'];
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16)
    throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
  if (actual.toString('base64') !== given)
    throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
}

/** Takes the framing of `aws-chunked` off: `<length in hex>CRLF<bytes>CRLF`, a chunk of length 0, and then the trailers. */
async function* withoutChunks(source: AsyncIterable<Buffer>, trailers: Record<string, string>): AsyncGenerator<Buffer> {
  let left: Buffer = Buffer.alloc(0);
  let wanted: number | undefined;
  let ended = false;
  for await (const piece of source) {
    left = left.length === 0 ? piece : Buffer.concat([left, piece]);
    while (left.length > 0) {
      if (wanted === undefined) {
        const end = left.indexOf('\r\n');
        if (end < 0) break;
        const line = left.subarray(0, end).toString('latin1');
        left = left.subarray(end + 2);
        if (ended) addTrailer(line, trailers);
        else if (line !== '') wanted = chunkLength(line);
        if (wanted === 0) [ended, wanted] = [true, undefined];
      } else {
        const data = left.subarray(0, wanted);
        left = left.subarray(data.length);
        wanted = wanted === data.length ? undefined : wanted - data.length;
        yield data;
      }
    }
    if (wanted === undefined && left.length > 16 * 1024) throw invalidRequest('The framing of the body is not valid.');
  }
  if (left.length > 0 && ended) addTrailer(left.toString('latin1'), trailers);
  if (!ended) throw new S3Error(400, 'IncompleteBody', 'The body ended before its last chunk.');
}

function chunkLength(line: string): number {
  const [, digits] = /^([0-9a-fA-F]{1,8})(;.*)?$/.exec(line) ?? [];
  if (digits === undefined) throw invalidRequest('The framing of the body is not valid.');
  return Number.parseInt(digits, 16);
}

function addTrailer(line: string, trailers: Record<string, string>): void {
  const at = line.indexOf(':');
  if (at > 0) trailers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
}

function hashing(hash: Hash): Digest {
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

function newCrc32(): Digest {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

function tooLarge(): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

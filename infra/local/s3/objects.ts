import { open, rm } from 'node:fs/promises';
import { checkBodyHeaders, checksumHeader, type Headers } from './body.ts';
import { type S3Answer, type S3Call, versionOf } from './call.ts';
import { notImplemented, S3Error } from './error.ts';
import { parameter, type S3Request } from './request.ts';
import type { ObjectVersion } from './store.ts';

/** Headers that are stored with an object and returned with it. */
const stored = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Writes the body to disk; it becomes a version when it is whole and matches its headers. */
export async function putObject(call: S3Call): Promise<S3Answer> {
  const { headers, payloadHash, bucket, store, request, now, receive, note } = call;
  checkBodyHeaders(headers, payloadHash);
  const check = () => checkWriteConditions(headers, store.current(bucket.name, request.key));
  check();
  const upload = store.newUpload();
  const file = await open(upload, 'wx', 0o600);
  try {
    const body = await receive((chunk) => writeWhole(file, chunk)).finally(() =>
      file.sync().finally(() => file.close()),
    );
    const checksum = headers[checksumHeader];
    const draft = {
      bucket: bucket.name,
      key: request.key,
      size: body.size,
      etag: `"${body.md5.toString('hex')}"`,
      headers: { ...storedHeaders(headers), ...(checksum === undefined ? {} : { [checksumHeader]: checksum }) },
    };
    const created = note('Object Created', { reason: 'PutObject' });
    const version = await store.keep(upload, draft, now(), check, created);
    return { status: 200, headers: { ...commonHeaders(version), ...checksumHeaders(version) } };
  } finally {
    await rm(upload, { force: true });
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}

function checkWriteConditions(headers: Headers, present: ObjectVersion | undefined): void {
  const { 'if-none-match': none, 'if-match': match } = headers;
  if (match !== undefined || (none !== undefined && none !== '*'))
    throw notImplemented('conditions of a write other than If-None-Match: *');
  if (none === '*' && present !== undefined && !present.marker) throw preconditionFailed();
}

function storedHeaders(headers: Headers): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => stored.includes(name) || name.startsWith('x-amz-meta-'));
  return Object.fromEntries(own);
}

/** GetObject and HeadObject. */
export async function getObject(call: S3Call): Promise<S3Answer> {
  const { headers, store, request } = call;
  const version = versionOf(call, parameter(request, 'versionId'));
  if (isUnchanged(headers, version)) return { status: 304, headers: { etag: version.etag } };
  const range = readRange(headers.range, version.size);
  const [start, end] = range ?? [0, version.size - 1];
  const showsChecksum = range === undefined && headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      'content-type': 'binary/octet-stream',
      ...Object.fromEntries(Object.entries(version.headers).filter(([name]) => name !== checksumHeader)),
      ...responseOverrides(request),
      'accept-ranges': 'bytes',
      'content-length': String(end - start + 1),
      'last-modified': version.modified.toUTCString(),
      ...commonHeaders(version),
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${version.size}` }),
      ...(showsChecksum ? checksumHeaders(version) : {}),
    },
    body: { file: store.fileOf(version), start, end },
  };
}

function commonHeaders({ etag, versionId }: ObjectVersion): Record<string, string> {
  return { etag, 'x-amz-version-id': versionId, 'x-amz-server-side-encryption': 'AES256' };
}

function checksumHeaders({ headers }: ObjectVersion): Record<string, string> {
  const checksum = headers[checksumHeader];
  return checksum === undefined ? {} : { [checksumHeader]: checksum, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function isUnchanged(headers: Headers, { etag }: ObjectVersion): boolean {
  const names = (list: string) => list.split(',').some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')));
  const { 'if-match': match, 'if-none-match': none } = headers;
  if (match !== undefined && !names(match)) throw preconditionFailed();
  return none !== undefined && names(none);
}

/** The first and the last byte of a range; undefined for the whole object, also when the header is not a valid range. */
function readRange(range: string | undefined, size: number): [number, number] | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(size - 1, Number(to));
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start >= size || (from === '' && Number(to) === 0))
    throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
      'content-range': `bytes */${size}`,
    });
  return [start, end];
}

/** The parameters `response-content-type` and others, which replace headers of the response. */
function responseOverrides(request: S3Request): Record<string, string> {
  const given = stored.flatMap((name) => {
    const value = parameter(request, `response-${name}`);
    if (value !== undefined && /[^\x20-\x7e]/.test(value))
      throw new S3Error(400, 'InvalidArgument', `The value of response-${name} cannot be a header.`);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(given);
}

function preconditionFailed(): S3Error {
  return new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
}

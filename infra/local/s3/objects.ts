import { open, rm } from 'node:fs/promises';
import { checkAnnouncement, type Headers } from './body.ts';
import { type S3Answer, type S3Call, wantedVersion } from './call.ts';
import { notImplemented, S3Error } from './error.ts';
import { parameter, type S3Request } from './request.ts';
import type { ObjectVersion } from './store.ts';

/** Headers that are kept with an object and given back with it. */
const kept = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Writes the body to disk piece by piece; it becomes a version once it is whole and is what was announced. */
export async function putObject(call: S3Call): Promise<S3Answer> {
  const { headers, bucket, store, request, now, receive, note } = call;
  checkAnnouncement(headers);
  const check = () => checkWriteConditions(headers, store.current(bucket.name, request.key));
  check();
  const upload = store.newUpload();
  const file = await open(upload, 'wx', 0o600);
  try {
    const body = await receive((chunk) => writeWhole(file, chunk)).finally(() =>
      file.sync().finally(() => file.close()),
    );
    const draft = {
      bucket: bucket.name,
      key: request.key,
      size: body.size,
      etag: `"${body.md5.toString('hex')}"`,
      headers: { ...keptHeaders(headers), ...(body.checksum && { [body.checksum.header]: body.checksum.value }) },
    };
    const created = note('Object Created', { reason: 'PutObject' });
    const version = await store.keep(upload, draft, bucket.versioned, now(), check, created);
    return {
      status: 200,
      headers: { etag: version.etag, ...versionHeaders(call, version), ...checksumHeaders(version), ...encryption },
    };
  } finally {
    await rm(upload, { force: true });
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}

function checkWriteConditions(headers: Headers, present: ObjectVersion | undefined): void {
  const current = present?.marker ? undefined : present;
  const { 'if-none-match': none, 'if-match': match } = headers;
  if (none !== undefined && none !== '*') throw notImplemented('If-None-Match with anything but * when writing');
  if (match !== undefined && current === undefined)
    throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  if ((none === '*' && current !== undefined) || (match !== undefined && match !== current?.etag))
    throw preconditionFailed();
}

function keptHeaders(headers: Headers): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => kept.includes(name) || name.startsWith('x-amz-meta-'));
  const { 'content-encoding': encoding, ...others } = Object.fromEntries(own);
  // `aws-chunked` tells of the way here, not of the object.
  const codings = (encoding ?? '').split(',').map((one) => one.trim());
  const lasting = codings.filter((one) => one !== '' && one !== 'aws-chunked').join(', ');
  return lasting === '' ? others : { ...others, 'content-encoding': lasting };
}

/** Answers GET and HEAD. */
export async function getObject(call: S3Call): Promise<S3Answer> {
  const { headers, store, request } = call;
  const version = wantedVersion(call, parameter(request, 'versionId'));
  if (isUnchanged(headers, version)) return { status: 304, headers: { etag: version.etag } };
  const range = readRange(headers.range, version.size);
  const [start, end] = range ?? [0, version.size - 1];
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      'content-type': 'binary/octet-stream',
      ...Object.fromEntries(Object.entries(version.headers).filter(([name]) => !name.startsWith('x-amz-checksum-'))),
      ...overrides(request),
      'accept-ranges': 'bytes',
      'content-length': String(end - start + 1),
      etag: version.etag,
      'last-modified': version.modified.toUTCString(),
      ...versionHeaders(call, version),
      ...encryption,
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${version.size}` }),
      ...(range === undefined && headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
        ? checksumHeaders(version)
        : {}),
    },
    body: { file: store.fileOf(version), start, end },
  };
}

const encryption = { 'x-amz-server-side-encryption': 'AES256' };

function versionHeaders({ bucket }: S3Call, { versionId }: ObjectVersion): Record<string, string> {
  return bucket.versioned ? { 'x-amz-version-id': versionId } : {};
}

function checksumHeaders({ headers }: ObjectVersion): Record<string, string> {
  const sums = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-checksum-'));
  return sums.length === 0 ? {} : { ...Object.fromEntries(sums), 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function isUnchanged(headers: Headers, { etag }: ObjectVersion): boolean {
  const names = (list: string) => list.split(',').some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')));
  const { 'if-match': match, 'if-none-match': none } = headers;
  if (match !== undefined && !names(match)) throw preconditionFailed();
  return none !== undefined && names(none);
}

/** The first and the last byte of a range; undefined for the whole, which is also what a range that makes no sense gets. */
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

/** `response-content-type` and its kin: what a signed location has the object say of itself. */
function overrides(request: S3Request): Record<string, string> {
  const given = kept.flatMap((name) => {
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

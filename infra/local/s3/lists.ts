import type { S3Answer, S3Call } from './call.ts';
import { notImplemented, S3Error } from './error.ts';
import { parameter, type S3Request } from './request.ts';
import type { ObjectVersion } from './store.ts';
import { type Xml, xmlDocument } from './xml.ts';

const mostKeys = 1000;

/** ListObjectsV2, without delimiters. */
export async function listObjects({ request, bucket, store }: S3Call): Promise<S3Answer> {
  const { prefix, limit, write } = readList(request);
  const token = parameter(request, 'continuation-token');
  const after = token === undefined ? (parameter(request, 'start-after') ?? '') : keyOfToken(token);
  const found = limit === 0 ? [] : store.list(bucket.name, prefix, after, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return answer('ListBucketResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    KeyCount: page.length,
    MaxKeys: limit,
    EncodingType: parameter(request, 'encoding-type'),
    IsTruncated: last !== undefined,
    ContinuationToken: token,
    NextContinuationToken: last && Buffer.from(last.key).toString('base64url'),
    Contents: page.map((one) => ({ Key: write(one.key), ...about(one) })),
  });
}

/** ListObjectVersions, without delimiters: every version and delete marker, newest first for each key. */
export async function listVersions({ request, bucket, store }: S3Call): Promise<S3Answer> {
  const { prefix, limit, write } = readList(request);
  const key = parameter(request, 'key-marker') ?? '';
  const versionMarker = parameter(request, 'version-id-marker');
  const number = versionMarker === undefined ? 0 : numberOf(store.find(bucket.name, key, versionMarker));
  const found = limit === 0 ? [] : store.listVersions(bucket.name, prefix, { key, number }, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const entry = (one: ObjectVersion) => ({
    Key: write(one.key),
    VersionId: one.versionId,
    IsLatest: store.isNewest(one),
    ...(one.marker ? { LastModified: one.modified.toISOString() } : about(one)),
  });
  return answer('ListVersionsResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    KeyMarker: write(key),
    VersionIdMarker: versionMarker ?? '',
    MaxKeys: limit,
    EncodingType: parameter(request, 'encoding-type'),
    IsTruncated: last !== undefined,
    NextKeyMarker: last && write(last.key),
    NextVersionIdMarker: last?.versionId,
    Version: page.filter(({ marker }) => !marker).map(entry),
    DeleteMarker: page.filter(({ marker }) => marker).map(entry),
  });
}

function readList(request: S3Request) {
  if (parameter(request, 'delimiter')) throw notImplemented('delimiters in lists');
  const asked = parameter(request, 'max-keys') ?? String(mostKeys);
  if (!/^\d{1,10}$/.test(asked))
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
  const encoded = parameter(request, 'encoding-type') === 'url';
  return {
    prefix: parameter(request, 'prefix') ?? '',
    limit: Math.min(mostKeys, Number(asked)),
    write: (text: string) => (encoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text),
  };
}

function keyOfToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(key).toString('base64url') !== token)
    throw new S3Error(400, 'InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}

/** Where a list goes on after a version; one that has been deleted meanwhile leaves only its key to go on from. */
function numberOf(version: ObjectVersion | undefined): number {
  return version?.number ?? Number.MAX_SAFE_INTEGER;
}

function about({ modified, etag, size }: ObjectVersion): Record<string, Xml> {
  return { LastModified: modified.toISOString(), ETag: etag, Size: size, StorageClass: 'STANDARD' };
}

function answer(root: string, content: Xml): S3Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(root, content) };
}

import { escapeXml } from '../shared/xml.ts';
import type { S3Answer, S3Call } from './call.ts';
import { notImplemented, S3Error } from './error.ts';
import { parameter } from './request.ts';
import type { ObjectVersion } from './store.ts';
import { xmlDocument } from './xml.ts';

const maximumKeys = 1000;

/** ListObjectVersions without delimiters: versions and delete markers by key, the newest of each key first. */
export async function listVersions({ request, bucket, store }: S3Call): Promise<S3Answer> {
  for (const name of ['delimiter', 'encoding-type'])
    if (parameter(request, name)) throw notImplemented(`${name} in lists`);
  const given = parameter(request, 'max-keys') ?? String(maximumKeys);
  if (!/^\d{1,10}$/.test(given))
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
  const limit = Math.min(maximumKeys, Number(given));
  const prefix = parameter(request, 'prefix') ?? '';
  const key = parameter(request, 'key-marker') ?? '';
  const versionMarker = parameter(request, 'version-id-marker');
  // A version that was deleted since leaves only its key to continue from.
  const after = versionMarker === undefined ? undefined : store.find(bucket.name, key, versionMarker);
  const number = versionMarker === undefined ? 0 : (after?.number ?? Number.MAX_SAFE_INTEGER);
  const read = limit === 0 ? [] : store.listVersions(bucket.name, prefix, { key, number }, limit + 1);
  const page = read.slice(0, limit);
  const last = read.length > limit ? page.at(-1) : undefined;
  const body = xmlDocument('ListVersionsResult', [
    element('Name', bucket.name),
    element('Prefix', prefix),
    element('KeyMarker', key),
    element('VersionIdMarker', versionMarker ?? ''),
    element('MaxKeys', limit),
    element('IsTruncated', last !== undefined),
    ...(last === undefined ? [] : [element('NextKeyMarker', last.key), element('NextVersionIdMarker', last.versionId)]),
    ...page.map((version) => entry(version, store.isNewest(version))),
  ]);
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function entry({ marker, key, versionId, modified, etag, size }: ObjectVersion, isLatest: boolean): string {
  const content = [
    element('Key', key),
    element('VersionId', versionId),
    element('IsLatest', isLatest),
    element('LastModified', modified.toISOString()),
    ...(marker ? [] : [element('ETag', etag), element('Size', size), element('StorageClass', 'STANDARD')]),
  ].join('');
  return marker ? `<DeleteMarker>${content}</DeleteMarker>` : `<Version>${content}</Version>`;
}

function element(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

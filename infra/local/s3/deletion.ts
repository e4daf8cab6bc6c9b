import type { Attempt } from '../endpoint/policies.ts';
import type { S3Answer, S3Call } from './call.ts';
import { invalidRequest, S3Error } from './error.ts';
import { parameter } from './request.ts';
import { type ObjectToDelete, readDeleteRequest, xmlDocument } from './xml.ts';

const longestRequest = 2 * 1024 * 1024;

export async function deleteObject(call: S3Call): Promise<S3Answer> {
  const { key } = call.request;
  const done = await deleteOne(call, { key, versionId: parameter(call.request, 'versionId') });
  return {
    status: 204,
    headers: {
      ...(done.marker ? { 'x-amz-delete-marker': 'true' } : {}),
      ...(done.versionId === undefined ? {} : { 'x-amz-version-id': done.versionId }),
    },
  };
}

/** Up to a thousand at once, each permitted and done, or not, by itself. */
export async function deleteObjects(call: S3Call): Promise<S3Answer> {
  const { objects, quiet } = readDeleteRequest(await readText(call));
  const deleted = [];
  const errors = [];
  for (const object of objects) {
    const named = { Key: object.key, VersionId: object.versionId };
    if (!call.may(attemptOf(call, object))) {
      errors.push({ ...named, Code: 'AccessDenied', Message: 'Access Denied' });
      continue;
    }
    const { marker, versionId } = await deleteOne(call, object);
    const mark = marker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
    if (!quiet) deleted.push({ ...named, ...mark });
  }
  const body = xmlDocument('DeleteResult', { Deleted: deleted, Error: errors });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

async function readText({ headers, receive }: S3Call): Promise<string> {
  const isChecked = Object.keys(headers).some((name) => /^(content-md5|x-amz-trailer|x-amz-checksum-.+)$/.test(name));
  if (!isChecked) throw invalidRequest('Missing required header for this request: Content-MD5');
  const chunks: Buffer[] = [];
  let bytes = 0;
  await receive(async (chunk) => {
    bytes += chunk.length;
    if (bytes > longestRequest) throw new S3Error(400, 'MaxMessageLengthExceeded', 'Your request was too big.');
    chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString('utf8');
}

function attemptOf({ bucket }: S3Call, { key, versionId }: ObjectToDelete): Attempt {
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  return { action, resource: `${bucket.arn}/${key}` };
}

type Deleted = { marker: boolean; versionId: string | undefined };

/** Without a version, what is there is only covered by a delete marker, where versions are kept. */
async function deleteOne({ bucket, store, now, note }: S3Call, { key, versionId }: ObjectToDelete): Promise<Deleted> {
  const forGood = note('Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' });
  if (versionId !== undefined) {
    const removed = await store.remove(bucket.name, key, versionId, forGood);
    return { marker: removed?.marker === true, versionId };
  }
  if (!bucket.versioned) {
    await store.remove(bucket.name, key, 'null', forGood);
    return { marker: false, versionId: undefined };
  }
  const covered = note('Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' });
  return { marker: true, versionId: store.addMarker(bucket.name, key, now(), covered).versionId };
}

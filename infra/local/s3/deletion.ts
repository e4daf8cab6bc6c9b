import type { S3Answer, S3Call } from './call.ts';
import { parameter } from './request.ts';

/** Deletes a version for good, or without a version id covers the object with a delete marker. */
export async function deleteObject({ request, bucket, store, now, note }: S3Call): Promise<S3Answer> {
  const { key } = request;
  const versionId = parameter(request, 'versionId');
  if (versionId === undefined) {
    const created = note('Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' });
    const marker = store.addMarker(bucket.name, key, now(), created);
    return {
      status: 204,
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId },
    };
  }
  const deleted = note('Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' });
  const removed = await store.remove(bucket.name, key, versionId, deleted);
  return {
    status: 204,
    headers: { ...(removed?.marker ? { 'x-amz-delete-marker': 'true' } : {}), 'x-amz-version-id': versionId },
  };
}

import type { BucketModel } from '../assembly/s3.ts';
import type { Attempt } from '../endpoint/policies.ts';
import type { Body, Headers } from './body.ts';
import { accessDenied, S3Error } from './error.ts';
import type { S3Request } from './request.ts';
import type { Note, ObjectStore, ObjectVersion } from './store.ts';

/** What an operation works with: a request of somebody who may make it. */
export type S3Call = {
  request: S3Request;
  /** Those of the request and of the query of its signed location. */
  headers: Headers;
  bucket: BucketModel;
  store: ObjectStore;
  now(): Date;
  /** Reads the body piece by piece, and checks it against all that was said about it. */
  receive(take: (chunk: Buffer) => Promise<unknown>): Promise<Body>;
  /** Asks the caller's policies, for the record too. */
  may(attempt: Attempt): boolean;
  /** The event about a change, if the bucket sends events. */
  note(detailType: 'Object Created' | 'Object Deleted', detail: Record<string, string>): Note;
};

/** What is sent: text, or a part of a file with both ends included. */
export type S3Answer = {
  status: number;
  headers: Record<string, string>;
  body?: string | { file: string; start: number; end: number };
};

export type S3Operation = { name: string; attempts: Attempt[]; run(call: S3Call): Promise<S3Answer> };

/**
 * The version that a request is about.
 *
 * @throws S3Error when there is none; whoever may not list the bucket is not told even that
 */
export function wantedVersion(call: S3Call, versionId: string | undefined): ObjectVersion {
  const { bucket, store, request, may } = call;
  const { key } = request;
  const found = versionId === undefined ? store.current(bucket.name, key) : store.find(bucket.name, key, versionId);
  if (found !== undefined && !found.marker) return found;
  if (!may({ action: 's3:ListBucket', resource: bucket.arn, context: {} })) throw accessDenied();
  const mark = found && { 'x-amz-delete-marker': 'true', 'x-amz-version-id': found.versionId };
  if (versionId === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', mark);
  if (found === undefined) throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.');
  throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    ...mark,
    allow: 'DELETE',
  });
}

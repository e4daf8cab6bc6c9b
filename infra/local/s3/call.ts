import type { BucketModel } from '../assembly/s3.ts';
import type { Attempt } from '../endpoint/policies.ts';
import type { Body, Headers } from './body.ts';
import { accessDenied, S3Error } from './error.ts';
import type { S3Request } from './request.ts';
import type { Note, ObjectStore, ObjectVersion } from './store.ts';

/** An authenticated request, with all that an operation needs to run. */
export type S3Call = {
  request: S3Request;
  /** The request's headers, and those that a presigned URL has in its query. */
  headers: Headers;
  /** The signed SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  payloadHash: string;
  bucket: BucketModel;
  store: ObjectStore;
  now(): Date;
  /** Reads the body chunk by chunk and checks it against its headers. */
  receive(write: (chunk: Buffer) => Promise<unknown>): Promise<Body>;
  /** Whether the caller's policies allow an action; the answer goes into the record of calls. */
  may(attempt: Attempt): boolean;
  /** The event about a change, if the bucket sends events. */
  note(detailType: 'Object Created' | 'Object Deleted', detail: Record<string, string>): Note;
};

/** A response whose body is text or a part of a file, from its first to its last byte. */
export type S3Answer = {
  status: number;
  headers: Record<string, string>;
  body?: string | { file: string; start: number; end: number };
};

export type S3Operation = { name: string; attempts: Attempt[]; run(call: S3Call): Promise<S3Answer> };

/**
 * The version of an object with this id, or its current version.
 *
 * @throws S3Error when it does not exist; a caller without the permission to list the bucket gets AccessDenied instead
 */
export function versionOf(call: S3Call, versionId: string | undefined): ObjectVersion {
  const { bucket, store, request, may } = call;
  const { key } = request;
  const version = versionId === undefined ? store.current(bucket.name, key) : store.find(bucket.name, key, versionId);
  if (version !== undefined && !version.marker) return version;
  if (!may({ action: 's3:ListBucket', resource: bucket.arn, context: {} })) throw accessDenied();
  const mark = version && { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', mark);
  if (version === undefined) throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.');
  throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    ...mark,
    allow: 'DELETE',
  });
}

import type { BucketModel } from '../assembly/s3.ts';
import type { S3Call, S3Operation } from './call.ts';
import { deleteObject, deleteObjects } from './deletion.ts';
import { invalidRequest, notImplemented, S3Error } from './error.ts';
import { listObjects, listVersions } from './lists.ts';
import { getObject, putObject } from './objects.ts';
import { parameter, type S3Request } from './request.ts';

/** Parameters that make another operation of a request, none of which is known here. */
const others = [
  'acl',
  'attributes',
  'cors',
  'encryption',
  'legal-hold',
  'lifecycle',
  'logging',
  'notification',
  'ownershipControls',
  'partNumber',
  'policy',
  'publicAccessBlock',
  'replication',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'website',
];

/** Headers of S3 that change what is stored, none of which is known here. */
const unknownHeaders = [
  'x-amz-copy-source',
  'x-amz-grant-full-control',
  'x-amz-object-lock-mode',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

/**
 * Finds out what a request asks for, and what has to be allowed for it.
 *
 * @throws S3Error for what S3 refuses or the local one does not know
 */
export function readOperation(request: S3Request, headers: S3Call['headers'], bucket: BucketModel): S3Operation {
  const { method, key } = request;
  const other = Object.keys(request.query).find((name) => others.includes(name));
  if (other !== undefined) throw notImplemented(`?${other}`);
  const header = unknownHeaders.find((name) => headers[name] !== undefined);
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  checkHeaders(headers);
  return key === '' ? ofBucket(request, bucket) : ofObject(method, parameter(request, 'versionId'), key, bucket);
}

function checkHeaders(headers: S3Call['headers']): void {
  if (headers['x-amz-acl'] !== undefined)
    throw new S3Error(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
  const encryption = headers['x-amz-server-side-encryption'];
  if (encryption !== undefined && encryption !== 'AES256') throw notImplemented(`encryption by ${encryption}`);
}

function ofObject(method: string, versionId: string | undefined, key: string, bucket: BucketModel): S3Operation {
  const resource = `${bucket.arn}/${key}`;
  const named = (action: string) => `s3:${action}${versionId === undefined ? '' : 'Version'}`;
  switch (method) {
    case 'GET':
      return { name: 'GetObject', attempts: [{ action: named('GetObject'), resource }], run: getObject };
    case 'HEAD':
      return { name: 'HeadObject', attempts: [{ action: named('GetObject'), resource }], run: getObject };
    case 'PUT':
      if (versionId !== undefined) throw invalidRequest('A version cannot be written again.');
      return { name: 'PutObject', attempts: [{ action: 's3:PutObject', resource }], run: putObject };
    case 'DELETE':
      return { name: 'DeleteObject', attempts: [{ action: named('DeleteObject'), resource }], run: deleteObject };
    default:
      throw methodNotAllowed();
  }
}

function ofBucket(request: S3Request, { arn: resource }: BucketModel): S3Operation {
  const { method } = request;
  const context = listContext(request);
  if (method === 'POST' && parameter(request, 'delete') !== undefined)
    return { name: 'DeleteObjects', attempts: [], run: deleteObjects };
  if (method === 'GET' && parameter(request, 'versions') !== undefined)
    return {
      name: 'ListObjectVersions',
      attempts: [{ action: 's3:ListBucketVersions', resource, context }],
      run: listVersions,
    };
  const attempts = [{ action: 's3:ListBucket', resource, context }];
  if (method === 'GET' && parameter(request, 'list-type') === '2')
    return { name: 'ListObjectsV2', attempts, run: listObjects };
  if (method === 'HEAD') return { name: 'HeadBucket', attempts, run: async () => ({ status: 200, headers: {} }) };
  if (method === 'GET') throw notImplemented('this kind of list');
  throw methodNotAllowed();
}

function listContext(request: S3Request): Record<string, string[]> {
  const names = ['prefix', 'delimiter', 'max-keys'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = parameter(request, name);
      return value === undefined ? [] : [[`s3:${name}`, [value]]];
    }),
  );
}

function methodNotAllowed(): S3Error {
  return new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
}

import type { BucketModel } from '../assembly/s3.ts';
import type { S3Call, S3Operation } from './call.ts';
import { deleteObject } from './deletion.ts';
import { notImplemented, S3Error } from './error.ts';
import { listVersions } from './lists.ts';
import { getObject, putObject } from './objects.ts';
import { parameter, type S3Request } from './request.ts';

/** The query parameters that change nothing about which operation a request is. Any other makes it one that is not supported. */
const objectParameters = /^(versionid|x-id|response-.*|x-amz-.*)$/;
const listParameters =
  /^(versions|prefix|delimiter|encoding-type|key-marker|max-keys|version-id-marker|x-id|x-amz-.*)$/;

/** The headers of S3 that this one follows, or may ignore because they change nothing about what is stored. */
const supportedHeaders = /^x-amz-(meta-.*|checksum-.*|sdk-checksum-algorithm|content-sha256|date|trailer|user-agent)$/;

/**
 * Determines the operation of a request and the permissions that it needs.
 *
 * @throws S3Error NotImplemented for all but PutObject, GetObject, HeadObject, DeleteObject and ListObjectVersions
 */
export function readOperation(request: S3Request, headers: S3Call['headers'], bucket: BucketModel): S3Operation {
  const parameters = request.key === '' ? listParameters : objectParameters;
  const parameterName = Object.keys(request.query).find((name) => !parameters.test(name.toLowerCase()));
  if (parameterName !== undefined) throw notImplemented(`?${parameterName}`);
  if (headers['x-amz-acl'] !== undefined)
    throw new S3Error(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
  const header = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !supportedHeaders.test(name));
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  return request.key === '' ? bucketOperation(request, bucket) : objectOperation(request, bucket);
}

function objectOperation(request: S3Request, bucket: BucketModel): S3Operation {
  const { method, key } = request;
  const resource = `${bucket.arn}/${key}`;
  const versioned = parameter(request, 'versionId') === undefined ? '' : 'Version';
  switch (method) {
    case 'GET':
      return { name: 'GetObject', attempts: [{ action: `s3:GetObject${versioned}`, resource }], run: getObject };
    case 'HEAD':
      return { name: 'HeadObject', attempts: [{ action: `s3:GetObject${versioned}`, resource }], run: getObject };
    case 'PUT':
      if (versioned) throw notImplemented('writing a version again');
      return { name: 'PutObject', attempts: [{ action: 's3:PutObject', resource }], run: putObject };
    case 'DELETE':
      return {
        name: 'DeleteObject',
        attempts: [{ action: `s3:DeleteObject${versioned}`, resource }],
        run: deleteObject,
      };
    default:
      throw notImplemented(`${method} of objects`);
  }
}

function bucketOperation(request: S3Request, { arn: resource }: BucketModel): S3Operation {
  if (request.method !== 'GET' || parameter(request, 'versions') === undefined)
    throw notImplemented(`${request.method} of buckets, except for ?versions`);
  const context = Object.fromEntries(
    ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
      const value = parameter(request, name);
      return value === undefined ? [] : [[`s3:${name}`, [value]]];
    }),
  );
  return {
    name: 'ListObjectVersions',
    attempts: [{ action: 's3:ListBucketVersions', resource, context }],
    run: listVersions,
  };
}

/** The callers and the bucket of the tests' S3: one caller may do everything, one only read, one not list. */
import type { BucketModel } from '../../infra/local/assembly/s3.ts';
import type { Statement } from '../../infra/local/endpoint/policies.ts';
import type { S3Caller } from '../../infra/local/s3/s3.ts';

export const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Test' };
export const Bucket = 'documents';

const cors = {
  origins: ['http://localhost:5173', 'https://*.clientele.example'],
  methods: ['PUT', 'GET', 'HEAD'],
  headers: ['content-type', 'x-amz-checksum-sha256'],
  exposed: ['ETag'],
  maxAgeSeconds: 60,
};

function allow(actions: string[], resources = ['*']): Statement {
  return { effect: 'Allow', actions, notActions: [], resources, notResources: [], conditions: [] };
}

function caller(name: string, ...statements: Statement[]): S3Caller {
  return { name, accessKey: `AKIA${name.toUpperCase()}`, secretKey: `secret of ${name}`, statements };
}

export const all = caller('all', allow(['s3:*']));
export const reader = caller('reader', allow(['s3:GetObject', 's3:ListBucket']));
export const blind = caller('blind', allow(['s3:GetObject', 's3:DeleteObject'], ['arn:aws:s3:::documents/own/*']));

export const buckets: BucketModel[] = [
  { name: Bucket, arn: `arn:aws:s3:::${Bucket}`, sendsEvents: true, cors: [cors] },
];

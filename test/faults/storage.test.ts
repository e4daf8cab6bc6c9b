import { expect, it } from 'vitest';
import { objectStorage } from '../../lib/aws/object-storage.ts';
import { openS3 } from '../../lib/aws/s3.ts';
import { type Answer, failingService, useService } from '../support/failing-service.ts';

async function failingStorage(...answers: Answer[]) {
  const service = await failingService(...answers);
  useService('AWS_ENDPOINT_URL_S3', service.url);
  return { ...service, storage: objectStorage(openS3(200), 'documents') };
}

const failure = (status: number, code: string): Answer => ({ status, body: `<Error><Code>${code}</Code></Error>` });
const slowDown = failure(503, 'SlowDown');
const emptyList: Answer = {
  status: 200,
  body: '<ListVersionsResult><Name>documents</Name><IsTruncated>false</IsTruncated></ListVersionsResult>',
};

it('S3 calls are retried when S3 is busy or the connection breaks', async () => {
  await using s3 = await failingStorage(slowDown, 'broken', emptyList);
  expect(await s3.storage.listVersions('key')).toEqual([]);
  expect(s3.requests).toHaveLength(3);
});

it.each<[string, Answer, object]>([
  ['is busy', slowDown, { name: 'SlowDown' }],
  ['fails', failure(500, 'InternalError'), { name: 'InternalError' }],
  ['breaks the connection', 'broken', { code: 'ECONNRESET' }],
  ['does not answer', 'silent', { name: 'TimeoutError' }],
])('an S3 call fails after three attempts when S3 %s', async (_, answer, error) => {
  await using s3 = await failingStorage(answer, answer, answer, answer);
  await expect(s3.storage.deleteVersion('key', 'v')).rejects.toMatchObject(error);
  expect(s3.requests).toEqual(['DELETE', 'DELETE', 'DELETE']);
});

it('a refused S3 call throws and is not retried', async () => {
  const denied = failure(403, 'AccessDenied');
  await using s3 = await failingStorage(denied, denied, { status: 403 }, denied);
  await expect(s3.storage.listVersions('key')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(s3.storage.deleteVersion('key', 'v')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(s3.storage.getObject('key', 'v')).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await expect(s3.storage.getBytes('key', 'v')).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(s3.requests).toEqual(['GET', 'DELETE', 'HEAD', 'GET']);
});

it.each(['<html></html>', ''])('the answer “%s” is not an empty list', async (body) => {
  await using s3 = await failingStorage({ status: 200, body });
  await expect(s3.storage.listVersions('key')).rejects.toThrow('without a list');
});

it('a missing version counts as deleted, a missing bucket is an error', async () => {
  await using s3 = await failingStorage(failure(404, 'NoSuchVersion'), failure(404, 'NoSuchBucket'));
  await s3.storage.deleteVersion('key', 'v');
  await expect(s3.storage.deleteVersion('key', 'v')).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

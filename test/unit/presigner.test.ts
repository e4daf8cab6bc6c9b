import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { openS3, presigner } from '../../lib/aws/s3.ts';

const client = new S3Client({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const source = { now: () => new Date('2026-03-04T10:00:00.700Z'), random: () => new Uint8Array() };
const { presignUpload, presignDownload } = presigner('documents', source, client);

const upload = { key: 'co_1/cli_1/doc_1', size: 5_000_000_000, contentType: 'text/plain', sha256: 'ab'.repeat(32) };
const download = {
  key: 'co_1/cli_1/doc_1',
  versionId: 'v',
  contentDisposition: 'attachment; filename="it\'s (1).pdf"',
  contentType: 'application/pdf',
  cacheControl: 'no-store',
};

/** What the client adds to the query by default. */
const checksumParametersOf = (url: string) =>
  [...new URL(url).searchParams.keys()].filter((name) => /checksum/i.test(name));

describe('a presigned upload', () => {
  it('is a PUT to the bucket, signed with all the headers that it names', async () => {
    const { url, headers } = await presignUpload(upload, 60);
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe('https://documents.s3.eu-west-1.amazonaws.com/co_1/cli_1/doc_1');
    expect(headers).toEqual({
      'content-length': '5000000000',
      'content-type': 'text/plain',
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(upload.sha256, 'hex').toString('base64'),
    });
    expect(searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual([...Object.keys(headers), 'host'].sort());
    expect(checksumParametersOf(url)).toEqual([]);
  });

  it('expires so many seconds after the last whole one', async () => {
    const { url, expiresAt } = await presignUpload(upload, 60);
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-Date')).toBe('20260304T100000Z');
    expect(searchParams.get('X-Amz-Expires')).toBe('60');
    expect(expiresAt.toISOString()).toBe('2026-03-04T10:01:00.000Z');
  });
});

it('a presigned download is of one version, with the given headers on the answer and none to send', async () => {
  const { url } = await presignDownload(download, 60);
  const { searchParams } = new URL(url);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    versionId: 'v',
    'response-content-disposition': download.contentDisposition,
    'response-content-type': 'application/pdf',
    'response-cache-control': 'no-store',
    'X-Amz-SignedHeaders': 'host',
  });
  expect(checksumParametersOf(url)).toEqual([]);
});

it('the client that functions open adds no checksums of its own, and finds the endpoint of the environment', async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
  });
  const opened = presigner('documents', source, openS3());
  const urls = [await opened.presignUpload(upload, 60), await opened.presignDownload(download, 60)];
  for (const { url } of urls) {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:4566\/documents\/co_1\/cli_1\/doc_1\?/);
    expect(checksumParametersOf(url)).toEqual([]);
  }
});

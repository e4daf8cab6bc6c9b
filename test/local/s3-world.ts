/** An S3 for one test file, and presigned URLs for it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ServiceEvent } from '../../infra/local/events/event-bus.ts';
import { type S3Caller, type S3Endpoint, type S3Settings, startS3 } from '../../infra/local/s3/s3.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { all, Bucket, blind, buckets, place, reader } from './s3-settings.ts';

export type S3World = S3Endpoint & {
  events: ServiceEvent[];
  clock: { now: Date | undefined };
  folder: string;
  client(who?: S3Caller, more?: object): S3Client;
};

/** Starts S3. Its clock stands still at `clock.now` while that is set. */
export async function startWorld(more: Partial<S3Settings> = {}): Promise<S3World> {
  const events: ServiceEvent[] = [];
  const clock: S3World['clock'] = { now: undefined };
  const folder = more.folder ?? join(temporaryFolder(), 's3');
  const s3 = await startS3({
    folder,
    place,
    buckets,
    callers: [all, reader, blind],
    publish: (event) => void events.push(event),
    now: () => clock.now ?? new Date(),
    ...more,
  });
  const client = (who: S3Caller = all, options: object = {}) => clientOf(s3.url, who, options);
  return { ...s3, events, clock, folder, client };
}

export function clientOf(endpoint: string, { accessKey, secretKey }: S3Caller, options: object = {}): S3Client {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  return new S3Client({ endpoint, region: place.region, credentials, maxAttempts: 1, ...options });
}

export function sha256(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('base64');
}

export type Upload = { url: string; headers: Record<string, string> };

/** A presigned URL for exactly this body, with the signed headers that functions/documents requires. */
export async function signUpload(
  world: Pick<S3World, 'client'>,
  Key: string,
  body: string | Uint8Array,
  more: Partial<PutObjectCommandInput> = {},
  signing: { expiresIn?: number; signingDate?: Date; who?: S3Caller } = {},
): Promise<Upload> {
  const { who, ...times } = signing;
  const headers = {
    'content-length': String(Buffer.byteLength(body)),
    'content-type': 'application/pdf',
    'if-none-match': '*',
    'x-amz-checksum-sha256': sha256(body),
  };
  const command = new PutObjectCommand({
    Bucket,
    Key,
    ContentLength: Buffer.byteLength(body),
    ContentType: 'application/pdf',
    IfNoneMatch: '*',
    ChecksumSHA256: sha256(body),
    ...more,
  });
  const names = new Set(Object.keys(headers));
  const url = await getSignedUrl(world.client(who), command, {
    expiresIn: 300,
    signableHeaders: new Set(['host', ...names]),
    unhoistableHeaders: names,
    ...times,
  });
  const { 'content-length': _length, ...toSend } = headers;
  return { url, headers: toSend };
}

/** Sends a body to a presigned URL and returns the status, and S3's error code if there is one. */
export async function upload({ url, headers }: Upload, body: string | Uint8Array<ArrayBuffer>, method = 'PUT') {
  const response = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body }) });
  return { status: response.status, code: codeOf(await response.text()), headers: response.headers };
}

export function codeOf(xml: string): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(xml)?.[1];
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { namesTag } from './entity-tag.ts';
import type { HttpResult } from './event.ts';

/** A file that is served as it was built, compressed with gzip. */
export interface StaticFile {
  readonly type: string;
  readonly gzipped: Buffer;
  /** The beginning of the SHA-256 of the compressed bytes. */
  readonly hash: string;
}

export function staticFile(type: string, gzipped: Buffer): StaticFile {
  return { type, gzipped, hash: createHash('sha256').update(gzipped).digest('base64url').slice(0, 22) };
}

interface Conditions {
  readonly 'accept-encoding'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

/**
 * Answers with the file: compressed for callers that accept gzip, as it is for others, or 304 without it if the caller has it
 * already. Compressed and plain bytes have different strong ETags.
 */
export async function serveStatic({ type, gzipped, hash }: StaticFile, request: Conditions): Promise<HttpResult> {
  const compressed = acceptsGzip(request['accept-encoding']);
  const etag = compressed ? `"${hash}"` : `"${hash}-plain"`;
  const headers = { 'cache-control': 'public, max-age=300', vary: 'accept-encoding', etag };
  if (namesTag(request['if-none-match'], etag)) return { statusCode: 304, headers };
  const withType = { ...headers, 'content-type': `${type}; charset=utf-8` };
  if (!compressed) return { statusCode: 200, headers: withType, body: (await promisify(gunzip)(gzipped)).toString() };
  return {
    statusCode: 200,
    headers: { ...withType, 'content-encoding': 'gzip' },
    body: gzipped.toString('base64'),
    isBase64Encoded: true,
  };
}

/** Whether an Accept-Encoding header accepts gzip (RFC 9110, 12.5.3). No header means that the caller decodes nothing. */
export function acceptsGzip(header = ''): boolean {
  const weights = new Map(header.split(',').map(readCoding));
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}

function readCoding(coding: string): [name: string, weight: number] {
  const [name = '', ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return [name, weight === undefined ? 1 : Number(weight.slice(2))];
}

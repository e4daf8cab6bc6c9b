import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Source } from '../shared/source.ts';

export interface PresignedUrl {
  url: string;
  expiresAt: Date;
}

export interface Upload {
  key: string;
  /** Bytes. */
  size: number;
  contentType: string;
  /** Hexadecimal. */
  sha256: string;
}

export interface Download {
  key: string;
  versionId: string;
  /** Headers of the answer. */
  contentDisposition: string;
  contentType: string;
  cacheControl: string;
}

/** Makes presigned URLs for one bucket. A URL permits the one request that it is signed for, until it expires. */
export interface Presigner {
  /**
   * For a PUT of exactly these bytes that creates the object and never replaces it. The client must send all `headers`.
   */
  presignUpload(upload: Upload, seconds: number): Promise<PresignedUrl & { headers: Record<string, string> }>;
  /** For a GET of one version, with the given headers on the answer. */
  presignDownload(download: Download, seconds: number): Promise<PresignedUrl>;
}

/** A client with the environment's credentials and region. A call takes some fifteen seconds at most. */
export function openS3(timeoutMs = 5000): S3Client {
  return new S3Client({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
    // By default the SDK adds a checksum to what it signs, and asks S3 for one in the answer.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Signs with the function's own credentials, so a URL allows no more than the function may do. No calls. */
export function presigner(bucket: string, source: Source, client = openS3()): Presigner {
  /** Signatures have whole seconds: the URL expires `expiresIn` seconds after the last whole one. */
  function validity(expiresIn: number) {
    const signingDate = new Date(Math.floor(source.now().getTime() / 1000) * 1000);
    return { signingDate, expiresIn, expiresAt: new Date(signingDate.getTime() + expiresIn * 1000) };
  }

  return {
    async presignUpload({ key, size, contentType, sha256 }, seconds) {
      const checksum = Buffer.from(sha256, 'hex').toString('base64');
      const headers = {
        'content-length': String(size),
        'content-type': contentType,
        // The object must not exist yet: a document that has arrived is never replaced.
        'if-none-match': '*',
        'x-amz-checksum-sha256': checksum,
      };
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        ContentLength: size,
        ContentType: contentType,
        IfNoneMatch: '*',
        ChecksumSHA256: checksum,
      });
      const { expiresAt, ...signed } = validity(seconds);
      const url = await getSignedUrl(client, command, {
        ...signed,
        // By default the presigner leaves content-type unsigned, and moves x-amz- headers into the query, where S3
        // ignores them.
        signableHeaders: new Set(['content-type']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      });
      return { url, headers, expiresAt };
    },

    async presignDownload({ key, versionId, contentDisposition, contentType, cacheControl }, seconds) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        VersionId: versionId,
        ResponseContentDisposition: contentDisposition,
        ResponseContentType: contentType,
        ResponseCacheControl: cacheControl,
      });
      const { expiresAt, ...signed } = validity(seconds);
      return { url: await getSignedUrl(client, command, signed), expiresAt };
    },
  };
}

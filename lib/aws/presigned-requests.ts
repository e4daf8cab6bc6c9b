import type { Source } from '../shared/source.ts';
import type { Download, Presigner, Upload } from './s3.ts';

/** Seconds that presigned URLs are valid. */
const UPLOAD_SECONDS = 3600;
const DOWNLOAD_SECONDS = 5 * 60;

/**
 * The presigner of a bucket, loaded by the first request that needs a URL: the S3 client would slow down the cold start of
 * all other routes.
 */
export function lazyPresigner(bucket: string, source: Source): () => Promise<Presigner> {
  let loading: Promise<Presigner> | undefined;
  return () => {
    loading ??= import('./s3.ts').then((s3) => s3.presigner(bucket, source));
    return loading;
  };
}

/** Presigned requests as the API answers them. No calls. */
export function presignedRequests(presigner: () => Promise<Presigner>) {
  return {
    /** An upload within an hour. The caller sends the method, the URL and all headers. */
    async upload(upload: Upload) {
      const { presignUpload } = await presigner();
      const { url, headers, expiresAt } = await presignUpload(upload, UPLOAD_SECONDS);
      return { method: 'PUT' as const, url, headers, expiresAt: expiresAt.toISOString() };
    },

    /** A download within five minutes. */
    async download(download: Download) {
      const { presignDownload } = await presigner();
      const { url, expiresAt } = await presignDownload(download, DOWNLOAD_SECONDS);
      return { url, expiresAt: expiresAt.toISOString() };
    },
  };
}

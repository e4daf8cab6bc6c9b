import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

/** An object as S3 holds it. */
export interface StoredObject {
  size: number;
  contentType: string;
  /** Hexadecimal; undefined when the object was uploaded without a checksum. */
  sha256: string | undefined;
}

/** The objects of documents. Every call can be repeated. */
export function documentStorage(client: S3Client, bucket: string) {
  return {
    /**
     * Metadata of a version. One call.
     * @throws S3ServiceException when there is no such version or S3 rejects the call; the client's error when no answer comes
     */
    async getObject(key: string, versionId: string): Promise<StoredObject> {
      const { ContentLength, ContentType, ChecksumSHA256 } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ChecksumMode: 'ENABLED' }),
      );
      if (ContentLength === undefined) throw new Error('S3 answered HeadObject without a length');
      return {
        size: ContentLength,
        contentType: ContentType ?? '',
        sha256: ChecksumSHA256 && Buffer.from(ChecksumSHA256, 'base64').toString('hex'),
      };
    },

    /**
     * Deletes a version for good. A version that does not exist counts as deleted. One call.
     * @throws as `getObject`
     */
    async deleteVersion(key: string, versionId: string): Promise<void> {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
      } catch (error) {
        const isGone = error instanceof S3ServiceException && ['NoSuchKey', 'NoSuchVersion'].includes(error.name);
        if (!isGone) throw error;
      }
    },

    /**
     * Version ids of the objects and delete markers with exactly this key, a thousand at most. One call.
     * @throws as `getObject`
     */
    async listVersions(key: string): Promise<string[]> {
      const {
        Name,
        Versions = [],
        DeleteMarkers = [],
      } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
      // The client reads any XML. Only a list names its bucket, and only a list may pass for an empty one.
      if (Name !== bucket) throw new Error('S3 answered ListObjectVersions without a list of the bucket');
      return [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
        Key === key && VersionId !== undefined ? [VersionId] : [],
      );
    },
  };
}

export type DocumentStorage = ReturnType<typeof documentStorage>;

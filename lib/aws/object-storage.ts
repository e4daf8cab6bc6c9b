import {
  DeleteObjectCommand,
  GetObjectCommand,
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

/** What an upload was announced to be. */
interface AnnouncedObject {
  size: number;
  contentType: string;
  /** Hexadecimal. */
  sha256: string;
}

/** The objects of a bucket. Every call can be repeated. */
export function objectStorage(client: S3Client, bucket: string) {
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

    /** The bytes of a version. One call. @throws as `getObject` */
    async getBytes(key: string, versionId: string): Promise<Uint8Array> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
      if (!Body) throw new Error('S3 answered GetObject without a body');
      return Body.transformToByteArray();
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

export type ObjectStorage = ReturnType<typeof objectStorage>;

/** How often one run lists the versions of a key to find that none is left. */
const MAX_ROUNDS = 10;

/** Deletes every version and delete marker of a key. @throws Error when versions are left, or S3 fails */
export async function deleteAllVersions(
  storage: Pick<ObjectStorage, 'listVersions' | 'deleteVersion'>,
  key: string,
): Promise<void> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const versions = await storage.listVersions(key);
    if (versions.length === 0) return;
    for (const version of versions) await storage.deleteVersion(key, version);
  }
  throw new Error(`objects of ${key} keep coming`);
}

/** How an object differs from what was announced; undefined when it does not. */
export function differenceOf(announced: AnnouncedObject, object: StoredObject): string | undefined {
  if (object.size !== announced.size) return `it has ${object.size} bytes instead of ${announced.size}`;
  if (object.sha256 !== announced.sha256) return 'its checksum differs';
  if (object.contentType.toLowerCase() !== announced.contentType.toLowerCase()) return 'its content type differs';
  return undefined;
}

import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import { ClientId, DocumentId } from '../shared/ids.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { ContentType } from './content-type.ts';
import { FileName } from './file-name.ts';

/** The most documents of a client, in any state. */
export const MAX_DOCUMENTS = 5000;
/** The most bytes of a document, unless the company sets another limit. */
export const DEFAULT_MAX_SIZE = 100_000_000;
/** The most bytes that S3 accepts in one PUT, rounded down. */
const LARGEST_SIZE = 5_000_000_000;

/** The limits that a company sets for its documents. */
export const DocumentSettings = z
  .strictObject({
    maxSize: z
      .int()
      .min(1)
      .max(LARGEST_SIZE)
      .default(DEFAULT_MAX_SIZE)
      .describe('The most bytes that a document may have. The default is 100 MB (100 000 000 bytes), the maximum 5 GB.')
      .meta({ examples: [DEFAULT_MAX_SIZE] }),
  })
  .meta({ id: 'DocumentSettings' });

const Visibility = z
  .enum(['portal', 'internal'])
  .describe(
    'Who can see the document. `portal`: staff and, in the portal, the contacts of the client. `internal`: staff only.',
  );

export const Sha256 = z
  .string()
  .max(64, { abort: true })
  .regex(/^[0-9A-Fa-f]{64}$/, 'must be 64 hexadecimal digits')
  .overwrite((digits) => digits.toLowerCase())
  .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] });

const Size = z
  .int()
  .min(1)
  .max(LARGEST_SIZE)
  .meta({ examples: [48_213] });

export const DocumentInput = z
  .strictObject({
    name: FileName.describe('The file name, without a path.'),
    contentType: ContentType.describe('The media type of the bytes.'),
    size: Size.describe('The exact number of bytes. The settings of the company limit it, by default to 100 MB.'),
    sha256: Sha256.describe('The SHA-256 hash of the bytes, in hexadecimal.'),
    visibility: Visibility.default('internal'),
  })
  .meta({ id: 'DocumentInput' });
export type DocumentInput = z.output<typeof DocumentInput>;

const changeable = z.strictObject({
  name: FileName.describe('The file name, without a path.'),
  visibility: Visibility,
});

/** The fields of a document after a patch was applied. */
export const DocumentChange = changeable;

export const DocumentPatch = mergePatchOf(changeable).meta({
  id: 'DocumentPatch',
  description: 'JSON merge patch (RFC 7396). A field that is left out stays as it is.',
});
export type DocumentPatch = z.output<typeof DocumentPatch>;

export const DocumentStatus = z
  .enum(['pending', 'available'])
  .describe(
    '`pending` until the bytes are uploaded, then `available`. A document that is still pending after a day expires and disappears.',
  );

export const Document = z
  .object({
    id: DocumentId,
    name: FileName.describe('The file name.'),
    contentType: ContentType.describe('The media type of the bytes.'),
    size: Size.describe('Bytes.'),
    sha256: Sha256.describe('The SHA-256 hash of the bytes, in hexadecimal.'),
    visibility: Visibility,
    status: DocumentStatus,
    createdAt: Instant.describe('When it was created.'),
    updatedAt: Instant.describe('When it was last changed.'),
    version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
  })
  .meta({ id: 'Document', description: 'A file of a client, without its bytes.' });
export type Document = z.output<typeof Document>;

/** The presigned upload of a document. */
export const Upload = z
  .object({
    method: z.literal('PUT').describe('The method of the upload.'),
    url: z.url().meta({
      description: 'The presigned URL. Whoever has it can use it until it expires.',
      examples: ['https://documents.s3.eu-west-1.amazonaws.com/co_01JD/cli_01JD/doc_01JD?X-Amz-Signature=9f86d08'],
    }),
    headers: z
      .record(z.string(), z.string())
      .describe('The signed headers that the upload must have. Most HTTP clients set `content-length` themselves.')
      .meta({
        examples: [
          {
            'content-length': '48213',
            'content-type': 'application/pdf',
            'if-none-match': '*',
            'x-amz-checksum-sha256': 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
          },
        ],
      }),
    expiresAt: Instant.describe('When the URL expires.'),
  })
  .meta({ id: 'Upload', description: 'The presigned request that uploads the bytes.' });
export type Upload = z.output<typeof Upload>;

export const CreatedDocument = z.object({ document: Document, upload: Upload }).meta({ id: 'CreatedDocument' });
export type CreatedDocument = z.output<typeof CreatedDocument>;

export const Download = z
  .object({
    url: z.url().meta({
      description: 'The presigned URL. Whoever has it can use it until it expires.',
      examples: ['https://documents.s3.eu-west-1.amazonaws.com/co_01JD/cli_01JD/doc_01JD?X-Amz-Signature=9f86d08'],
    }),
    expiresAt: Instant.describe('When the URL expires.'),
  })
  .meta({ id: 'Download' });
export type Download = z.output<typeof Download>;

export const documentEntity = {
  name: 'document',
  version: 1,
  schema: Document.extend({
    clientId: ClientId,
    /** A document that is `deleting` is not visible. Its objects are being deleted. */
    status: z.enum(['pending', 'available', 'deleting']),
    /** The object version that has the bytes of an available document. */
    versionId: z.string().optional(),
    /** The last object version that differed from the document. A duplicate of its event deletes it again. */
    refusedVersionId: z.string().optional(),
    /** The shard of the client's counter that counts the document. */
    part: z.int(),
    /** Epoch seconds after which a pending document expires. */
    ttl: z.int().optional(),
  }),
} satisfies Entity;
export type StoredDocument = z.output<typeof documentEntity.schema>;

/** A document as callers see it. @throws Problem `not-found` for one that is being deleted */
export function toDocument(document: StoredDocument): Document {
  const { id, name, contentType, size, sha256, visibility, status, createdAt, updatedAt, version } = document;
  if (status === 'deleting') throw new Problem('not-found');
  return { id, name, contentType, size, sha256, visibility, status, createdAt, updatedAt, version };
}

/** One shard of the counter of a client's documents. */
export const documentCountEntity = {
  name: 'document-count',
  version: 1,
  schema: z.object({ documents: z.int().nonnegative() }),
} satisfies Entity;

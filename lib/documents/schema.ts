import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import { ClientId, DocumentId } from '../shared/ids.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { ContentType } from './content-type.ts';
import { FileName } from './file-name.ts';

/** Documents of a client, whatever their state. */
export const MAX_DOCUMENTS = 5000;
/** Bytes of a document unless the company sets another limit. */
export const DEFAULT_MAX_SIZE = 100_000_000;
/** Bytes that S3 takes in one PUT, rounded down. */
const LARGEST_SIZE = 5_000_000_000;

/** The company's own limits of documents. */
export const DocumentSettings = z
  .strictObject({
    maxSize: z
      .int()
      .min(1)
      .max(LARGEST_SIZE)
      .default(DEFAULT_MAX_SIZE)
      .describe('Bytes that one document may have; 100 MB (100 000 000) where nothing is set, 5 GB at most.')
      .meta({ examples: [DEFAULT_MAX_SIZE] }),
  })
  .meta({ id: 'DocumentSettings' });

const Visibility = z
  .enum(['portal', 'internal'])
  .describe('`portal`: the contacts of the client may see it in the portal; `internal`: staff only.');

const Sha256 = z
  .string()
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
    name: FileName,
    contentType: ContentType,
    size: Size.describe("Bytes, exactly. The company's limit holds: 100 MB unless its settings say otherwise."),
    sha256: Sha256.describe('SHA-256 of the bytes in hexadecimal digits.'),
    visibility: Visibility.default('internal'),
  })
  .meta({ id: 'DocumentInput' });
export type DocumentInput = z.output<typeof DocumentInput>;

const changeable = z.strictObject({ name: FileName, visibility: Visibility });

/** What a document is once a patch is applied. */
export const DocumentChange = changeable;

export const DocumentPatch = mergePatchOf(changeable).meta({
  id: 'DocumentPatch',
  description: 'JSON merge patch (RFC 7396): what is left out stays.',
});
export type DocumentPatch = z.output<typeof DocumentPatch>;

export const DocumentStatus = z
  .enum(['pending', 'available'])
  .describe('`pending` until the upload has arrived; one that has not come within a day is gone.');

export const Document = z
  .object({
    id: DocumentId,
    name: FileName,
    contentType: ContentType,
    size: Size.describe('Bytes.'),
    sha256: Sha256,
    visibility: Visibility,
    status: DocumentStatus,
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Document' });
export type Document = z.output<typeof Document>;

/** The presigned upload of a document. */
export const Upload = z
  .object({
    method: z.literal('PUT'),
    url: z.url().meta({
      examples: ['https://documents.s3.eu-west-1.amazonaws.com/co_01JD/cli_01JD/doc_01JD?X-Amz-Signature=9f86d08'],
    }),
    headers: z
      .record(z.string(), z.string())
      .describe('Signed headers that the client must send; `content-length` is set by what sends the bytes.')
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
    expiresAt: Instant,
  })
  .meta({ id: 'Upload' });
export type Upload = z.output<typeof Upload>;

export const CreatedDocument = z.object({ document: Document, upload: Upload }).meta({ id: 'CreatedDocument' });
export type CreatedDocument = z.output<typeof CreatedDocument>;

export const Download = z
  .object({
    url: z.url().meta({
      examples: ['https://documents.s3.eu-west-1.amazonaws.com/co_01JD/cli_01JD/doc_01JD?X-Amz-Signature=9f86d08'],
    }),
    expiresAt: Instant,
  })
  .meta({ id: 'Download' });
export type Download = z.output<typeof Download>;

export const documentEntity = {
  name: 'document',
  version: 1,
  schema: Document.extend({
    clientId: ClientId,
    /** One that is being deleted is nobody's to see any more; its objects are being removed. */
    status: z.enum(['pending', 'available', 'deleting']),
    /** Of the one object version that is the document; there once it is available. */
    versionId: z.string().optional(),
    /** The last object version that differed from the document: it is deleted, however often its event comes. */
    refusedVersionId: z.string().optional(),
    /** Which part of the client's count it is counted in. */
    part: z.int(),
    /** Epoch seconds after which a pending one is gone. */
    ttl: z.int().optional(),
  }),
} satisfies Entity<z.ZodType>;
export type StoredDocument = z.output<typeof documentEntity.schema>;

/** A document as callers see it. @throws Problem `not-found` for one that is being deleted */
export function toDocument(document: StoredDocument): Document {
  const { id, name, contentType, size, sha256, visibility, status, createdAt, updatedAt, version } = document;
  if (status === 'deleting') throw new Problem('not-found');
  return { id, name, contentType, size, sha256, visibility, status, createdAt, updatedAt, version };
}

/** One part of the number of documents of a client. */
export const documentCountEntity = {
  name: 'document-count',
  version: 1,
  schema: z.object({ documents: z.int().nonnegative() }),
} satisfies Entity<z.ZodType>;

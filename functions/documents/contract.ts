import * as z from 'zod';
import {
  CreatedDocument,
  Document,
  DocumentInput,
  DocumentPatch,
  DocumentStatus,
  Download,
} from '../../lib/documents/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, DocumentId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'editor', module: 'clients' } as const;

const clientParams = z.strictObject({ clientId: ClientId });
const documentParams = z.strictObject({ clientId: ClientId, documentId: DocumentId });

/** The documents of a client. Their bytes are uploaded to S3 and downloaded from there, never through the API. */
export const documents = contract({
  createDocument: {
    method: 'POST',
    path: '/v1/clients/{clientId}/documents',
    tag: 'Documents',
    summary: 'Create a document and get a presigned URL to upload it',
    description:
      'Upload the bytes with the method, URL and headers in `upload`. The URL is valid for an hour and for one upload. S3 refuses bytes of another size, type or checksum. The document becomes `available` within seconds after the upload. If nothing is uploaded, the document expires after a day.',
    access: writer,
    params: clientParams,
    body: DocumentInput,
    examples: [
      {
        body: {
          name: 'Terms 2026.txt',
          contentType: 'text/plain',
          size: 24,
          sha256: 'bfff477a034446da7e69c899c609deba5a3c574009306b02fc83c947c8d41189',
          visibility: 'portal',
        },
      },
    ],
    reply: {
      status: 201,
      description: 'The document and the presigned request that uploads it.',
      schema: CreatedDocument,
      location: true,
    },
    versioned: true,
    problems: ['not-found', 'too-many-documents', 'write-conflict'],
  },
  listDocuments: {
    method: 'GET',
    path: '/v1/clients/{clientId}/documents',
    tag: 'Documents',
    summary: 'List the documents of a client',
    description: 'Documents whose bytes have not arrived yet have the status `pending`.',
    access: reader,
    params: clientParams,
    query: z.strictObject({
      ...listQuery,
      visibility: Document.shape.visibility.optional(),
      status: DocumentStatus.optional(),
    }),
    examples: [{ query: { visibility: 'portal', status: 'available' } }],
    reply: { status: 200, description: 'A page of documents, newest first.', schema: pageOf('DocumentPage', Document) },
    problems: ['not-found', 'bad-cursor'],
  },
  getDocument: {
    method: 'GET',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Get a document',
    description: 'Describes the document. `POST …/download` gives its bytes.',
    access: reader,
    params: documentParams,
    reply: { status: 200, description: 'The document.', schema: Document },
    versioned: true,
    problems: ['not-found'],
  },
  changeDocument: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Rename a document or change who sees it',
    description:
      'JSON merge patch (RFC 7396). The bytes of a document cannot be replaced: create another document instead.',
    access: writer,
    params: documentParams,
    body: DocumentPatch,
    examples: [{ body: { name: 'Terms from May 2026.txt', visibility: 'internal' } }],
    reply: { status: 200, description: 'The document.', schema: Document },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  deleteDocument: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Delete a document for good',
    description: 'The document disappears at once for everybody. Its bytes are deleted in the background.',
    access: writer,
    params: documentParams,
    reply: { status: 204, description: 'The document is deleted.' },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  downloadDocument: {
    method: 'POST',
    path: '/v1/clients/{clientId}/documents/{documentId}/download',
    tag: 'Documents',
    summary: 'Get a presigned URL to download a document',
    description:
      'The URL is valid for five minutes and needs no credentials. The browser saves the file under the name of the document. Content that a browser could run is served as `application/octet-stream`.',
    access: reader,
    params: documentParams,
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 200, description: 'The presigned URL.', schema: Download },
    problems: ['not-found', 'document-pending'],
  },
});

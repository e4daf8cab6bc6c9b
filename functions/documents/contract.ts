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

const ofClient = z.strictObject({ clientId: ClientId });
const one = z.strictObject({ clientId: ClientId, documentId: DocumentId });

/** The documents of a client. Their bytes go to S3 and come from there, never through here. */
export const documents = contract({
  createDocument: {
    method: 'POST',
    path: '/v1/clients/{clientId}/documents',
    tag: 'Documents',
    summary: 'Create a document and get a presigned URL to upload it',
    description:
      'Send the bytes with the method, to the URL and with the headers of `upload`, within an hour and once. S3 refuses any other size, type or checksum. Once the bytes have arrived the document becomes `available` by itself; a document whose bytes never arrive expires after a day.',
    access: writer,
    params: ofClient,
    body: DocumentInput,
    reply: {
      status: 201,
      description: 'The document and its presigned upload.',
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
    access: reader,
    params: ofClient,
    query: z.strictObject({
      ...listQuery,
      visibility: Document.shape.visibility.optional(),
      status: DocumentStatus.optional(),
    }),
    reply: { status: 200, description: 'A page of documents, newest first.', schema: pageOf('DocumentPage', Document) },
    problems: ['not-found', 'bad-cursor'],
  },
  getDocument: {
    method: 'GET',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Get a document',
    access: reader,
    params: one,
    reply: { status: 200, description: 'The document.', schema: Document },
    versioned: true,
    problems: ['not-found'],
  },
  changeDocument: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Rename a document or change who sees it',
    description: 'JSON merge patch (RFC 7396). The bytes never change: another file is another document.',
    access: writer,
    params: one,
    body: DocumentPatch,
    reply: { status: 200, description: 'The document.', schema: Document },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  deleteDocument: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/documents/{documentId}',
    tag: 'Documents',
    summary: 'Delete a document for good',
    description: 'It is gone at once for everybody; every version of its bytes is deleted in the background.',
    access: writer,
    params: one,
    reply: { status: 204, description: 'The document is gone.' },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  downloadDocument: {
    method: 'POST',
    path: '/v1/clients/{clientId}/documents/{documentId}/download',
    tag: 'Documents',
    summary: 'Get a presigned URL to download a document',
    description:
      'Valid for five minutes, without further sign-in. Always a file to save under its name; what a browser could run has the type `application/octet-stream`.',
    access: reader,
    params: one,
    body: z.strictObject({}),
    bodyOptional: true,
    reply: { status: 200, description: 'The presigned URL.', schema: Download },
    problems: ['not-found', 'document-pending'],
  },
});

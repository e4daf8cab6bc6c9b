import { activityWrites } from '../../lib/activity/writes.ts';
import { env } from '../../lib/aws/env.ts';
import type { Presigner } from '../../lib/aws/s3.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import type { CreatedDocument, Document } from '../../lib/documents/schema.ts';
import { documentService } from '../../lib/documents/service.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { documents as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
let presigner: Promise<Presigner> | undefined;

/** Loaded by the first request that needs it: the S3 client would slow down the cold start of all other routes. */
function openPresigner(): Promise<Presigner> {
  presigner ??= import('../../lib/aws/s3.ts').then((s3) => s3.presigner(env('BUCKET_NAME'), source));
  return presigner;
}

const documents = documentService({
  documents: documentRepository(table),
  isClient: clientExistence(table),
  presigner: openPresigner,
  activity: activityWrites(table.name),
  source,
});

const shown = (document: Document) => ({ body: document, version: document.version });
const created = (client: ClientId) => (body: CreatedDocument) => ({
  body,
  version: body.document.version,
  location: `/v1/clients/${client}/documents/${body.document.id}`,
});

export const handler = httpFunction(
  contract,
  {
    async createDocument({ principal, params: { clientId }, body, remember }) {
      const reply = created(clientId);
      return reply(await documents.createUpload(principal, clientId, body, (answer) => remember(reply(answer))));
    },
    async listDocuments({ principal, params, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const after = await cursor.open(sealed);
      const page = await documents.list(principal, params.clientId, { filter, limit, after });
      return { body: { data: page.documents, nextCursor: await cursor.seal(page.next) } };
    },
    getDocument: async ({ principal, params }) =>
      shown(await documents.read(principal, params.clientId, params.documentId)),
    changeDocument: async ({ principal, params, body, ifMatch }) =>
      shown(await documents.change(principal, params.clientId, params.documentId, body, ifMatch)),
    async deleteDocument({ principal, params, ifMatch }) {
      await documents.remove(principal, params.clientId, params.documentId, ifMatch);
      return { body: undefined };
    },
    downloadDocument: async ({ principal, params }) => ({
      body: await documents.download(principal, params.clientId, params.documentId),
    }),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);

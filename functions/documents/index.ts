import { env } from '../../lib/aws/env.ts';
import type { CreatedDocument } from '../../lib/documents/schema.ts';
import { documentServices } from '../../lib/documents/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import { documents as contract } from './contract.ts';

const createdReplyFor = (client: ClientId) => (upload: CreatedDocument) => ({
  body: upload,
  version: upload.document.version,
  location: `/v1/clients/${client}/documents/${upload.document.id}`,
});

export const handler = httpFunction(contract, (deps) => {
  const { documents } = documentServices(deps, env('BUCKET_NAME'));
  return {
    createDocument: {
      async run({ principal, params: { clientId }, body, commit }) {
        const toReply = createdReplyFor(clientId);
        return toReply(await documents.createUpload(principal, clientId, body, commit(toReply)));
      },
      findFaults: ({ principal, params, body }) => documents.faultsOfCreation(principal, params.clientId, body),
    },
    async listDocuments({ principal, params, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const after = await cursor.open(sealed);
      const page = await documents.list(principal, params.clientId, { filter, limit, after });
      return pageReply(cursor, page.documents, page.next);
    },
    getDocument: async ({ principal, params }) =>
      versionedReply(await documents.read(principal, params.clientId, params.documentId)),
    changeDocument: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await documents.change(principal, params.clientId, params.documentId, body, ifMatch)),
    async deleteDocument({ principal, params, ifMatch }) {
      await documents.remove(principal, params.clientId, params.documentId, ifMatch);
      return emptyReply;
    },
    downloadDocument: async ({ principal, params }) => ({
      body: await documents.download(principal, params.clientId, params.documentId),
    }),
  };
});

import { env } from '../../lib/aws/env.ts';
import { clientServices } from '../../lib/clients/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { clients as contract } from './contract.ts';

const toCreatedReply = createdReply('/v1/clients');

export const handler = httpFunction(contract, (deps) => {
  const { clients, findClients, tags, readOverview, readIncluded } = clientServices(
    deps,
    parseMailLimits(env('MAIL_LIMITS')),
  );
  return {
    createClient: async ({ principal, body, commit }) =>
      toCreatedReply(await clients.create(principal, body, commit(toCreatedReply))),
    async listClients({ principal, query, cursor }) {
      const page = await findClients(principal, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.rows, page.next);
    },
    async listClientTags({ principal, query, cursor }) {
      const page = await tags.list(principal.companyId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.tags, page.next);
    },
    async getClient({ principal, params, query }) {
      const profile = await clients.profile(principal, params.clientId);
      const included = await readIncluded(principal.companyId, params.clientId, query.include);
      return versionedReply({ ...profile, ...included });
    },
    getClientOverview: async ({ principal, params }) => ({ body: await readOverview(principal, params.clientId) }),
    changeClient: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await clients.patch(principal, params.clientId, body, ifMatch)),
    archiveClient: async ({ principal, params, ifMatch, commit }) =>
      versionedReply(await clients.archive(principal, params.clientId, ifMatch, commit(versionedReply))),
    restoreClient: async ({ principal, params, ifMatch, commit }) =>
      versionedReply(await clients.restore(principal, params.clientId, ifMatch, commit(versionedReply))),
  };
});

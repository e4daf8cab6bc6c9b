import { env } from '../../lib/aws/env.ts';
import { clientServices } from '../../lib/clients/wiring.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { clients as contract } from './contract.ts';

const toCreatedReply = createdReply('/v1/clients');

export const handler = httpFunction(contract, (deps) => {
  const { clients, findClients, tags, readOverview, readIncluded } = clientServices(deps, {
    mailLimits: parseMailLimits(env('MAIL_LIMITS')),
    hashing: passwordHashing(env('PASSWORD_HASHING')),
  });
  return {
    createClient: {
      run: async ({ principal, body, commit }) =>
        toCreatedReply(await clients.create(principal, body, commit(toCreatedReply))),
      findFaults: ({ principal, body }) => clients.faultsOfCreation(principal, body),
    },
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
    changeClient: {
      run: async ({ principal, params, body, ifMatch }) =>
        versionedReply(await clients.patch(principal, params.clientId, body, ifMatch)),
      findFaults: ({ principal, params, body }) => clients.faultsOfPatch(principal, params.clientId, body),
    },
    archiveClient: async ({ principal, params, ifMatch, commit }) =>
      versionedReply(await clients.archive(principal, params.clientId, ifMatch, commit(versionedReply))),
    restoreClient: async ({ principal, params, ifMatch, commit }) =>
      versionedReply(await clients.restore(principal, params.clientId, ifMatch, commit(versionedReply))),
  };
});

import { userLinkServices } from '../../lib/clients/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply } from '../../lib/http/replies.ts';
import { clientUsers as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { links } = userLinkServices(deps);
  return {
    linkUser: async ({ principal, params }) => ({ body: await links.link(principal, params.clientId, params.userId) }),
    async unlinkUser({ principal, params }) {
      await links.unlink(principal, params.clientId, params.userId);
      return emptyReply;
    },
    async listClientUsers({ principal, params, query, cursor }) {
      const page = await links.usersOf(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.users, page.next);
    },
    async listUserClients({ principal, params, query, cursor }) {
      const page = await links.clientsOf(principal, params.userId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.clients, page.next);
    },
    async listMyClients({ principal, query, cursor }) {
      const page = await links.ownClients(principal, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.clients, page.next);
    },
    getMyClient: async ({ principal, params }) => ({ body: await links.ownClient(principal, params.clientId) }),
  };
});

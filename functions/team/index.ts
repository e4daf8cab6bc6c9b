import { env } from '../../lib/aws/env.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { teamServices } from '../../lib/team/wiring.ts';
import { team as contract } from './contract.ts';

const createdUser = createdReply('/v1/users');
const bodyOnly = <T>(body: T) => ({ body });

export const handler = httpFunction(contract, (deps) => {
  const { team, accounts } = teamServices(deps, parseMailLimits(env('MAIL_LIMITS')));
  return {
    async listUsers({ principal, query, cursor }) {
      const page = await accounts.users(principal.companyId, query.limit, await cursor.open(query.cursor), query.q);
      return pageReply(cursor, page.users, page.next);
    },
    inviteUser: {
      run: async ({ principal, body, commit }) => createdUser(await team.invite(principal, body, commit(createdUser))),
      findFaults: ({ principal, body }) => team.faultsOfInvitation(principal, body),
    },
    sendUserInvitation: async ({ principal, params, commit }) =>
      bodyOnly(await team.inviteAgain(principal, params.userId, commit(bodyOnly))),
    getUser: async ({ principal, params }) => versionedReply(await team.user(principal.companyId, params.userId)),
    changeUser: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await team.changeUser(principal, params.userId, body, ifMatch)),
    createApiToken: {
      run: async ({ principal, body, commit }) =>
        bodyOnly(await team.createApiToken(principal, body, commit(bodyOnly))),
      findFaults: async ({ body }) => team.faultsOfApiToken(body),
    },
    async listApiTokens({ principal, query, cursor }) {
      const page = await accounts.apiTokens(principal.companyId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.tokens, page.next);
    },
    getApiToken: async ({ principal, params }) => versionedReply(await team.apiToken(principal, params.tokenId)),
    renameApiToken: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await team.renameApiToken(principal, params.tokenId, body, ifMatch)),
    async revokeApiToken({ principal, params }) {
      await team.revokeApiToken(principal, params.tokenId);
      return emptyReply;
    },
  };
});

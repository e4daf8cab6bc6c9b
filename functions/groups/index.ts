import { groupServices } from '../../lib/groups/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { groups as contract } from './contract.ts';

const created = createdReply('/v1/groups');

export const handler = httpFunction(contract, (deps) => {
  const { groups, repository } = groupServices(deps);
  return {
    createGroup: {
      run: async ({ principal, body, commit }) =>
        created(await groups.create(principal.companyId, body, commit(created))),
      findFaults: ({ principal, body }) => groups.faultsOfCreation(principal.companyId, body),
    },
    async listGroups({ principal, query, cursor }) {
      const page = await repository.list(principal.companyId, query.limit, await cursor.open(query.cursor), query.q);
      return pageReply(cursor, page.groups, page.next);
    },
    reportGroups: async ({ principal }) => ({ body: await groups.report(principal.companyId) }),
    getGroup: async ({ principal, params }) => versionedReply(await groups.read(principal.companyId, params.groupId)),
    changeGroup: {
      run: async ({ principal, params, body, ifMatch }) =>
        versionedReply(await groups.change(principal.companyId, params.groupId, body, ifMatch)),
      findFaults: ({ principal, params, body }) => groups.faultsOfChange(principal.companyId, params.groupId, body),
    },
    deleteGroup: async ({ principal, params, ifMatch }) =>
      versionedReply(await groups.delete(principal.companyId, params.groupId, ifMatch)),
  };
});

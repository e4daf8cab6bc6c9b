import { creditServices } from '../../lib/billing/credits/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { credits as contract } from './contract.ts';

const created = createdReply('/v1/credits');

export const handler = httpFunction(contract, (deps) => {
  const { credits, listCredits } = creditServices(deps);
  return {
    createCredit: {
      run: async ({ principal, body, commit }) => created(await credits.create(principal, body, commit(created))),
      findFaults: ({ principal, body }) => credits.faultsOfCreation(principal, body),
    },
    async listCredits({ principal, query, cursor }) {
      const page = await listCredits(principal, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.credits, page.next);
    },
    getCredit: async ({ principal, params }) => versionedReply(await credits.read(principal, params.creditId)),
    cancelCredit: async ({ principal, params, commit }) =>
      versionedReply(await credits.cancel(principal, params.creditId, commit(versionedReply))),
  };
});

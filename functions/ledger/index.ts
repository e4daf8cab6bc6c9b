import { ledgerServices } from '../../lib/billing/ledger/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { pageReply } from '../../lib/http/replies.ts';
import { ledger as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { prover, listLedger } = ledgerServices(deps);
  return {
    async listLedger({ principal, params, query, cursor }) {
      const page = await listLedger(principal, params.clientId, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.entries, page.next);
    },
    proveLedger: async ({ principal, params }) => ({ body: await prover.prove(principal.companyId, params.clientId) }),
  };
});

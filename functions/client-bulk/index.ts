import { logger } from '../../lib/aws/logger.ts';
import { faultsOfValues } from '../../lib/clients/bulk-schema.ts';
import { bulkServices } from '../../lib/clients/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { clientBulk as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { bulk } = bulkServices(deps, (error, clientId) =>
    logger.error('a bulk action failed for one client', Object(error), { clientId }),
  );
  return {
    changeClients: {
      run: async ({ principal, body }) => ({ body: await bulk.run(principal, body) }),
      findFaults: async ({ body }) => faultsOfValues(body),
    },
  };
});

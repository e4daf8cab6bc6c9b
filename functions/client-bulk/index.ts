import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { bulkService } from '../../lib/clients/bulk.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { clientService } from '../../lib/clients/service.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { clientBulk as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const bulk = bulkService({
  clients: clientService({
    clients: clientRepository(table),
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    source,
  }),
  report: (error, clientId) => logger.error('one of many clients failed', Object(error), { clientId }),
});

export const handler = httpFunction(
  contract,
  { changeClients: async ({ principal, body }) => ({ body: await bulk.run(principal, body) }) },
  { table, source, cursors: noCursors },
);

import { bulkService } from '../../lib/clients/bulk.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { clientService } from '../../lib/clients/service.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { env } from '../../lib/platform/env.ts';
import { noCursors } from '../../lib/platform/http/cursor.ts';
import { httpFunction } from '../../lib/platform/http/function.ts';
import { logger } from '../../lib/platform/logger.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
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

import { env } from '../../lib/aws/env.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { clientSettings as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const settings = clientSettingsService({
  clients: clientRepository(table),
  settings: settingsRepository(table),
  source,
});

export const handler = httpFunction(
  contract,
  {
    getClientSettings: async ({ principal, params }) => ({ body: await settings.read(principal, params.clientId) }),
    async changeClientSettings({ principal, params, body, ifMatch }) {
      const { effective, version } = await settings.change(principal, params.clientId, body, ifMatch);
      return { body: effective, version };
    },
  },
  { table, source, cursors: noCursors },
);

import { clientRepository } from '../../lib/clients/repository.ts';
import { env } from '../../lib/platform/env.ts';
import { noCursors } from '../../lib/platform/http/cursor.ts';
import { httpFunction } from '../../lib/platform/http/function.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
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

import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { companyService } from '../../lib/company/service.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { dayIn, groupCode, needsGroup, writeNumber } from '../../lib/numbers/pattern.ts';
import { randomLetters } from '../../lib/numbers/random.ts';
import { numberPreview } from '../../lib/settings/number-preview.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { settingsService } from '../../lib/settings/service.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { company as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const companies = companyService(accountRepository(table), source);
const repository = settingsRepository(table);
const settings = settingsService({ settings: repository, source, dayIn });
const preview = numberPreview({
  settings: repository,
  source,
  dayIn,
  needsGroup,
  write: (pattern, { groupName, ...parts }) =>
    writeNumber(pattern, { ...parts, group: groupCode(groupName), random: randomLetters(source) }),
});

const versioned = <T extends { version: number }>(body: T) => ({ body, version: body.version });

export const handler = httpFunction(
  contract,
  {
    getCompany: async ({ principal }) => versioned(await companies.read(principal.companyId)),
    changeCompany: async ({ principal, body, ifMatch }) =>
      versioned(await companies.change(principal.companyId, body, ifMatch)),
    getSettings: async ({ principal }) => versioned(await settings.read(principal.companyId)),
    changeSettings: async ({ principal, body, ifMatch }) =>
      versioned(await settings.change(principal.companyId, body, ifMatch)),
    previewNumbers: async ({ principal, body }) => ({ body: await preview(principal.companyId, body) }),
    getClientsModule: async ({ principal }) => versioned(await companies.clientsModule(principal.companyId)),
    setClientsModule: async ({ principal, body, ifMatch }) =>
      versioned(await companies.setClientsModule(principal.companyId, body, ifMatch)),
  },
  { table, source, cursors: noCursors },
);

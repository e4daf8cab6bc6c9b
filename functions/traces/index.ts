import { activityLog } from '../../lib/activity/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { openTable } from '../../lib/table/table.ts';
import { traces as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const activity = activityLog(table);
const logs = systemLog(table);
const isClient = clientExistence(table);

export const handler = httpFunction(
  contract,
  {
    async listActivity({ principal: { companyId }, params: { clientId }, query, cursor }) {
      const page = await activity.page(companyId, clientId, query.limit, await cursor.open(query.cursor));
      // Only an empty list can be that of nobody.
      if (page.entries.length === 0 && !(await isClient(companyId, clientId))) throw new Problem('not-found');
      return { body: { data: page.entries, nextCursor: await cursor.seal(page.next) } };
    },
    async listSystemLogs({ principal, params: { clientId }, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const { companyId } = principal;
      const after = await cursor.open(sealed);
      const page = await logs.page(companyId, clientId, { filter, limit, after });
      // Only an empty list can be that of nobody.
      if (page.entries.length === 0 && !(await isClient(companyId, clientId))) throw new Problem('not-found');
      return { body: { data: page.entries, nextCursor: await cursor.seal(page.next) } };
    },
    async listCompanySystemLogs({ principal: { companyId }, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const page = await logs.page(companyId, null, { filter, limit, after: await cursor.open(sealed) });
      return { body: { data: page.entries, nextCursor: await cursor.seal(page.next) } };
    },
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);

import { filterOfQuery } from '../../lib/activity/query-schema.ts';
import { activityLog } from '../../lib/activity/repository.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { pageReply } from '../../lib/http/replies.ts';
import { Problem } from '../../lib/shared/errors.ts';
import type { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { traces as contract } from './contract.ts';

export const handler = httpFunction(contract, ({ table }) => {
  const activity = activityLog(table);
  const logs = systemLog(table);
  const isClient = clientExistence(table);

  /** Checks that the client exists if it has no entries. @throws Problem `not-found` */
  async function assertClientExists(company: CompanyId, client: ClientId, entries: readonly unknown[]): Promise<void> {
    if (entries.length === 0 && !(await isClient(company, client))) throw new Problem('not-found');
  }

  return {
    async listActivity({ principal, params: { clientId }, query: { limit, cursor: sealed, ...filters }, cursor }) {
      const { companyId, timezone } = principal;
      const filter = filterOfQuery(filters, timezone);
      const page = await activity.page(companyId, clientId, { filter, limit, after: await cursor.open(sealed) });
      await assertClientExists(companyId, clientId, page.entries);
      return pageReply(cursor, page.entries, page.next);
    },
    async listCompanyActivity({ principal, query: { limit, cursor: sealed, ...filters }, cursor }) {
      const { companyId, timezone } = principal;
      const filter = filterOfQuery(filters, timezone);
      const page = await activity.companyPage(companyId, { filter, limit, after: await cursor.open(sealed) });
      return pageReply(cursor, page.entries, page.next);
    },
    async listSystemLogs({ principal, params: { clientId }, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const { companyId } = principal;
      const page = await logs.page(companyId, clientId, { filter, limit, after: await cursor.open(sealed) });
      await assertClientExists(companyId, clientId, page.entries);
      return pageReply(cursor, page.entries, page.next);
    },
    async listCompanySystemLogs({ principal: { companyId }, query: { limit, cursor: sealed, ...filter }, cursor }) {
      const page = await logs.page(companyId, null, { filter, limit, after: await cursor.open(sealed) });
      return pageReply(cursor, page.entries, page.next);
    },
  };
});

import { companyEntity } from '../accounts/schema.ts';
import type { Author } from '../activity/schema.ts';
import { ClientId, type CompanyId, type GroupId, generalGroupId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, queryPage } from '../table/query.ts';
import { transact } from '../table/transaction.ts';
import type { ClientRepository } from './repository.ts';

/** The clients of a group, as the deletion of the group needs them. */
export function memberRepository(table: Table, clients: Pick<ClientRepository, 'client' | 'writesToReplace'>) {
  return {
    /** Up to `limit` clients of the group, live before archived, by an index that may lag behind. One or two calls. */
    async inGroup(company: CompanyId, group: GroupId, limit: number): Promise<ClientId[]> {
      const page = async (archived: boolean, size: number) => {
        const range = ranges.clientsOfFacet(company, 'group', group, archived);
        const { items } = await queryPage(table, { range, limit: size });
        return items.map(({ id }) => ClientId.parse(id));
      };
      const live = await page(false, limit);
      return live.length < limit ? [...live, ...(await page(true, limit - live.length))] : live;
    },

    /** For how many days the company keeps the activity of its clients; null keeps it for ever. One call. */
    async activityDays(company: CompanyId): Promise<number | null> {
      const item = await getItem(table, keys.company(company));
      return item ? readItem(companyEntity, item).activityDays : null;
    },

    /** Moves the client to General if it is still in the group. Returns whether it was. Two calls. */
    leaveGroup(company: CompanyId, id: ClientId, group: GroupId, by: Author, at: string): Promise<boolean> {
      return retryOnStaleVersion(undefined, async () => {
        const client = await clients.client(company, id);
        if (client?.groupId !== group) return false;
        const after = { ...client, groupId: generalGroupId(company), updatedAt: at, version: client.version + 1 };
        await transact(table, clients.writesToReplace(company, client, after, { by, action: 'client.updated' }));
        return true;
      });
    },
  };
}

import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { ranges } from '../table/keys.ts';
import { type Position, queryPage } from '../table/query.ts';
import { type ActivityEntry, activityEntity } from './schema.ts';

/** Reads the activity of clients. */
export function activityLog(table: Table) {
  return {
    /** A page of a client's entries, newest first. One call. */
    async page(
      company: CompanyId,
      client: ClientId,
      limit: number,
      after: Position | undefined,
    ): Promise<{ entries: ActivityEntry[]; next: Position | undefined }> {
      const range = ranges.activity(company, client);
      const { items, next } = await queryPage(table, { range, limit, after, descending: true, consistent: true });
      return { entries: items.map((item) => readItem(activityEntity, item)), next };
    },
  };
}

export type ActivityLog = ReturnType<typeof activityLog>;

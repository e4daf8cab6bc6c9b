import { directoryEntity } from '../company/directory-schema.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { clientIdPage } from '../table/client-ids.ts';
import { asItem, readItem } from '../table/entity.ts';
import { DIRECTORY_PARTS, keys, ranges } from '../table/keys.ts';
import { getItem, type Position, queryPage } from '../table/query.ts';
import { transact, writes } from '../table/transaction.ts';
import { type Reindex, reindexEntity } from './schema.ts';

const stale = new Error('the request has been changed');

/** Requests to rebuild the rows and postings of companies, with their progress. */
export function reindexRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** All companies, in batches. */
    async *companies(): AsyncGenerator<CompanyId[]> {
      for (const part of DIRECTORY_PARTS) {
        let after: Position | undefined;
        do {
          const page = await queryPage(table, { range: ranges.directory(part), limit: 200, after });
          yield page.items.map((item) => readItem(directoryEntity, item).companyId);
          after = page.next;
        } while (after);
      }
    },

    async read(company: CompanyId): Promise<Reindex | undefined> {
      const item = await getItem(table, keys.reindex(company), true);
      return item && readItem(reindexEntity, item);
    },

    /** Stores a request; it replaces an earlier one. One call. */
    async request(company: CompanyId, request: Reindex): Promise<void> {
      await transact(table, [on.put(keys.reindex(company), asItem(reindexEntity, request))]);
    },

    /** Stores the progress of a request that still has the version of `before`. Returns whether it had. One call. */
    async saveProgress(company: CompanyId, before: Reindex, after: Reindex): Promise<boolean> {
      const next = asItem(reindexEntity, after);
      try {
        await transact(table, [on.replace(keys.reindex(company), next, before.version, () => stale)]);
        return true;
      } catch (error) {
        if (error === stale) return false;
        throw error;
      }
    },

    /** A page of client ids in the order of creation. One Query. */
    clients: (company: CompanyId, archived: boolean, limit: number, after: Position | undefined) =>
      clientIdPage(table, company, { archived, limit, after }),
  };
}

export type ReindexRepository = ReturnType<typeof reindexRepository>;

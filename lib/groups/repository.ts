import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { CompanyId, GroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, type Position, queryAll, queryPage } from '../table/query.ts';
import { shardedCounter } from '../table/sharded-counter.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { groupEntity, type StoredGroup } from './schema.ts';

/** What the index of clients counts for a facet. */
const Counted = z.object({ SK: z.string(), clients: z.int() });

/** Groups of clients. */
export function groupRepository(table: Table) {
  const on = writes(table.name);
  const members = shardedCounter(table);

  return {
    writesToCreate: (company: CompanyId, group: StoredGroup): Write[] => [
      on.create(keys.group(company, group.id), asItem(groupEntity, group)),
    ],

    /** A group, strongly consistent; undefined where there is none. One call. */
    async group(company: CompanyId, id: GroupId): Promise<StoredGroup | undefined> {
      const item = await getItem(table, keys.group(company, id), true);
      return item && readItem(groupEntity, item);
    },

    /** A page of groups, oldest first: General is the oldest. One call. */
    async list(company: CompanyId, limit: number, after: Position | undefined) {
      const page = await queryPage(table, { range: ranges.groups(company), limit, after });
      return { groups: page.items.map((item) => readItem(groupEntity, item)), next: page.next };
    },

    /** Replaces a group that still has version `seen`. @throws Problem `stale-version` */
    async replace(company: CompanyId, group: StoredGroup, seen: number): Promise<void> {
      await transact(table, [replacement(company, group, seen)]);
    },

    /** Begins a deletion: from now on no client can join, however far its own request has got. One transaction. */
    async beginDeletion(company: CompanyId, group: StoredGroup, seen: number): Promise<void> {
      await transact(table, [replacement(company, group, seen), ...members.seal(company, group.id)]);
    },

    /** Clients that have the group at this moment. One call. */
    members: (company: CompanyId, id: GroupId) => members.total(company, id),

    /** Removes a group as it stands and as long as nobody has it; answers whether it did. One transaction. */
    async remove(company: CompanyId, group: StoredGroup, ttl: number): Promise<boolean> {
      const overtaken = new Error('the group has moved on');
      const removal = on.removeVersion(keys.group(company, group.id), group.version, () => overtaken);
      try {
        await transact(table, [removal, ...members.seal(company, group.id, { refusal: () => overtaken, ttl })]);
        return true;
      } catch (error) {
        if (error !== overtaken) throw error;
        return false;
      }
    },

    /** All groups with the number of their clients as the index counts them. Two calls, for a thousand groups. */
    async counts(company: CompanyId): Promise<{ group: StoredGroup; clients: number }[]> {
      const [groups, counts] = await Promise.all([
        queryAll(table, ranges.groups(company)),
        queryAll(table, ranges.clientCounts(company, 'group')),
      ]);
      const { prefix = '' } = ranges.clientCounts(company, 'group');
      const clients = new Map(
        counts.map((item) => {
          const { SK, clients: count } = Counted.parse(item);
          return [SK.slice(prefix.length), count];
        }),
      );
      return groups
        .map((item) => readItem(groupEntity, item))
        .map((group) => ({ group, clients: clients.get(group.id) ?? 0 }));
    },
  };

  function replacement(company: CompanyId, group: StoredGroup, seen: number): Write {
    return on.replace(
      keys.group(company, group.id),
      asItem(groupEntity, group),
      seen,
      (standing) => new Problem(standing ? 'stale-version' : 'not-found'),
    );
  }
}

export type GroupRepository = ReturnType<typeof groupRepository>;

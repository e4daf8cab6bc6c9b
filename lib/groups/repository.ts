import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { CompanyId, GroupId } from '../shared/ids.ts';
import { matchesQuery } from '../shared/words.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { countName, countNameOf, keys, ranges } from '../table/keys.ts';
import { getItem, type Position, queryAll, queryMatching, queryPage } from '../table/query.ts';
import { shardedCounter } from '../table/sharded-counter.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { groupNameGuard, nameFaults } from './name-guard.ts';
import { groupEntity, type StoredGroup } from './schema.ts';

/** A count of the client index. */
const CountItem = z.object({ SK: z.string(), clients: z.int() });

/** Groups of clients. */
export function groupRepository(table: Table) {
  const on = writes(table.name);
  const members = shardedCounter(table);
  const names = groupNameGuard(table.name);

  return {
    /** The writes that create a group and take its name. They fail with `group-name-taken`. */
    writesToCreate: (company: CompanyId, group: StoredGroup): Write[] => [
      on.create(keys.group(company, group.id), asItem(groupEntity, group)),
      names.take(company, group),
    ],

    /** The fault of a name that another group than `own` has. One call; none without a name. */
    nameFaults: (company: CompanyId, name: string | undefined, own?: GroupId) => nameFaults(table, company, name, own),

    /** A group, strongly consistent; undefined if it does not exist. One call. */
    async group(company: CompanyId, id: GroupId): Promise<StoredGroup | undefined> {
      const item = await getItem(table, keys.group(company, id), true);
      return item && readItem(groupEntity, item);
    },

    /** A page of groups, oldest first, with `q` of those whose name has its words. General is the oldest. One call. */
    async list(company: CompanyId, limit: number, after: Position | undefined, q?: string) {
      const request = { range: ranges.groups(company), limit, after };
      const matches = q === undefined ? undefined : matchesQuery(q);
      const page = matches
        ? await queryMatching(table, request, (item) => matches([readItem(groupEntity, item).name]))
        : await queryPage(table, request);
      return { groups: page.items.map((item) => readItem(groupEntity, item)), next: page.next };
    },

    /** Replaces a group that still has version `seen`. One call. @throws Problem `stale-version` */
    async replace(company: CompanyId, group: StoredGroup, seen: number): Promise<void> {
      await transact(table, [replacement(company, group, seen)]);
    },

    /** Replaces `before` by `after`, which may have another name. One call. @throws Problem `stale-version`, `group-name-taken` */
    async change(company: CompanyId, before: StoredGroup, after: StoredGroup): Promise<void> {
      await transact(table, [replacement(company, after, before.version), ...names.rename(company, before, after)]);
    },

    /**
     * Begins a deletion: seals the member counter, so that not even a running request can add a client, and gives the name
     * free. One transaction.
     */
    async beginDeletion(company: CompanyId, group: StoredGroup, seen: number): Promise<void> {
      await transact(table, [
        replacement(company, group, seen),
        ...members.seal(company, group.id),
        names.release(company, group),
      ]);
    },

    /** The exact number of clients in the group. One call. */
    members: (company: CompanyId, id: GroupId) => members.total(company, id),

    /** Removes a group if it is unchanged and has no clients. Returns whether it did. One transaction. */
    async remove(company: CompanyId, group: StoredGroup, ttl: number): Promise<boolean> {
      const refused = new Error('the group has changed or has clients');
      const removal = on.removeVersion(keys.group(company, group.id), group.version, () => refused);
      const seals = members.seal(company, group.id, { refusal: () => refused, ttl });
      // The name of a group that was being deleted is free already, and may be another group's.
      const name = group.status === 'active' ? [names.release(company, group)] : [];
      try {
        await transact(table, [removal, ...seals, ...name]);
        return true;
      } catch (error) {
        if (error !== refused) throw error;
        return false;
      }
    },

    /** All groups with the number of clients that the index counts, eventually consistent. Two calls, more for over some hundred groups. */
    async counts(company: CompanyId): Promise<{ group: StoredGroup; clients: number }[]> {
      const [groups, counts] = await Promise.all([
        queryAll(table, ranges.groups(company)),
        queryAll(table, ranges.clientCounts(company, 'group')),
      ]);
      const clients = new Map<string, number>();
      for (const item of counts) {
        const { SK, clients: count } = CountItem.parse(item);
        const name = countNameOf(SK);
        clients.set(name, (clients.get(name) ?? 0) + count);
      }
      return groups
        .map((item) => readItem(groupEntity, item))
        .map((group) => ({ group, clients: clients.get(countName('group', group.id)) ?? 0 }));
    },
  };

  function replacement(company: CompanyId, group: StoredGroup, seen: number): Write {
    return on.replace(
      keys.group(company, group.id),
      asItem(groupEntity, group),
      seen,
      (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
    );
  }
}

export type GroupRepository = ReturnType<typeof groupRepository>;

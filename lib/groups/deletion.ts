import type { Author } from '../activity/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId, GroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { GroupRepository } from './repository.ts';
import type { StoredGroup } from './schema.ts';

interface DeletionDeps {
  groups: Pick<GroupRepository, 'group' | 'members' | 'replace' | 'remove'>;
  clients: {
    /** Up to `limit` clients of the group, from an index that may lag behind. */
    inGroup: (company: CompanyId, group: GroupId, limit: number) => Promise<ClientId[]>;
    /** Moves the client to General if it is still in the group. Returns whether it was. */
    leaveGroup: (company: CompanyId, client: ClientId, group: GroupId, by: Author, at: string) => Promise<boolean>;
    /** The days for which the company keeps the activity of its clients; null for ever. */
    activityDays: (company: CompanyId) => Promise<number | null>;
  };
  source: Source;
  /** Seconds for which the sealed counter, which keeps clients out of the group, outlives it. */
  sealedSeconds: number;
}

/** Clients that one step moves. A step is one invocation of a few seconds. */
const CLIENTS_PER_STEP = 50;
/** Clients that are moved concurrently. */
const CONCURRENCY = 10;

/**
 * One step of a group's deletion. It ends with a write of the group, and the stream record of that write starts the next
 * step. If a step fails, the same record starts it again.
 */
export function groupDeletion({ groups, clients, source, sealedSeconds }: DeletionDeps) {
  async function moveClients(company: CompanyId, { id, name }: StoredGroup, at: string): Promise<number> {
    const members = await clients.inGroup(company, id, CLIENTS_PER_STEP);
    if (members.length === 0) return 0;
    const by: Author = {
      actor: { kind: 'system', id, name: `Deletion of the group ${name}` },
      keptDays: await clients.activityDays(company),
    };
    let moved = 0;
    for (let from = 0; from < members.length; from += CONCURRENCY) {
      const batch = members.slice(from, from + CONCURRENCY);
      const results = await Promise.all(batch.map((client) => clients.leaveGroup(company, client, id, by, at)));
      moved += results.filter(Boolean).length;
    }
    return moved;
  }

  /** The group with its progress. The total grows if clients joined that were not counted when the deletion began. */
  function withProgress(group: StoredGroup, remaining: number, at: string): StoredGroup {
    const total = Math.max(group.membersAtDeletion ?? 0, remaining);
    return {
      ...group,
      deletion: { moved: total - remaining, remaining },
      membersAtDeletion: total,
      updatedAt: at,
      version: group.version + 1,
    };
  }

  /**
   * Runs the step for version `seen` of the group. Does nothing if the group has another version, does not exist or is not
   * being deleted.
   * @throws Error if the index does not show the remaining clients yet; a retry will find them
   */
  return async (company: CompanyId, id: GroupId, seen: number): Promise<void> => {
    const group = await groups.group(company, id);
    if (group?.status !== 'deleting' || group.version !== seen) return;
    const now = source.now();
    const at = now.toISOString();
    const moved = await moveClients(company, group, at);
    const remaining = Math.max(0, await groups.members(company, id));
    if (remaining === 0 && moved === 0) {
      // False if another delivery of the same record has removed it.
      await groups.remove(company, group, Math.floor(now.getTime() / 1000) + sealedSeconds);
      return;
    }
    if (moved === 0) throw new Error(`the index does not show ${remaining} clients of ${id} yet`);
    try {
      await groups.replace(company, withProgress(group, remaining, at), seen);
    } catch (error) {
      // Another delivery of the same record has done this step and started the next.
      if (!(error instanceof Problem) || error.code !== 'stale-version') throw error;
    }
  };
}

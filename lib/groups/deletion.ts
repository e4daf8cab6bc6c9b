import type { Author } from '../activity/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId, GroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { GroupRepository } from './repository.ts';
import type { StoredGroup } from './schema.ts';

interface DeletionDeps {
  groups: Pick<GroupRepository, 'group' | 'members' | 'replace' | 'remove'>;
  clients: {
    /** Up to `limit` clients that the index shows in the group; it may lag behind. */
    inGroup: (company: CompanyId, group: GroupId, limit: number) => Promise<ClientId[]>;
    /** Moves the client to General if it is in the group still; answers whether it was. */
    leaveGroup: (company: CompanyId, client: ClientId, group: GroupId, by: Author, at: string) => Promise<boolean>;
    /** How many days the company keeps the activity of its clients; null for ever. */
    activityDays: (company: CompanyId) => Promise<number | null>;
  };
  source: Source;
  /** Seconds that what keeps clients out of the group outlives it. */
  sealedSeconds: number;
}

/** Clients that one step moves, and how many at once. A step is one invocation, which has seconds. */
const STEP = 50;
const AT_ONCE = 10;

/**
 * One step of a group's deletion. It ends with a write of the group, whose stream record is the next step; so the deletion
 * drives itself on, and a step that was cut short is done again by the same record.
 */
export function groupDeletion({ groups, clients, source, sealedSeconds }: DeletionDeps) {
  async function moveSome(company: CompanyId, { id, name }: StoredGroup, at: string): Promise<number> {
    const waiting = await clients.inGroup(company, id, STEP);
    if (waiting.length === 0) return 0;
    const by: Author = {
      actor: { kind: 'system', id, name: `Deletion of the group ${name}` },
      keptDays: await clients.activityDays(company),
    };
    let moved = 0;
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      const some = waiting.slice(from, from + AT_ONCE);
      const left = await Promise.all(some.map((client) => clients.leaveGroup(company, client, id, by, at)));
      moved += left.filter(Boolean).length;
    }
    return moved;
  }

  /** What the group looks like while it empties. The number at the start only grows by what was not counted then. */
  function progressed(group: StoredGroup, remaining: number, at: string): StoredGroup {
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
   * Takes the step that the group's version `seen` is the record of. Steps that are over, and groups that are gone or are
   * not being deleted, are left alone.
   * @throws Error where the index does not show yet who is left: the same step, later, will
   */
  return async (company: CompanyId, id: GroupId, seen: number): Promise<void> => {
    const group = await groups.group(company, id);
    if (group?.status !== 'deleting' || group.version !== seen) return;
    const now = source.now();
    const at = now.toISOString();
    const moved = await moveSome(company, group, at);
    const remaining = Math.max(0, await groups.members(company, id));
    if (remaining === 0 && moved === 0) {
      // Where another delivery of the same record was quicker, there is nothing left to do.
      await groups.remove(company, group, Math.floor(now.getTime() / 1000) + sealedSeconds);
      return;
    }
    if (moved === 0) throw new Error(`${remaining} clients of ${id} are not in the index yet`);
    try {
      await groups.replace(company, progressed(group, remaining, at), seen);
    } catch (error) {
      // Another delivery of the same record was quicker, and drives on.
      if (!(error instanceof Problem) || error.code !== 'stale-version') throw error;
    }
  };
}

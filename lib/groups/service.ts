import { isDeepStrictEqual } from 'node:util';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { type CompanyId, GroupId, generalGroupId, mintId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { faultsIn } from '../shared/validation.ts';
import { SEALED_SECONDS } from '../table/sharded-counter.ts';
import type { Commit } from '../table/transaction.ts';
import type { GroupRepository } from './repository.ts';
import { type Group, GroupInput, type GroupPatch, type GroupReport, newGroup, type StoredGroup } from './schema.ts';

type IfMatch = readonly number[] | undefined;

/** Groups of clients, and the settings that they set for their clients. */
export function groupService(groups: GroupRepository, source: Source) {
  const now = () => source.now().toISOString();

  async function getGroupOrThrow(company: CompanyId, id: GroupId): Promise<StoredGroup> {
    const group = await groups.group(company, id);
    if (!group) throw new Problem('not-found');
    return group;
  }

  async function changeGroup(
    company: CompanyId,
    id: GroupId,
    ifMatch: IfMatch,
    write: (present: StoredGroup) => Promise<StoredGroup>,
  ): Promise<StoredGroup> {
    return retryOnStaleVersion(ifMatch, async () => {
      const present = await getGroupOrThrow(company, id);
      if (ifMatch && !ifMatch.includes(present.version)) throw new Problem('stale-version');
      return write(present);
    });
  }

  return {
    /** One transaction. @throws Problem `group-name-taken` */
    async create(company: CompanyId, { name, settings }: GroupInput, commit: Commit<Group>): Promise<Group> {
      const group = newGroup({ id: mintId(GroupId, 'grp', source), name, settings, createdAt: now() });
      await commit(groups.writesToCreate(company, group), group);
      return group;
    },

    /** What a creation would refuse about the right fields of a partly wrong input. One call. */
    faultsOfCreation: (company: CompanyId, { name }: Partial<GroupInput>): Promise<InputFault[]> =>
      groups.nameFaults(company, name),

    /** @throws Problem `not-found` */
    read: (company: CompanyId, id: GroupId): Promise<Group> => getGroupOrThrow(company, id),

    /**
     * Applies a merge patch to name and settings. A setting applies to all clients of the group without a write for each. Two
     * calls.
     * @throws Problem `not-found`, `validation`, `stale-version`, `group-deleting`, `group-name-taken`
     */
    change(company: CompanyId, id: GroupId, patch: GroupPatch, ifMatch: IfMatch): Promise<Group> {
      return changeGroup(company, id, ifMatch, async (present) => {
        if (present.status === 'deleting') throw new Problem('group-deleting');
        const patched = applyPatch(present, patch);
        const faults = faultsIn(GroupInput, patched);
        if (faults.length > 0) throw invalid(...faults, ...(await groups.nameFaults(company, patch.name, id)));
        const input = GroupInput.parse(patched);
        if (isDeepStrictEqual({ ...present, ...input }, present)) return present;
        const next = { ...present, ...input, updatedAt: now(), version: present.version + 1 };
        await groups.change(company, present, next);
        return next;
      });
    },

    /** What `change` would refuse about the right fields of a partly wrong patch. Two calls. @throws Problem `not-found` */
    async faultsOfChange(company: CompanyId, id: GroupId, patch: GroupPatch): Promise<InputFault[]> {
      const patched = applyPatch(await getGroupOrThrow(company, id), patch);
      return [...faultsIn(GroupInput, patched), ...(await groups.nameFaults(company, patch.name, id))];
    },

    /**
     * Begins to delete a group. Its clients move to General in the background. A group without clients is deleted at once, and
     * one that is already being deleted stays as it is. Three calls.
     * @throws Problem `not-found`, `group-protected`, `stale-version`
     */
    delete(company: CompanyId, id: GroupId, ifMatch: IfMatch): Promise<Group> {
      if (id === generalGroupId(company)) throw new Problem('group-protected');
      return changeGroup(company, id, ifMatch, async (present) => {
        if (present.status === 'deleting') return present;
        const remaining = Math.max(0, await groups.members(company, id));
        const next: StoredGroup = {
          ...present,
          status: 'deleting',
          deletion: { moved: 0, remaining },
          membersAtDeletion: remaining,
          updatedAt: now(),
          version: present.version + 1,
        };
        const ttl = Math.floor(source.now().getTime() / 1000) + SEALED_SECONDS;
        if (remaining > 0 || !(await groups.remove(company, present, ttl)))
          await groups.beginDeletion(company, next, present.version);
        return next;
      });
    },

    /** All groups with their numbers of clients, the largest first. Two calls. */
    async report(company: CompanyId): Promise<GroupReport> {
      const counts = await groups.counts(company);
      const data = counts
        .map(({ group: { id, name }, clients }) => ({ group: { id, name }, clients }))
        .sort((a, b) => b.clients - a.clients || a.group.name.localeCompare(b.group.name));
      return { data };
    },
  };
}

const applyPatch = ({ name, settings }: StoredGroup, patch: GroupPatch) => mergePatch({ name, settings }, patch);

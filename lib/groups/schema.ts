import * as z from 'zod';
import { LevelSettings } from '../settings/schema.ts';
import { GroupId } from '../shared/ids.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Instant, line } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

const name = line(100).meta({ examples: ['Key accounts'] });
const settings = LevelSettings.describe("The group's level of the settings cascade: only what the group sets.");

const Deletion = z
  .object({
    moved: z.int().nonnegative().describe('Clients that are in the group General by now.'),
    remaining: z.int().nonnegative().describe('Clients that have still to move there.'),
  })
  .meta({ id: 'GroupDeletion' });

export const Group = z
  .object({
    id: GroupId,
    name,
    settings: settings.default({}),
    status: z
      .enum(['active', 'deleting'])
      .default('active')
      .describe('A group that is being deleted takes no clients, and its settings count no more.'),
    deletion: Deletion.nullable().default(null).describe('How far the deletion is; null on an active group.'),
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Group' });
export type Group = z.output<typeof Group>;

export const GroupInput = z.strictObject({ name, settings: settings.default({}) }).meta({ id: 'GroupInput' });
export type GroupInput = z.output<typeof GroupInput>;
export const GroupPatch = mergePatchOf(GroupInput).meta({ id: 'GroupPatch' });
export type GroupPatch = z.output<typeof GroupPatch>;

export const GroupReport = z
  .object({
    data: z
      .array(
        z.object({
          group: z.object({ id: GroupId, name }),
          clients: z.int().nonnegative().describe('Clients of the group, archived ones as well.'),
        }),
      )
      .describe('Most clients first.'),
  })
  .meta({ id: 'GroupReport' });
export type GroupReport = z.output<typeof GroupReport>;

export const groupEntity = {
  name: 'group',
  version: 1,
  schema: Group.extend({
    /** Clients that the group had when its deletion began. */
    membersAtDeletion: z.int().nonnegative().optional(),
  }),
} satisfies Entity<z.ZodType>;
export type StoredGroup = z.output<typeof groupEntity.schema>;

/** A group without clients. */
export function newGroup(group: Pick<Group, 'id' | 'name' | 'settings' | 'createdAt'>): StoredGroup {
  return { ...group, status: 'active', deletion: null, updatedAt: group.createdAt, version: 1 };
}

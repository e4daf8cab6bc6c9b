import * as z from 'zod';
import { LevelSettings } from '../settings/schema.ts';
import { GroupId } from '../shared/ids.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Instant, line } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

const name = line(100)
  .describe('The name of the group. No other group of the company has it, in whatever case.')
  .meta({ examples: ['Key accounts'] });
const settings = LevelSettings.describe(
  'The settings that the group sets for its clients. A key that is left out has the value of the company.',
);

const Deletion = z
  .object({
    moved: z.int().nonnegative().describe('Clients that have moved to the group General.'),
    remaining: z.int().nonnegative().describe('Clients that have not moved yet.'),
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
      .describe('A group that is being deleted accepts no clients, and its settings no longer apply.'),
    deletion: Deletion.nullable().default(null).describe('The progress of the deletion; null for an active group.'),
    createdAt: Instant.describe('When the group was created.'),
    updatedAt: Instant.describe('When the group was last changed.'),
    version: z.int().positive().describe('Counts the changes of the group. It is the ETag.'),
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
          group: z.object({ id: GroupId, name }).describe('The group.'),
          clients: z.int().nonnegative().describe('The number of clients, including archived ones.'),
        }),
      )
      .describe('In the order of the number of clients, the largest first.'),
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
} satisfies Entity;
export type StoredGroup = z.output<typeof groupEntity.schema>;

/** A group without clients. */
export function newGroup(group: Pick<Group, 'id' | 'name' | 'settings' | 'createdAt'>): StoredGroup {
  return { ...group, status: 'active', deletion: null, updatedAt: group.createdAt, version: 1 };
}

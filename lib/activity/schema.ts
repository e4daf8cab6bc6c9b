import * as z from 'zod';
import { ActivityId } from '../shared/ids.ts';
import type { Caller } from '../shared/principal.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { FieldChange } from './diff.ts';

export const ActivityActor = z
  .object({
    kind: z.enum(['user', 'token', 'contact', 'system']),
    id: z
      .string()
      .describe('Of `system` the record whose change brought this one about, such as the group that is being deleted.')
      .meta({ examples: ['usr_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    name: z
      .string()
      .describe('As it was then.')
      .meta({ examples: ['Ada Byron'] }),
  })
  .meta({ id: 'ActivityActor' });

export const ActivityAction = z.enum([
  'client.created',
  'client.updated',
  'client.settings-changed',
  'client.archived',
  'client.restored',
  'contact.created',
  'contact.updated',
  'contact.made-primary',
  'contact.deleted',
  'contact.invited',
  'contact.invitation-accepted',
  'contact.password-set',
  'user.linked',
  'user.unlinked',
  'document.created',
  'document.updated',
  'document.deleted',
]);
export type ActivityAction = z.output<typeof ActivityAction>;

const Subject = z
  .object({
    type: z.enum(['client', 'contact', 'user', 'document']),
    id: z.string().meta({ examples: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    label: z
      .string()
      .describe('What it was called then.')
      .meta({ examples: ['Northwind Studio'] }),
  })
  .meta({ id: 'ActivitySubject' });
export type ActivitySubject = z.output<typeof Subject>;

/** Who did what when to which record of a client. */
export const ActivityEntry = z
  .object({
    id: ActivityId,
    at: Instant,
    actor: ActivityActor,
    action: ActivityAction.meta({ examples: ['client.updated'] }),
    subject: Subject,
    changes: z.array(FieldChange),
    moreChanges: z
      .int()
      .nonnegative()
      .default(0)
      .describe('Changes beyond those that are listed: an entry has room for some 6 KB of them.')
      .meta({ examples: [0] }),
  })
  .meta({ id: 'ActivityEntry' });
export type ActivityEntry = z.output<typeof ActivityEntry>;

export const activityEntity = {
  name: 'activity',
  version: 1,
  schema: ActivityEntry.extend({ ttl: z.int().optional() }),
} satisfies Entity<z.ZodType>;

/** Who makes a change, and how many days its entry is kept; null for ever. */
export interface Author {
  actor: z.output<typeof ActivityActor>;
  keptDays: number | null;
}

/** What happened to a client or to what hangs on it. */
export interface Happened {
  by: Author;
  action: ActivityAction;
  subject: ActivitySubject;
  changes: readonly FieldChange[];
}

/** The caller as the author of what it asks for. */
export function authorOf({
  kind,
  id,
  name,
  activityDays,
}: Pick<Caller, 'name' | 'activityDays'> & { kind: Caller['kind'] | 'system'; id: string }): Author {
  return { actor: { kind, id, name }, keptDays: activityDays };
}

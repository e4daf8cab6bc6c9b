import * as z from 'zod';
import { ActivityId, ClientId } from '../shared/ids.ts';
import type { Caller } from '../shared/principal.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { FieldChange } from './diff.ts';

export const ActivityActor = z
  .object({
    kind: z
      .enum(['user', 'token', 'contact', 'system'])
      .describe('Who acted: a user, an API token, a contact in the portal, or the backend.'),
    id: z
      .string()
      .describe('For `system`: the record whose change caused this one, such as a group that is being deleted.')
      .meta({ examples: ['usr_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    name: z
      .string()
      .describe('The name at that time.')
      .meta({ examples: ['Ada Byron'] }),
  })
  .meta({ id: 'ActivityActor', description: 'Who did it.' });

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
  'contact.portal-link-created',
  'contact.portal-link-used',
  'user.linked',
  'user.unlinked',
  'document.created',
  'document.updated',
  'document.deleted',
  'invoice.created',
  'invoice.updated',
  'invoice.deleted',
  'invoice.sent',
  'invoice.cancelled',
  'payment.created',
  'payment.refunded',
  'payment.reversed',
  'credit.created',
  'credit.cancelled',
  'credit.applied',
  'credit.released',
]);
export type ActivityAction = z.output<typeof ActivityAction>;

const Subject = z
  .object({
    type: z
      .enum(['client', 'contact', 'user', 'document', 'invoice', 'payment', 'credit'])
      .describe('The kind of record.'),
    id: z.string().meta({ description: 'The id of the record.', examples: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    label: z
      .string()
      .describe('The name at that time.')
      .meta({ examples: ['Northwind Studio'] }),
  })
  .meta({ id: 'ActivitySubject', description: 'What it was done to.' });
export type ActivitySubject = z.output<typeof Subject>;

/** Who did what, when, and to which record of a client. */
export const ActivityEntry = z
  .object({
    id: ActivityId,
    clientId: ClientId.describe('The client that the entry is about: itself or a record of it.'),
    at: Instant.describe('When it was done.'),
    actor: ActivityActor,
    action: ActivityAction.meta({ description: 'What was done.', examples: ['client.updated'] }),
    subject: Subject,
    changes: z.array(FieldChange).describe('The fields that changed.'),
    moreChanges: z
      .int()
      .nonnegative()
      .default(0)
      .describe(
        'The number of changes that are not listed. An entry lists about 6 KB of changes in the activity of its client, and half a kilobyte in the activity of the company.',
      )
      .meta({ examples: [0] }),
  })
  .meta({ id: 'ActivityEntry' });
export type ActivityEntry = z.output<typeof ActivityEntry>;

const ttl = z.int().optional();

/** An entry in the collection of its client, which says whose it is. */
export const activityEntity = {
  name: 'activity',
  version: 1,
  schema: ActivityEntry.omit({ clientId: true }).extend({ ttl }),
} satisfies Entity;

/** The same entry in the activity of the company, with fewer changes. */
export const companyActivityEntity = {
  name: 'companyActivity',
  version: 1,
  schema: ActivityEntry.extend({ ttl }),
} satisfies Entity;

/** The author of a change, and the days for which its entry is kept; null for ever. */
export interface Author {
  actor: z.output<typeof ActivityActor>;
  keptDays: number | null;
}

/** A change of a client or of a record that belongs to it. */
export interface ActivityEvent {
  by: Author;
  action: ActivityAction;
  subject: ActivitySubject;
  changes: readonly FieldChange[];
}

/** The caller as the author of a change. */
export function authorOf({
  kind,
  id,
  name,
  activityDays,
}: Pick<Caller, 'name' | 'activityDays'> & { kind: Caller['kind'] | 'system'; id: string }): Author {
  return { actor: { kind, id, name }, keptDays: activityDays };
}

import type { ActivityId, ClientId, CompanyId } from '../shared/ids.ts';
import { asItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Write, writes } from '../table/transaction.ts';
import { withinBounds } from './diff.ts';
import { type ActivityAction, type ActivityEvent, activityEntity, companyActivityEntity } from './schema.ts';

/** Actions that consist of their field changes. Without any change there is no entry. */
const CHANGE_ACTIONS: ReadonlySet<ActivityAction> = new Set([
  'client.updated',
  'client.settings-changed',
  'contact.updated',
  'document.updated',
]);

/** Bytes of all changes of an entry. */
const MAX_BYTES = 6_000;
/** The same in the activity of the company: an entry has less than 1 KB, and so takes two units, however much changed. */
const MAX_BYTES_FOR_COMPANY = 400;

/**
 * The writes of an entry, for the transaction of the change that it describes; none if nothing changed. One is for the
 * activity of the client, one for that of the company.
 */
export function activityWrites(tableName: string) {
  const on = writes(tableName);

  return (
    company: CompanyId,
    client: ClientId,
    { id, at }: { id: ActivityId; at: string },
    { by, action, subject, changes }: ActivityEvent,
  ): Write[] => {
    if (changes.length === 0 && CHANGE_ACTIONS.has(action)) return [];
    const ttl = by.keptDays === null ? undefined : Math.floor(Date.parse(at) / 1000) + by.keptDays * 86_400;
    const entry = { id, at, actor: by.actor, action, subject, ttl };
    const whole = { ...entry, ...withinBounds(changes, MAX_BYTES) };
    const short = { ...entry, clientId: client, ...withinBounds(changes, MAX_BYTES_FOR_COMPANY) };
    return [
      on.create(keys.activity(company, client, id), asItem(activityEntity, whole)),
      on.create(keys.companyActivity(company, id), asItem(companyActivityEntity, short)),
    ];
  };
}

export type ActivityWrites = ReturnType<typeof activityWrites>;

import type { ActivityId, ClientId, CompanyId } from '../shared/ids.ts';
import { asItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Write, writes } from '../table/transaction.ts';
import { withinBounds } from './diff.ts';
import { type ActivityAction, activityEntity, type Happened } from './schema.ts';

/** Of these nothing is told but their changes: without any, nothing happened. */
const ONLY_CHANGES: ReadonlySet<ActivityAction> = new Set([
  'client.updated',
  'client.settings-changed',
  'contact.updated',
  'document.updated',
]);

/** The entry of the activity as a write, for the transaction of the very change that it tells of; none where nothing happened. */
export function activityWrites(tableName: string) {
  const on = writes(tableName);

  return (
    company: CompanyId,
    client: ClientId,
    { id, at }: { id: ActivityId; at: string },
    { by, action, subject, changes }: Happened,
  ): Write[] => {
    if (changes.length === 0 && ONLY_CHANGES.has(action)) return [];
    const ttl = by.keptDays === null ? undefined : Math.floor(Date.parse(at) / 1000) + by.keptDays * 86_400;
    const entry = { id, at, actor: by.actor, action, subject, ...withinBounds(changes), ttl };
    return [on.create(keys.activity(company, client, id), asItem(activityEntity, entry))];
  };
}

import { ActivityId, type ClientId, type CompanyId, idOfChange } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import { changesBetween } from './diff.ts';
import type { ActivityAction, ActivitySubject, Author } from './schema.ts';
import type { ActivityWrites } from './writes.ts';

/** An invoice, a payment or a credit note, with the fields that the activity records. */
export interface MoneyRecord {
  readonly id: string;
  readonly clientId: ClientId;
  /** What people call it: its number, or an amount. */
  readonly label: string;
  readonly version: number;
  readonly updatedAt: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The entry of something that happened to a record, for the transaction in which it happens. The id follows from the
 * record's version, so that retries make one entry.
 */
export function moneyActivity(activity: ActivityWrites) {
  return (
    company: CompanyId,
    by: Author,
    action: ActivityAction,
    type: Extract<ActivitySubject['type'], 'invoice' | 'payment' | 'credit'>,
    before: MoneyRecord | undefined,
    after: MoneyRecord,
  ): Write[] => {
    const { id, clientId, label, version, updatedAt: at, fields } = after;
    const entry = { id: idOfChange(ActivityId, 'act', new Date(at), version, id), at };
    const changes = changesBetween(before?.fields, fields, []);
    return activity(company, clientId, entry, { by, action, subject: { type, id, label }, changes });
  };
}

export type MoneyActivity = ReturnType<typeof moneyActivity>;

import { type ClientId, type CompanyId, idOfTrace, LogId, type MailId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { type Commit, committing, type Write, writes } from '../table/transaction.ts';
import { deleteItem } from '../table/write.ts';
import { expiryOf } from './outbox.ts';
import { mailEntity, type StoredMail, type SuppressionReason, suppressionEntity } from './schema.ts';

/** An entry about a mail in the system log. Never an address: the log outlives the records of people. */
export interface MailLogEntry {
  event: 'mail.sent' | 'mail.sent-twice' | 'mail.failed' | 'mail.bounced' | 'mail.complained' | 'mail.rejected';
  outcome: 'success' | 'failure';
  detail: string;
}

/** The write of an entry in the system log of a client, or, with null, of the company. */
export type WriteLogEntry = (
  company: CompanyId,
  client: ClientId | null,
  entry: MailLogEntry & { id: LogId; at: string; category: 'mail'; subject: { type: string; id: string } | null },
) => Write;

/** What is written in the transaction of a mail's next state. */
interface ExtraWrites {
  logEntry?: MailLogEntry & { at: Date; client: ClientId | null };
  writes?: readonly Write[];
  /** Runs the writes. @default a transaction of its own */
  commit?: Commit<unknown>;
}

const staleVersion = new Error('another writer has changed the mail');

/** The mails of the outbox, with their states, and the suppressed addresses. */
export function mailRepository(table: Table, writeLogEntry: WriteLogEntry) {
  const on = writes(table.name);

  return {
    /** A mail by its id, or by the id of any of its entries in the system log; strongly consistent. One call. */
    async getMail(company: CompanyId, id: MailId | LogId): Promise<StoredMail | undefined> {
      const item = await getItem(table, keys.mail(company, id), true);
      return item && readItem(mailEntity, item);
    },

    /**
     * Changes a mail with an optimistic lock on the version that was read, in one transaction with the extra writes. Returns
     * the changed mail; undefined if another writer was first. One call.
     */
    async update(
      before: StoredMail,
      change: Partial<StoredMail>,
      extra: ExtraWrites = {},
    ): Promise<StoredMail | undefined> {
      const { logEntry } = extra;
      const loggedAt = logEntry ? laterThan(before.loggedAt, logEntry.at) : before.loggedAt;
      const after = { ...before, ...change, loggedAt, version: before.version + 1 };
      const replacement = on.replace(
        keys.mail(before.companyId, before.mailId),
        asItem(mailEntity, after),
        before.version,
        () => staleVersion,
      );
      try {
        const commit = extra.commit ?? committing(table);
        const all = [
          replacement,
          ...(logEntry && loggedAt !== null ? [logWrite(before, logEntry, loggedAt)] : []),
          ...(extra.writes ?? []),
        ];
        await commit(all, after);
        return after;
      } catch (error) {
        if (error === staleVersion) return undefined;
        throw error;
      }
    },

    /** The write that suppresses mail to an address. */
    suppress: (company: CompanyId, mailbox: string, reason: SuppressionReason, at: string, mailId: MailId): Write =>
      on.put(keys.suppressedAddress(company, mailbox), asItem(suppressionEntity, { reason, at, mailId })),

    /** Allows mail to an address again; false if it was not suppressed. One call. */
    async unsuppress(company: CompanyId, mailbox: string): Promise<boolean> {
      return deleteItem(table, keys.suppressedAddress(company, mailbox), {
        ConditionExpression: 'attribute_exists(PK)',
      });
    },
  };

  function logWrite(
    { companyId, mailId, clientId, contactId, userId }: StoredMail,
    { at: _at, client, ...entry }: NonNullable<ExtraWrites['logEntry']>,
    at: string,
  ): Write {
    const id = idOfTrace(LogId, 'log', new Date(at), mailId);
    const subject =
      contactId !== null
        ? { type: 'contact', id: contactId }
        : userId !== null
          ? { type: 'user', id: userId }
          : clientId && { type: 'client', id: clientId };
    return writeLogEntry(companyId, client, { id, at, category: 'mail', subject, ...entry });
  }
}

export type MailRepository = ReturnType<typeof mailRepository>;

/** The change that queues a failed mail again. */
export function queuedAgain(now: Date): Partial<StoredMail> {
  const at = now.toISOString();
  return {
    status: 'queued',
    queuedAt: at,
    failure: null,
    leaseUntil: null,
    sentAt: null,
    messageId: null,
    ttl: expiryOf(at),
  };
}

/** The time of an entry, later than the last one's, because the entry's id is derived from it. */
function laterThan(last: string | null, at: Date): string {
  const earliest = last === null ? 0 : Date.parse(last) + 1;
  return new Date(Math.max(at.getTime(), earliest)).toISOString();
}

import { type ClientId, type CompanyId, idOfTrace, LogId, type MailId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Commit, committing, deleteItem, getItem, type Table, type Write, writes } from '../table/table.ts';
import { keptUntil } from './outbox.ts';
import { mailEntity, type StoredMail, type SuppressionReason, suppressionEntity } from './schema.ts';

/** What the system log is told of a mail. Never an address: the log outlives whom it was sent to. */
export interface MailTrace {
  event: 'mail.sent' | 'mail.sent-twice' | 'mail.failed' | 'mail.bounced' | 'mail.complained' | 'mail.rejected';
  outcome: 'success' | 'failure';
  detail: string;
}

/** Makes the write of an entry in the system log of a client, or, with null in its place, of the company. */
export type LogEntry = (
  company: CompanyId,
  client: ClientId | null,
  entry: MailTrace & { id: LogId; at: string; category: 'mail'; subject: { type: string; id: string } | null },
) => Write;

/** What is to be written with a mail's next state. */
interface Alongside {
  trace?: MailTrace & { at: Date; client: ClientId | null };
  writes?: readonly Write[];
  /** Runs the writes. @default a transaction of its own */
  commit?: Commit<unknown>;
}

const overtaken = new Error('the mail has moved on');

/** Mails that wait, are under way, or came to an end. */
export function mailRepository(table: Table, logEntry: LogEntry, source: Source) {
  const on = writes(table.name);

  return {
    /** A mail by its id, or by the id of any of its entries in the system log; strongly consistent. One call. */
    async mail(company: CompanyId, id: MailId | LogId): Promise<StoredMail | undefined> {
      const item = await getItem(table, keys.mail(company, id), true);
      return item && readItem(mailEntity, item);
    },

    /**
     * Moves a mail on from the state in which it was read, with what goes along, all or nothing. Answers the mail as it is
     * now; undefined where somebody else has moved it meanwhile. One call.
     */
    async move(
      before: StoredMail,
      change: Partial<StoredMail>,
      along: Alongside = {},
    ): Promise<StoredMail | undefined> {
      const { trace } = along;
      const loggedAt = trace ? laterThan(before.loggedAt, trace.at) : before.loggedAt;
      const chance = Buffer.from(source.random(12)).toString('base64url');
      const after = { ...before, ...change, loggedAt, move: chance, version: before.version + 1 };
      const replacement = on.replace(
        keys.mail(before.companyId, before.mailId),
        asItem(mailEntity, after),
        before.version,
        () => overtaken,
      );
      try {
        const commit = along.commit ?? committing(table);
        const all = [
          replacement,
          ...(trace && loggedAt !== null ? [entryOf(before, trace, loggedAt)] : []),
          ...(along.writes ?? []),
        ];
        await commit(all, after);
        return after;
      } catch (error) {
        if (error === overtaken) return undefined;
        throw error;
      }
    },

    /** The write by which an address gets no more mail. */
    suppress: (company: CompanyId, mailbox: string, reason: SuppressionReason, at: string, mailId: MailId): Write =>
      on.put(keys.suppressedAddress(company, mailbox), asItem(suppressionEntity, { reason, at, mailId })),

    /** Has an address get mail again; answers whether it did not. One call. */
    async unsuppress(company: CompanyId, mailbox: string): Promise<boolean> {
      return deleteItem(table, keys.suppressedAddress(company, mailbox), {
        ConditionExpression: 'attribute_exists(PK)',
      });
    },
  };

  function entryOf(
    { companyId, mailId, clientId, contactId, userId }: StoredMail,
    { at: _at, client, ...told }: NonNullable<Alongside['trace']>,
    at: string,
  ): Write {
    const id = idOfTrace(LogId, 'log', new Date(at), mailId);
    const subject =
      contactId !== null
        ? { type: 'contact', id: contactId }
        : userId !== null
          ? { type: 'user', id: userId }
          : clientId && { type: 'client', id: clientId };
    return logEntry(companyId, client, { id, at, category: 'mail', subject, ...told });
  }
}

export type MailRepository = ReturnType<typeof mailRepository>;

/** A failed mail as it waits to be sent once more. */
export function queuedAgain(now: Date): Partial<StoredMail> {
  const at = now.toISOString();
  return {
    status: 'queued',
    queuedAt: at,
    failure: null,
    leaseUntil: null,
    sentAt: null,
    messageId: null,
    ttl: keptUntil(at),
  };
}

function laterThan(last: string | null, at: Date): string {
  const earliest = last === null ? 0 : Date.parse(last) + 1;
  return new Date(Math.max(at.getTime(), earliest)).toISOString();
}

import * as z from 'zod';
import { type ClientId, type CompanyId, LogId } from '../shared/ids.ts';
import { Instant } from '../shared/text.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { type Filter, type Position, queryPage } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';

/** Days until an entry expires. */
const DAYS_KEPT = 90;

export const LogCategory = z
  .enum(['mail', 'document', 'logo', 'import', 'webhook', 'pdf'])
  .describe('What the entry is about.');
export const LogOutcome = z.enum(['success', 'failure']).describe('Whether it succeeded.');

/** Something that the backend did by itself, and its outcome. */
export const SystemLogEntry = z
  .object({
    id: LogId,
    at: Instant.describe('When it happened.'),
    category: LogCategory,
    event: z.string().describe('The operation, such as `document.received`.'),
    outcome: LogOutcome,
    detail: z.string().describe('The result, or the reason of the failure, for people to read.'),
    subject: z
      .object({ type: z.string().describe('The kind of record.'), id: z.string().describe('The id of the record.') })
      .nullable()
      .describe('The record that the entry is about, if there is one.'),
  })
  .meta({ id: 'SystemLogEntry' });
export type SystemLogEntry = z.output<typeof SystemLogEntry>;

const systemLogEntity = {
  name: 'system-log',
  version: 1,
  schema: SystemLogEntry.extend({ ttl: z.int() }),
} satisfies Entity;

export interface LogFilter {
  category?: z.output<typeof LogCategory> | undefined;
  outcome?: z.output<typeof LogOutcome> | undefined;
}

/** The system log of a client, or of the company if the client is null. */
export function systemLog(table: Table) {
  const on = writes(table.name);
  const itemOf = (entry: SystemLogEntry) =>
    asItem(systemLogEntity, { ...entry, ttl: Math.floor(Date.parse(entry.at) / 1000) + DAYS_KEPT * 86_400 });

  return {
    /** The write of an entry, for the transaction of the operation that it describes. Replaces an entry with the same id. */
    entry: (company: CompanyId, client: ClientId | null, entry: SystemLogEntry): Write =>
      on.put(keys.systemLog(company, client, entry.id), itemOf(entry)),

    /** As `entry`, but fails with `refusal` if the entry exists, so that its transaction commits only once. */
    entryOnce: (company: CompanyId, client: ClientId | null, entry: SystemLogEntry, refusal: () => Error): Write =>
      on.create(keys.systemLog(company, client, entry.id), itemOf(entry), refusal),

    /** A page of entries, newest first. One Query; several if few entries match the filter. */
    async page(
      company: CompanyId,
      client: ClientId | null,
      request: { filter: LogFilter; limit: number; after: Position | undefined },
    ): Promise<{ entries: SystemLogEntry[]; next: Position | undefined }> {
      const { items, next } = await queryPage(table, {
        range: ranges.systemLogs(company, client),
        limit: request.limit,
        after: request.after,
        descending: true,
        ...filterOf(request.filter),
      });
      return { entries: items.map((item) => readItem(systemLogEntity, item)), next };
    },
  };
}

function filterOf(filter: LogFilter): { filter?: Filter } {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
  if (wanted.length === 0) return {};
  return {
    filter: {
      expression: wanted.map(([name]) => `#${name} = :${name}`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])),
    },
  };
}

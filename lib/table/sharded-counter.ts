import * as z from 'zod';
import type { CompanyId, GroupId, PricingId } from '../shared/ids.ts';
import type { Table } from './client.ts';
import { type Entity, readItem } from './entity.ts';
import { keys, ranges } from './keys.ts';
import { queryAll } from './query.ts';
import { type Write, writes } from './transaction.ts';

/** More shards make conflicts of concurrent writes rarer, but sealing takes one write for each shard. */
const SHARDS = 8;

/** Seconds for which a sealed counter outlives its group or pricing: longer than any request that may still be running. */
export const SEALED_SECONDS = 24 * 3600;

const memberCountEntity = {
  name: 'member-count',
  version: 1,
  schema: z.object({
    clients: z.int().default(0),
    /** A sealed counter refuses increments. */
    sealed: z.boolean().default(false),
    ttl: z.int().optional(),
  }),
} satisfies Entity;

type Counted = GroupId | PricingId;

/**
 * The number of clients of a group or a pricing. It is exact, because each client is counted in the transaction that writes
 * it. A sealed counter refuses increments, so that a group or pricing without clients cannot get one while it is deleted.
 */
export function shardedCounter(table: Table) {
  const on = writes(table.name);
  const entityValues = { ':entity': memberCountEntity.name, ':schemaVersion': memberCountEntity.version };

  function add(company: CompanyId, of: Counted, client: string, by: 1 | -1, refusal?: () => Error): Write {
    // The shard follows from the client's id, so that a decrement uses the shard of its increment.
    const shard = (client.codePointAt(client.length - 1) ?? 0) % SHARDS;
    return on.update(
      keys.memberCount(company, of, shard),
      {
        UpdateExpression: 'SET #entity = :entity, schemaVersion = :schemaVersion ADD clients :by',
        ...(refusal && { ConditionExpression: 'attribute_not_exists(sealed)' }),
        ExpressionAttributeNames: { '#entity': 'entity' },
        ExpressionAttributeValues: { ...entityValues, ':by': by },
      },
      refusal,
    );
  }

  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

  return {
    /** The write that counts one more client. It fails with `refusal` if the counter is sealed. */
    increment: (company: CompanyId, of: Counted, client: string, refusal: () => Error) =>
      add(company, of, client, 1, refusal),

    /** The write that counts one client fewer. */
    decrement: (company: CompanyId, of: Counted, client: string) => add(company, of, client, -1),

    /** The writes that seal the counter; with `whenEmpty` they fail if a client is counted. Eight writes. */
    seal: (company: CompanyId, of: Counted, whenEmpty?: { refusal: () => Error; ttl: number }): Write[] =>
      shards.map((shard) =>
        on.update(
          keys.memberCount(company, of, shard),
          {
            UpdateExpression: `SET sealed = :yes, #entity = :entity, schemaVersion = :schemaVersion${whenEmpty ? ', #ttl = :ttl' : ''}`,
            ...(whenEmpty && { ConditionExpression: 'attribute_not_exists(clients) OR clients <= :none' }),
            ExpressionAttributeNames: { '#entity': 'entity', ...(whenEmpty && { '#ttl': 'ttl' }) },
            ExpressionAttributeValues: {
              ':yes': true,
              ...entityValues,
              ...(whenEmpty && { ':none': 0, ':ttl': whenEmpty.ttl }),
            },
          },
          whenEmpty?.refusal,
        ),
      ),

    /** The number of clients. One strongly consistent Query. */
    async total(company: CompanyId, of: Counted): Promise<number> {
      const items = await queryAll(table, ranges.memberCount(company, of));
      return items.reduce((sum, item) => sum + readItem(memberCountEntity, item).clients, 0);
    },
  };
}

import * as z from 'zod';
import type { CompanyId, GroupId, PricingId } from '../shared/ids.ts';
import { type Entity, readItem } from './entity.ts';
import { keys, ranges } from './keys.ts';
import { queryAll, type Table, type Write, writes } from './table.ts';

/**
 * Parts that a count is spread over: clients that come at the same moment seldom meet, and a group that is closed for
 * them takes so many writes.
 */
const PARTS = 8;

const tallyEntity = {
  name: 'tally',
  version: 1,
  schema: z.object({
    clients: z.int().default(0),
    /** No client may come any more. */
    closed: z.boolean().default(false),
    ttl: z.int().optional(),
  }),
} satisfies Entity<z.ZodType>;

type Counted = GroupId | PricingId;

/**
 * How many clients have a group or a pricing, exact at every moment because each client counts itself in its own
 * transaction. Closing it is what makes "nobody has it" stay true: a client that is just being written is refused.
 */
export function tally(table: Table) {
  const on = writes(table.name);

  function change(company: CompanyId, of: Counted, client: string, by: 1 | -1, refusal?: () => Error): Write {
    // By the client's own id, so that what was counted up in a part is counted down in the same one.
    const part = (client.codePointAt(client.length - 1) ?? 0) % PARTS;
    return on.update(
      keys.tally(company, of, part),
      {
        UpdateExpression: 'SET #entity = :entity, schemaVersion = :schemaVersion ADD clients :by',
        ...(refusal && { ConditionExpression: 'attribute_not_exists(closed)' }),
        ExpressionAttributeNames: { '#entity': 'entity' },
        ExpressionAttributeValues: { ':entity': tallyEntity.name, ':schemaVersion': tallyEntity.version, ':by': by },
      },
      refusal,
    );
  }

  const parts = Array.from({ length: PARTS }, (_, part) => part);

  return {
    /** Counts a client that comes; `refusal` where no client may. */
    enter: (company: CompanyId, of: Counted, client: string, refusal: () => Error) =>
      change(company, of, client, 1, refusal),

    /** Counts off a client that goes. */
    leave: (company: CompanyId, of: Counted, client: string) => change(company, of, client, -1),

    /** Lets nobody in from now on; where `whenUnused`, only if nobody is there. Eight writes. */
    close: (company: CompanyId, of: Counted, whenUnused?: { refusal: () => Error; ttl: number }): Write[] =>
      parts.map((part) =>
        on.update(
          keys.tally(company, of, part),
          {
            UpdateExpression: `SET closed = :yes, #entity = :entity, schemaVersion = :schemaVersion${whenUnused ? ', #ttl = :ttl' : ''}`,
            ...(whenUnused && { ConditionExpression: 'attribute_not_exists(clients) OR clients <= :none' }),
            ExpressionAttributeNames: { '#entity': 'entity', ...(whenUnused && { '#ttl': 'ttl' }) },
            ExpressionAttributeValues: {
              ':yes': true,
              ':entity': tallyEntity.name,
              ':schemaVersion': tallyEntity.version,
              ...(whenUnused && { ':none': 0, ':ttl': whenUnused.ttl }),
            },
          },
          whenUnused?.refusal,
        ),
      ),

    /** The number of clients. One strongly consistent Query. */
    async clients(company: CompanyId, of: Counted): Promise<number> {
      const items = await queryAll(table, ranges.tally(company, of));
      return items.reduce((sum, item) => sum + readItem(tallyEntity, item).clients, 0);
    },
  };
}

/** Seconds that a closed count outlives what it counted: longer than any request that may still be under way. */
export const SEALED_SECONDS = 24 * 3600;

import * as z from 'zod';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { type Entity, readItemIfAny } from '../table/entity.ts';
import { keys, type UsageScope } from '../table/keys.ts';
import { updateItem } from '../table/write.ts';
import type { Limit } from './schema.ts';

/** Seconds that a count is kept after its day, because TTL needs no precision and clocks differ. */
const KEPT_SECONDS = 24 * 3600;

/** How often a subject was used on a day. Each hour has an attribute of its own, so that one update counts both. */
const usageEntity = {
  name: 'usage',
  version: 1,
  schema: z.object({ inDay: z.int(), ttl: z.int() }),
} satisfies Entity;

/**
 * Rate limits by hour and day, stored in the table, so that they apply across all instances. A use is counted before it
 * happens, so concurrent uses are all counted. A refused one is not counted.
 */
export function rateLimiter(table: Table, source: Source) {
  return {
    /**
     * Counts a use of the subject. One call.
     * @throws the error of `refusal`, which gets the seconds until the subject can be used again
     */
    async take(scope: UsageScope, subject: string, limit: Limit, refusal: (wait: number) => Error): Promise<void> {
      const now = source.now();
      const [day = '', hour] = now.toISOString().split(/[T:]/);
      const expression = {
        UpdateExpression: 'SET #ttl = :ttl, #entity = :entity, schemaVersion = :version ADD inDay :one, #hour :one',
        ConditionExpression:
          '(attribute_not_exists(inDay) OR inDay < :perDay) AND (attribute_not_exists(#hour) OR #hour < :perHour)',
        ExpressionAttributeNames: { '#ttl': 'ttl', '#entity': 'entity', '#hour': `inHour${hour}` },
        ExpressionAttributeValues: {
          ':ttl': Math.floor(endOfDay(now) / 1000) + KEPT_SECONDS,
          ':entity': usageEntity.name,
          ':version': usageEntity.version,
          ':one': 1,
          ':perDay': limit.day,
          ':perHour': limit.hour,
        },
      };
      await updateItem(table, keys.usage(scope, subject, day), expression, (existing) =>
        refusal(secondsToWait(existing, limit, now)),
      );
    },
  };
}

export type RateLimiter = ReturnType<typeof rateLimiter>;

/** Seconds until the window ends whose limit is reached: the day, or else the hour. */
function secondsToWait(existing: Item | undefined, limit: Limit, now: Date): number {
  const usage = readItemIfAny(usageEntity, existing);
  const end = usage && usage.inDay >= limit.day ? endOfDay(now) : endOfHour(now);
  return Math.ceil((end - now.getTime()) / 1000);
}

const endOfDay = (now: Date) => endOfWindow(now, 24 * 3600_000);
const endOfHour = (now: Date) => endOfWindow(now, 3600_000);

/** Epoch milliseconds at which the window ends that `now` is in. Days of UTC have no leap seconds in epoch time. */
function endOfWindow(now: Date, length: number): number {
  return (Math.floor(now.getTime() / length) + 1) * length;
}

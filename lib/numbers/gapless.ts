import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys, type NumberedKind } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { dayIn, groupCode, needsGroup, writeNumber } from './pattern.ts';
import { randomLetters } from './random.ts';
import { DEFAULT_RECORD_NUMBERING, LAST_COUNT, nextOn, numberingEntity, periodOf } from './schema.ts';

const guardEntity = { name: 'number-guard', version: 1, schema: z.object({ recordId: z.string() }) } satisfies Entity;

/** A record already has the number, because the pattern or the counter was set back. */
const NUMBER_TAKEN = new Error('another record has this number');
/** How many taken numbers are passed over before a record gets none. */
const MAX_SKIPS = 100;

/** Another record has drawn a number since the counter was read. */
const COUNTER_MOVED = new Error('another record has drawn a number');
/** Milliseconds for which a number is drawn again. Functions have 29 seconds. */
const PATIENCE = 20_000;
/** With the table's back-off, these take longer than that. */
const MAX_ATTEMPTS = 60;

export interface GaplessRequest {
  readonly kind: NumberedKind;
  readonly recordId: string;
  readonly timezone: string;
  /** Reads the name of the client's group; called only if the pattern contains it. */
  readonly groupName: () => Promise<string>;
}

/**
 * Numbers without gaps. The counter moves in the transaction of the record that gets the number, so that a number is used
 * exactly if the counter has passed it.
 */
export function gaplessNumbers(table: Table, source: Source) {
  const on = writes(table.name);
  const random = randomLetters(source);

  /**
   * The next number, with the writes that use it. They are refused with `COUNTER_MOVED` and `NUMBER_TAKEN`. One call, strongly
   * consistent; one more if the pattern contains the group. `skip` numbers after the counter turned out to be taken.
   */
  async function draw(
    company: CompanyId,
    { kind, recordId, timezone, groupName }: GaplessRequest,
    skip: number,
  ): Promise<{ number: string; writes: Write[] }> {
    const key = keys.numbering(company, kind);
    const item = await getItem(table, key, true);
    const date = dayIn(timezone, source.now());
    const stored = item && readItem(numberingEntity, item);
    const { pattern, reset } = stored ?? DEFAULT_RECORD_NUMBERING[kind];
    const counter = (stored ? nextOn(stored, date) : DEFAULT_RECORD_NUMBERING[kind].next) + skip;
    if (counter > LAST_COUNT) throw new Problem('numbers-exhausted');
    const group = needsGroup(pattern) ? groupCode(await groupName()) : '';
    const number = writeNumber(pattern, { counter, date, group, random });
    const next = { pattern, reset, next: counter + 1, period: periodOf(reset, date) };
    const count = stored
      ? on.update(
          key,
          {
            UpdateExpression: 'SET #next = :next, #period = :period',
            ConditionExpression: '#next = :seen AND #period = :seenPeriod AND #pattern = :pattern',
            ExpressionAttributeNames: { '#next': 'next', '#period': 'period', '#pattern': 'pattern' },
            ExpressionAttributeValues: {
              ':next': next.next,
              ':period': next.period,
              ':seen': stored.next,
              ':seenPeriod': stored.period,
              ':pattern': pattern,
            },
          },
          () => COUNTER_MOVED,
        )
      : on.create(key, asItem(numberingEntity, next), () => COUNTER_MOVED);
    const guard = on.create(
      keys.recordNumber(company, kind, number),
      asItem(guardEntity, { recordId }),
      () => NUMBER_TAKEN,
    );
    return { number, writes: [count, guard] };
  }

  return {
    /** The id of the record with a number; undefined if there is none. One call, strongly consistent. */
    async recordWith(company: CompanyId, kind: NumberedKind, number: string): Promise<string | undefined> {
      const guard = await getItem(table, keys.recordNumber(company, kind, number), true);
      return guard && readItem(guardEntity, guard).recordId;
    },

    /**
     * Draws the next number and runs a commit with it, whose transaction must include the writes. Two calls; again with
     * random waits while other records draw at the same time, so that each gets its number and none is lost.
     * @throws Problem `numbers-exhausted`; `write-conflict` after 20 seconds; what the commit throws
     */
    async withNextNumber<R>(
      company: CompanyId,
      request: GaplessRequest,
      commit: (number: string, writes: Write[]) => Promise<R>,
    ): Promise<R> {
      const end = source.now().getTime() + PATIENCE;
      let skip = 0;
      for (let attempt = 1; ; ) {
        const drawn = await draw(company, request, skip);
        try {
          return await commit(drawn.number, drawn.writes);
        } catch (error) {
          if (error === NUMBER_TAKEN) {
            if (++skip > MAX_SKIPS) throw new Problem('numbers-exhausted');
            continue;
          }
          if (error !== COUNTER_MOVED) throw error;
          if (attempt === MAX_ATTEMPTS || source.now().getTime() >= end)
            throw new Problem('write-conflict', { retryAfter: 1, cause: error });
          await table.backOff(attempt++);
          skip = 0;
        }
      }
    },
  };
}

export type GaplessNumbers = ReturnType<typeof gaplessNumbers>;

import { invalid, Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItems } from '../table/query.ts';
import { updateItem } from '../table/write.ts';
import { dayIn, groupCode, type NumberParts, needsCounter, needsGroup, writeNumber } from './pattern.ts';
import { randomLetters } from './random.ts';
import { ClientNumber, LAST_COUNT, numberingEntity, periodOf } from './schema.ts';

interface CountedNumber {
  pattern: string;
  counter: number;
}

/** Numbers that one call checks, and the maximum number of calls. */
const BATCH_SIZE = 100;
const MAX_BATCHES = 20;

const NO_VALID_NUMBER = {
  pointer: '/number',
  code: 'bad-pattern',
  detail: 'The pattern in the settings of the company makes no valid number. Change the pattern, or give a number.',
} as const;

export interface NumberRequest {
  companyId: CompanyId;
  timezone: string;
  /** Reads the name of the client's group; called only if the pattern contains it. */
  groupName: () => Promise<string>;
}

/**
 * Generates client numbers from the company's counter. The guard item of each number makes it unique. A number that is
 * generated but not used leaves a gap.
 */
export function clientNumbers(table: Table, source: Source) {
  const random = randomLetters(source);

  async function partsFor(request: NumberRequest, pattern: string): Promise<Omit<NumberParts, 'counter'>> {
    const group = needsGroup(pattern) ? groupCode(await request.groupName()) : '';
    return { date: dayIn(request.timezone, source.now()), group, random };
  }

  /**
   * Increments the counter in the current period. One call, two more when a new period begins.
   * @throws Problem `numbers-exhausted` if the counter has reached its last value
   */
  async function incrementCounter(companyId: CompanyId, date: NumberParts['date']): Promise<CountedNumber> {
    const [never, year, month] = [periodOf('never', date), periodOf('yearly', date), periodOf('monthly', date)];
    class NotCounted extends Error {
      readonly existing: Item | undefined;
      constructor(existing: Item | undefined) {
        super('the counter belongs to another period, or has reached its last value');
        this.existing = existing;
      }
    }
    for (;;) {
      try {
        const item = await updateItem(
          table,
          keys.numbering(companyId, 'client'),
          {
            UpdateExpression: 'SET #next = #next + :one',
            ConditionExpression: '#period IN (:never, :year, :month) AND #next < :last',
            ExpressionAttributeNames: { '#next': 'next', '#period': 'period' },
            ExpressionAttributeValues: {
              ':one': 1,
              ':last': LAST_COUNT,
              ':never': never,
              ':year': year,
              ':month': month,
            },
          },
          (existing) => new NotCounted(existing),
        );
        const { pattern, next } = readItem(numberingEntity, item);
        return { pattern, counter: next - 1 };
      } catch (error) {
        if (!(error instanceof NotCounted) || !error.existing) throw error;
        const { period, reset } = readItem(numberingEntity, error.existing);
        if ([never, year, month].includes(period)) throw new Problem('numbers-exhausted');
        await startPeriod(companyId, period, periodOf(reset, date));
      }
    }
  }

  /** Starts a new period at 1, unless a concurrent request has started it. */
  async function startPeriod(companyId: CompanyId, from: string, to: string): Promise<void> {
    const alreadyStarted = new Error('another request has started the period');
    await updateItem(
      table,
      keys.numbering(companyId, 'client'),
      {
        UpdateExpression: 'SET #next = :one, #period = :to',
        ConditionExpression: '#period = :from',
        ExpressionAttributeNames: { '#next': 'next', '#period': 'period' },
        ExpressionAttributeValues: { ':one': 1, ':from': from, ':to': to },
      },
      () => alreadyStarted,
    ).catch((error: unknown) => {
      if (error !== alreadyStarted) throw error;
    });
  }

  /** Moves the counter to the next number that no client has. One call for each hundred numbers, and one to move it. */
  async function skipTaken(request: NumberRequest, taken: CountedNumber): Promise<void> {
    if (!needsCounter(taken.pattern)) return;
    const parts = await partsFor(request, taken.pattern);
    for (let batch = 0, from = taken.counter + 1; batch < MAX_BATCHES; batch++, from += BATCH_SIZE) {
      const counters = Array.from({ length: BATCH_SIZE }, (_, index) => from + index);
      const guards = await getItems(
        table,
        counters.map((counter) =>
          keys.clientNumber(request.companyId, writeNumber(taken.pattern, { ...parts, counter })),
        ),
      );
      const free = guards.indexOf(undefined);
      if (free < 0) continue;
      if (from + free > LAST_COUNT) break;
      const alreadyMoved = new Error('the counter is already further');
      await updateItem(
        table,
        keys.numbering(request.companyId, 'client'),
        {
          UpdateExpression: 'SET #next = :free',
          ConditionExpression: '#next < :free',
          ExpressionAttributeNames: { '#next': 'next' },
          ExpressionAttributeValues: { ':free': from + free },
        },
        () => alreadyMoved,
      ).catch((error: unknown) => {
        if (error !== alreadyMoved) throw error;
      });
      return;
    }
    throw new Problem('numbers-exhausted');
  }

  return {
    /**
     * Generates the next number. If it turns out to be taken, `skip` moves the counter past it. One call.
     * @throws Problem `numbers-exhausted`, or `validation` if the pattern makes no valid number
     */
    async next(request: NumberRequest): Promise<{ number: string; skip: () => Promise<void> }> {
      const counted = await incrementCounter(request.companyId, dayIn(request.timezone, source.now()));
      const parts = await partsFor(request, counted.pattern);
      const number = writeNumber(counted.pattern, { ...parts, counter: counted.counter });
      if (!ClientNumber.safeParse(number).success) throw invalid(NO_VALID_NUMBER);
      return { number, skip: () => skipTaken(request, counted) };
    },
  };
}

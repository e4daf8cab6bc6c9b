import * as z from 'zod';
import { GroupId } from '../shared/ids.ts';
import { addFault } from '../shared/rules.ts';
import { identifier } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { MAX_NUMBER_LENGTH, patternFault } from './pattern.ts';

/** The number of a client, given or generated. */
export const ClientNumber = identifier(MAX_NUMBER_LENGTH);

/** The last value of a counter. A counter that has reached it makes no more numbers. */
export const LAST_COUNT = 999_999_999;

const shape = {
  pattern: identifier(100)
    .describe('Plain text with the variables `{year}`, `{counter:4}`, `{group}`, `{date:yyyyMM}` and `{random:6}`.')
    .meta({ format: 'number-pattern', examples: ['{year}-{counter:4}'] }),
  next: z
    .int()
    .min(1)
    .max(LAST_COUNT)
    .describe('The next value of the counter.')
    .meta({ examples: [1] }),
  reset: z
    .enum(['never', 'yearly', 'monthly'])
    .describe('When the counter starts again at 1: never, every year or every month.'),
};

/** How numbers are generated. */
export const Numbering = z
  .strictObject(shape)
  .superRefine(({ pattern, reset }, context) => {
    const fault = patternFault(pattern, reset);
    if (fault)
      addFault(context, {
        path: ['pattern'],
        code: 'bad-pattern',
        message: `${fault.detail} (at character ${fault.position + 1})`,
        dependsOn: ['reset'],
      });
  })
  .meta({ id: 'Numbering' });
export type Numbering = z.infer<typeof Numbering>;

const numberingPatch = z.strictObject(shape).partial();

/** The changes to preview. A key that is left out has its value from the settings. */
export const NumberPreviewInput = z
  .strictObject({
    clientNumber: numberingPatch.describe('Changes to the numbering in the settings.').default({}),
    groupId: GroupId.optional().describe(
      'The group whose name replaces `{group}`. If it is left out, the group General.',
    ),
  })
  .meta({ id: 'NumberPreviewInput' });
export type NumberPreviewInput = z.output<typeof NumberPreviewInput>;

export const NumberPreview = z
  .object({
    numbers: z
      .array(z.string())
      .describe('The next three numbers in order. The `{random}` parts are examples.')
      .meta({ examples: [['2026-0042', '2026-0043', '2026-0044']] }),
    taken: z
      .array(z.string())
      .describe('Those of `numbers` that clients already have. The creation of a client skips them.')
      .meta({ examples: [['2026-0043']] }),
    clientNumber: Numbering.describe('The numbering that was previewed.'),
  })
  .meta({ id: 'NumberPreview' });
export type NumberPreview = z.output<typeof NumberPreview>;

export const numberingEntity = {
  name: 'numbering',
  version: 1,
  schema: z.object({
    ...shape,
    /** The period that `next` belongs to: `-` (never resets), a year, or a year and month. */
    period: z.string(),
  }),
} satisfies Entity;

/** The next value of a counter on a day: 1 if a new period has begun since the last number. */
export function nextOn(
  { next, period, reset }: z.output<typeof numberingEntity.schema>,
  date: { year: string; month: string },
): number {
  return period === periodOf(reset, date) ? next : 1;
}

/** The period that a day belongs to. */
export function periodOf(reset: Numbering['reset'], date: { year: string; month: string }): string {
  if (reset === 'never') return '-';
  return reset === 'yearly' ? date.year : `${date.year}-${date.month}`;
}

import * as z from 'zod';
import { GroupId } from '../shared/ids.ts';
import type { Entity } from '../table/entity.ts';
import { patternFault } from './pattern.ts';

const shape = {
  pattern: z
    .string()
    .min(1)
    .max(100)
    .describe('`{year}`, `{counter:4}`, `{group}`, `{date:yyyyMM}`, `{random:6}` and plain text.')
    .meta({ format: 'number-pattern', examples: ['{year}-{counter:4}'] }),
  next: z
    .int()
    .min(1)
    .max(999_999_999)
    .describe('What the counter gives next.')
    .meta({ examples: [1] }),
  reset: z.enum(['never', 'yearly', 'monthly']).describe('When the counter starts again at 1.'),
};

/** How the numbers of a kind are made. */
export const Numbering = z
  .strictObject(shape)
  .superRefine(({ pattern, reset }, context) => {
    const fault = patternFault(pattern, reset);
    if (fault)
      context.addIssue({
        code: 'custom',
        path: ['pattern'],
        message: `${fault.detail} (at character ${fault.position + 1})`,
        params: { code: 'bad-pattern' },
      });
  })
  .meta({ id: 'Numbering' });
export type Numbering = z.infer<typeof Numbering>;

const numberingPatch = z.strictObject(shape).partial();

/** What a preview is asked for: what is left out is as it stands in the settings. */
export const NumberPreviewInput = z
  .strictObject({
    clientNumber: numberingPatch.default({}),
    groupId: GroupId.optional().describe('The group that `{group}` stands for; General where it is left out.'),
  })
  .meta({ id: 'NumberPreviewInput' });
export type NumberPreviewInput = z.output<typeof NumberPreviewInput>;

export const NumberPreview = z
  .object({
    numbers: z
      .array(z.string())
      .describe('The next three in order. The `{random}` parts are examples.')
      .meta({ examples: [['2026-0042', '2026-0043', '2026-0044']] }),
    taken: z
      .array(z.string())
      .describe('Those of them that clients have already; a creation goes past them.')
      .meta({ examples: [['2026-0043']] }),
    clientNumber: Numbering,
  })
  .meta({ id: 'NumberPreview' });
export type NumberPreview = z.output<typeof NumberPreview>;

export const numberingEntity = {
  name: 'numbering',
  version: 1,
  schema: z.object({
    ...shape,
    /** The period that `next` counts in: `-`, a year or a year and month. Which of them says when the counter resets. */
    period: z.string(),
  }),
} satisfies Entity<z.ZodType>;

/** What a counter gives next on a day: 1 where a new period has begun that nothing was counted in yet. */
export function nextOn(
  { next, period, reset }: z.output<typeof numberingEntity.schema>,
  date: { year: string; month: string },
): number {
  return period === periodOf(reset, date) ? next : 1;
}

/** The period of a day for a counter that resets so. */
export function periodOf(reset: Numbering['reset'], date: { year: string; month: string }): string {
  if (reset === 'never') return '-';
  return reset === 'yearly' ? date.year : `${date.year}-${date.month}`;
}

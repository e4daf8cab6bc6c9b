import * as z from 'zod';
import { GroupId } from '../shared/ids.ts';
import { addFault } from '../shared/rules.ts';
import { identifier } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { MAX_NUMBER_LENGTH, needsCounter, patternFault } from './pattern.ts';

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

/** How numbers without gaps are generated: they count. */
export const RecordNumbering = Numbering.superRefine(({ pattern, reset }, context) => {
  if (patternFault(pattern, reset) || needsCounter(pattern)) return;
  const message = 'Numbers without gaps need {counter} in the pattern.';
  addFault(context, { path: ['pattern'], code: 'bad-pattern', message });
});

/** The settings that number records, with what they number. */
export const numberedBy = { clientNumber: 'client', invoiceNumber: 'invoice', creditNoteNumber: 'credit' } as const;
export type NumberingName = keyof typeof numberedBy;
export const numberingNames = ['clientNumber', 'invoiceNumber', 'creditNoteNumber'] as const satisfies NumberingName[];

/** The numbering of records of a company that has set none. Clients always have one. */
export const DEFAULT_RECORD_NUMBERING = {
  invoice: { pattern: '{year}-{counter:4}', next: 1, reset: 'yearly' },
  credit: { pattern: 'CN-{year}-{counter:4}', next: 1, reset: 'yearly' },
} as const satisfies Record<string, Numbering>;

const numberingPatch = z.strictObject(shape).partial();

/** The changes to preview. A key that is left out has its value from the settings; without any, clients are numbered. */
export const NumberPreviewInput = z
  .strictObject({
    clientNumber: numberingPatch.optional().describe('Changes to the numbering of clients in the settings.'),
    invoiceNumber: numberingPatch.optional().describe('The same for invoices.'),
    creditNoteNumber: numberingPatch.optional().describe('The same for credit notes.'),
    groupId: GroupId.optional().describe(
      'The group whose name replaces `{group}`. If it is left out, the group General.',
    ),
  })
  .superRefine((input, context) => {
    for (const name of numberingNames.filter((one) => input[one]).slice(1))
      addFault(context, { path: [name], code: 'contradiction', message: 'One numbering is previewed at a time.' });
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
      .describe('Those of `numbers` that records already have. They are skipped.')
      .meta({ examples: [['2026-0043']] }),
    numbering: Numbering.describe('The numbering that was previewed.'),
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

import * as z from 'zod';
import { compareDecimals, DECIMAL_PATTERN } from './decimal.ts';

const FORMAT = 'must be a plain decimal number such as 1.5, with at most 12 digits before the point and 6 after it';

const decimalText = (refine: (text: string) => boolean, error: string) =>
  z
    .string()
    .max(20, { abort: true })
    .regex(DECIMAL_PATTERN, { error: FORMAT, abort: true })
    .refine(refine, { error, params: { code: 'out-of-range' } });

/** A quantity as decimal text, more than zero. */
export const Quantity = decimalText((text) => /[1-9]/.test(text), 'must be more than 0')
  .describe('A decimal number as text, more than 0, with at most 6 decimals.')
  .meta({ id: 'Quantity', examples: ['1.5'] });

/** A percentage as decimal text, from 0 to 100. */
export const Rate = decimalText((text) => compareDecimals(text, '100') <= 0, 'must be 100 at most')
  .describe('A percentage as text, from 0 to 100, with at most 6 decimals.')
  .meta({ id: 'Rate', examples: ['20'] });

import * as z from 'zod';
import { Currency } from './locale.ts';

/** An amount in minor units of its currency (cents of EUR, whole yen) with its ISO 4217 code. */
export const Money = z
  .strictObject({
    amount: z
      .int()
      .min(-9_007_199_254_740_991)
      .max(9_007_199_254_740_991)
      .describe('Minor units of the currency.')
      .meta({ examples: [125000] }),
    currency: Currency,
  })
  .meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

/** Money that is asked for: none or more. */
export const Price = Money.extend({ amount: Money.shape.amount.min(0) }).meta({ id: 'Price' });

/** Money that is more than none. */
export const Fee = Money.extend({ amount: Money.shape.amount.min(1) }).meta({ id: 'Fee' });

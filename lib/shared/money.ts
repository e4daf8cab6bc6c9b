import * as z from 'zod';
import { Currency } from './locale.ts';

/** An amount in minor units of its currency: cents of EUR, whole yen. */
export const Money = z
  .strictObject({
    amount: z
      .int()
      .min(-9_007_199_254_740_991)
      .max(9_007_199_254_740_991)
      .describe('The amount in minor units of the currency: 1250 is 12.50 EUR or 1250 JPY.')
      .meta({ examples: [125000] }),
    currency: Currency,
  })
  .meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

/** Money of zero or more. */
export const Price = Money.extend({ amount: Money.shape.amount.min(0) }).meta({ id: 'Price' });

/** Money of more than zero. */
export const Fee = Money.extend({ amount: Money.shape.amount.min(1) }).meta({ id: 'Fee' });

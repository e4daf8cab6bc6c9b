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
  .meta({ id: 'Money', description: 'An amount of money.' });
export type Money = z.infer<typeof Money>;

/** Money of at least `min` minor units. The API's document shows it as Money, so that there is one type of amounts. */
const moneyOf = (min: number, error: string) =>
  Money.check(z.refine(({ amount }) => amount >= min, { path: ['amount'], error, params: { code: 'too-small' } }));

/** Money of zero or more. */
export const Price = moneyOf(0, 'must not be negative');

/** Money of more than zero. */
export const Fee = moneyOf(1, 'must be more than zero');

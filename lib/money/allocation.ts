/**
 * Divides a total in proportion to weights, in whole minor units whose sum is exactly the total (largest remainder, also
 * called Hamilton's method). Each share is its exact value rounded up or down; equal remainders favour the earlier share.
 * Weights are zero or more. If all are zero, the first share is the total.
 * @throws Error if there is a total but nothing to divide it over
 */
export function spread(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (sum === 0n) {
    if (weights.length === 0 && total !== 0n) throw new Error('there is nothing to divide the total over');
    return weights.map((_, index) => (index === 0 ? total : 0n));
  }
  const sign = total < 0n ? -1n : 1n;
  const size = total * sign;
  const shares = weights.map((weight) => (size * weight) / sum);
  const missing = Number(size - shares.reduce((all, share) => all + share, 0n));
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (size * weight) % sum }))
    .sort((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder) || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) shares[index] = (shares[index] ?? 0n) + 1n;
  return shares.map((share) => share * sign);
}

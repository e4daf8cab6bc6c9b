import { median } from '../figures.ts';

/** The share of the samples, from the first on, in which a process still grows to its size. */
const WARM_UP = 0.1;
/** Memory is flat if it has grown by this share at most. */
export const FLAT = 0.1;

/**
 * By what share the memory has grown: the median of the last third of the samples against that of the first third after
 * the warm-up, 0.1 for a tenth more. NaN for too few samples to tell.
 */
export function growthOf(samples: readonly number[]): number {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const third = Math.floor(warm.length / 3);
  if (third === 0) return Number.NaN;
  const first = median(warm.slice(0, third));
  return (median(warm.slice(-third)) - first) / first;
}

/** Whether the memory stayed as it was. False if there are too few samples to tell. */
export function isFlat(samples: readonly number[]): boolean {
  return growthOf(samples) <= FLAT;
}

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Spreads requests evenly, `rate` a second over all connections together: each waits for its turn, and is told whether
 * there still is one. Turns that were missed are not made up for.
 */
export function pacer(rate: number, more: () => boolean): () => Promise<boolean> {
  let next = performance.now();
  return async () => {
    const now = performance.now();
    next = Math.max(next + 1000 / rate, now);
    if (next > now) await pause(next - now);
    return more();
  };
}

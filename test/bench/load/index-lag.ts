import { setTimeout as pause } from 'node:timers/promises';

/** How long the index takes to catch up, in seconds. Infinity if it has not within the patience. */
export interface IndexLag {
  /** Until search finds the last client. */
  found: number;
  /** Until streams and queues have delivered everything. */
  drained: number;
}

/** Waits until search finds the last client and the streams are drained, at most `patience` seconds. */
export async function indexLag(url: string, isLastFound: () => Promise<boolean>, patience: number): Promise<IndexLag> {
  const start = performance.now();
  const secondsSince = () => (performance.now() - start) / 1000;
  const found = async () => {
    while (secondsSince() < patience) {
      if (await isLastFound()) return secondsSince();
      await pause(50);
    }
    return Number.POSITIVE_INFINITY;
  };
  const drained = async () => ((await drain(url, patience)) ? secondsSince() : Number.POSITIVE_INFINITY);
  const [foundAfter, drainedAfter] = await Promise.all([found(), drained()]);
  return { found: foundAfter, drained: drainedAfter };
}

/**
 * Waits until streams, queues and the event bus have delivered everything.
 * @returns false if they have not after so many seconds
 * @throws Error if the stack refuses, or has ended
 */
export async function drain(url: string, patience: number): Promise<boolean> {
  const signal = AbortSignal.timeout(patience * 1000);
  try {
    const answer = await fetch(`${url}/_local/streams/drain`, { method: 'POST', signal });
    if (!answer.ok) throw new Error(`the streams were not drained: ${answer.status} ${await answer.text()}`);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

import { percentile } from '../figures.ts';

/** One answered request. */
export interface Sample {
  /** When it was answered, in milliseconds since the load began. */
  at: number;
  /** How long it took, in milliseconds. */
  took: number;
}

/** What came of a load. */
export interface Outcome {
  samples: Sample[];
  seconds: number;
  /** Messages of the requests that failed. */
  errors: string[];
}

/**
 * Has each connection do one request after the other, for as long as `more` says, which may also delay the next one. A
 * failed request is an error and no sample.
 */
export async function drive(
  connections: number,
  more: () => boolean | Promise<boolean>,
  request: () => Promise<unknown>,
): Promise<Outcome> {
  const samples: Sample[] = [];
  const errors: string[] = [];
  const begun = performance.now();
  const connection = async () => {
    while (await more()) {
      const start = performance.now();
      try {
        await request();
        const end = performance.now();
        samples.push({ at: end - begun, took: end - start });
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return { samples, seconds: (performance.now() - begun) / 1000, errors };
}

/** True until so many seconds from now have passed. */
export function forSeconds(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() < end;
}

/** The worst percentile of any window of so many milliseconds that has answers. NaN when there are none. */
export function worstPercentile(samples: readonly Sample[], window: number, share: number): number {
  const windows = Map.groupBy(samples, ({ at }) => Math.floor(at / window));
  const each = [...windows.values()].map((members) =>
    percentile(
      members.map(({ took }) => took),
      share,
    ),
  );
  return each.length === 0 ? Number.NaN : Math.max(...each);
}

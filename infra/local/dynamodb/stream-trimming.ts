import { createNotice } from '../shared/notice.ts';
import { isBefore } from './stream-reader.ts';

export type TrimmedTable = {
  /** The position up to which every consumer has read, and will not read again; undefined while one has read nothing. */
  checkpoint(): string | undefined;
  /** Deletes some of the records before a position; false if some remain. */
  trim(before: string): boolean;
  /** Called when all records before a position are deleted. */
  onTrimmed(before: string): void;
};

const everyMillis = 250;
/** Between two portions the engine and the event loop do what waits for them. */
const pauseMillis = 5;

/** Deletes the stream records that nobody needs any more, in portions, as often as it takes to keep up. */
export function startTrimming(tables: readonly TrimmedTable[]): () => Promise<void> {
  const pause = createNotice();
  let stopped = false;

  async function trim({ checkpoint, trim, onTrimmed }: TrimmedTable, done: string | undefined) {
    const before = checkpoint();
    if (before === undefined || !isBefore(done, before)) return done;
    while (!trim(before)) {
      await pause.wait(pauseMillis);
      if (stopped) return done;
    }
    onTrimmed(before);
    return before;
  }

  async function run(table: TrimmedTable): Promise<void> {
    for (let done: string | undefined; !stopped; ) {
      done = await trim(table, done);
      await pause.wait(everyMillis);
    }
  }

  const running = Promise.all(tables.map(run));
  return async () => {
    stopped = true;
    pause.give();
    await running;
  };
}

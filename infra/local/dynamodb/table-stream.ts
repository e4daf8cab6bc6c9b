import { setTimeout as sleep } from 'node:timers/promises';
import { createNotice } from '../shared/notice.ts';
import { messageOf } from '../shared/problem.ts';
import {
  furthestBehind,
  isBefore,
  openReader,
  type StreamReader,
  type StreamRecord,
  type StreamSource,
} from './stream-reader.ts';

/** Sees every record before any consumer does, and knows which deletions were made by time to live. */
export type StreamObserver = {
  /** Where it stopped; it is shown later records again if a consumer is behind. */
  position(): string | undefined;
  observe(records: readonly StreamRecord[]): Promise<void>;
  isServiceDeletion(sequenceNumber: string): boolean;
};

export type TableStream = {
  source: StreamSource;
  /** A consumer that continues after a position. Reading starts where the one stopped that is furthest behind. */
  consumer(after: string | undefined): StreamConsumer;
  start(): void;
  /** Says that something was written; without it new records are noticed within a second. */
  wake(): void;
  /** Reads everything that was written before this call, and returns the position of the last record. */
  readToEnd(): Promise<string | undefined>;
  stop(): Promise<void>;
};

export type StreamConsumer = {
  /** The next records. Waits until there is one; returns none only when consumer or stream have stopped. */
  read(limit: number): Promise<StreamRecord[]>;
  stop(): void;
};

export type TableStreamSettings = {
  source: StreamSource;
  tableName: string;
  observer: StreamObserver | undefined;
  log(line: string): void;
  /** How many records, and bytes of them, are kept for consumers that read later. */
  window?: { records: number; bytes: number };
};

const pageRecords = 250;
/** An engine ends a page at 1 MB: one that is far smaller and not full is the last. */
const fullPageBytes = 500_000;
const pollMillis = 1000;
/** A pause after the last page, so that the records of a busy moment come together. */
const gatherMillis = 10;

/**
 * Reads a table's stream once for all its consumers. The latest records are kept in a window of bounded size. A consumer that falls
 * out of the window reads the stream by itself until it has caught up, so a slow one neither delays the others nor fills the memory.
 */
export function openTableStream(settings: TableStreamSettings): TableStream {
  const { source, tableName, observer, log } = settings;
  const most = settings.window ?? { records: 2000, bytes: 8_000_000 };
  const starts: (string | undefined)[] = observer === undefined ? [] : [observer.position()];
  const [appended, woken] = [createNotice(), createNotice()];
  /** All records after `windowStart` up to `end`, oldest first. */
  let window: StreamRecord[] = [];
  let windowStart: string | undefined;
  let end: string | undefined;
  let written = false;
  let endWaiters: ((end: string | undefined) => void)[] = [];
  let stopped = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let reader = openReader(source, end);
    while (!stopped) {
      // Only these waited before the read began.
      const asked = endWaiters;
      endWaiters = [];
      written = false;
      try {
        const page = await reader.read(pageRecords);
        await append(page);
        if (page.length === pageRecords || bytesOf(page) > fullPageBytes) {
          endWaiters = [...asked, ...endWaiters];
          continue;
        }
        for (const answer of asked) answer(end);
        if (page.length > 0) await sleep(gatherMillis);
        else if (!written) await woken.wait(pollMillis);
      } catch (error) {
        endWaiters = [...asked, ...endWaiters];
        log(`The stream of ${tableName} could not be read: ${messageOf(error)}`);
        reader = openReader(source, end);
        if (!stopped) await sleep(pollMillis);
      }
    }
  }

  async function append(page: readonly StreamRecord[]): Promise<void> {
    // A reader whose position was trimmed, or is in a later shard, starts with older records.
    const records = page.filter(({ sequenceNumber }) => isBefore(end, sequenceNumber));
    const last = records.at(-1);
    if (last === undefined) return;
    await observer?.observe(records);
    for (const record of records) identify(record);
    end = last.sequenceNumber;
    window = [...window, ...records];
    shrink();
    appended.give();
  }

  function shrink(): void {
    let bytes = bytesOf(window);
    let surplus = 0;
    while (window.length - surplus > most.records || (bytes > most.bytes && window.length - surplus > 1)) {
      bytes -= window[surplus]?.bytes ?? 0;
      surplus++;
    }
    if (surplus === 0) return;
    windowStart = window[surplus - 1]?.sequenceNumber;
    window = window.slice(surplus);
  }

  function identify({ record, sequenceNumber }: StreamRecord): void {
    if (record.eventName !== 'REMOVE' || observer?.isServiceDeletion(sequenceNumber) !== true) return;
    record.userIdentity = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };
  }

  function consumer(after: string | undefined): StreamConsumer {
    let position = after;
    let own: StreamReader | undefined;
    let ended = false;

    /** Reads what the window no longer has, and nothing beyond: that may not have been observed yet. */
    async function readByItself(limit: number): Promise<StreamRecord[]> {
      own ??= openReader(source, position);
      const upTo = windowStart;
      const page = await own.read(limit);
      if (page.length === 0) await appended.wait(gatherMillis);
      const records = page.filter(
        ({ sequenceNumber }) => isBefore(position, sequenceNumber) && !isBefore(upTo, sequenceNumber),
      );
      for (const record of records) identify(record);
      if (isBefore(upTo, page.at(-1)?.sequenceNumber)) {
        own = undefined;
        position = upTo;
      }
      return records;
    }

    async function readOnce(limit: number): Promise<StreamRecord[]> {
      if (isBefore(position, windowStart)) return await readByItself(limit);
      own = undefined;
      const first = firstAfter(window, position);
      if (first < window.length) return window.slice(first, first + limit);
      await appended.wait();
      return [];
    }

    return {
      async read(limit) {
        while (!ended && !stopped) {
          const records = await readOnce(limit);
          const last = records.at(-1);
          if (last === undefined) continue;
          if (isBefore(position, last.sequenceNumber)) position = last.sequenceNumber;
          return records;
        }
        return [];
      },
      stop() {
        ended = true;
        appended.give();
      },
    };
  }

  return {
    source,
    consumer(after) {
      starts.push(after);
      return consumer(after);
    },
    start() {
      end = furthestBehind(starts);
      windowStart = end;
      running = run();
    },
    wake() {
      written = true;
      woken.give();
    },
    readToEnd() {
      if (stopped) return Promise.resolve(end);
      return new Promise((resolve) => {
        endWaiters.push(resolve);
        written = true;
        woken.give();
      });
    },
    async stop() {
      stopped = true;
      written = true;
      woken.give();
      await running;
      appended.give();
      for (const answer of endWaiters.splice(0)) answer(end);
    },
  };
}

function bytesOf(records: readonly StreamRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The index of the first record after a position, by binary search. */
function firstAfter(records: readonly StreamRecord[], position: string | undefined): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(position, records[middle]?.sequenceNumber)) high = middle;
    else low = middle + 1;
  }
  return low;
}

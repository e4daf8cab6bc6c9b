import { hash } from 'node:crypto';
import type { StreamMappingModel } from '../assembly/events.ts';
import { passesFilters } from '../events/event-filter.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { asObject } from '../shared/json.ts';
import { createNotice } from '../shared/notice.ts';
import { messageOf } from '../shared/problem.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import { type BatchDeliverySettings, deliverBatch } from './batch-delivery.ts';
import { changesNothing } from './stream-changes.ts';
import { openCheckpoint } from './stream-checkpoint.ts';
import { isBefore, type StreamRecord } from './stream-reader.ts';
import type { TableStream } from './table-stream.ts';

export type StreamPumpSettings = {
  mapping: StreamMappingModel;
  target: LambdaFunction;
  stream: TableStream;
  checkpointFile: string;
  deadLetters: DeadLetters;
  log(line: string): void;
};

export type StreamPump = {
  mapping: StreamMappingModel;
  /** Every record up to here was delivered or dead-lettered, and the checkpoint file says so. */
  checkpoint(): string | undefined;
  /** Every record up to here was delivered or dead-lettered. */
  position(): string | undefined;
  /** Resolves when every record written before this call has been delivered or dead-lettered. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

type Entry = { sequenceNumber: string; done: boolean };
type Waiting = { entry: Entry; read: StreamRecord };
/** The records of some items, in order; one batch at a time. */
type Lane = { waiting: Waiting[]; busy: boolean; running: Promise<void> };

/** Lambda reads ahead of its invocations too; this bounds what is in memory, whatever the size of a batch. */
const leastReadAhead = 1000;
const retryMillis = 1000;

/**
 * Delivers a table's stream to a function as Lambda's event source mapping does: in batches, up to the parallelization factor at a
 * time, the records of one item in order. The checkpoint is behind the oldest record under way: a crash repeats, and never skips.
 */
export function startStreamPump(settings: StreamPumpSettings): StreamPump {
  const { mapping, target, stream, deadLetters, log } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;
  const checkpoint = openCheckpoint(settings.checkpointFile, stream.source.engineArn, log);
  const consumer = stream.consumer(checkpoint.saved());
  const delivery: BatchDeliverySettings = { mapping, target, deadLetters, signal, log };
  const lanes = Array.from({ length: mapping.parallelizationFactor }, newLane);
  const readAhead = Math.max(leastReadAhead, 2 * mapping.batchSize * lanes.length);
  const advanced = createNotice();
  /** Records in stream order, from the oldest that is not done. */
  let entries: Entry[] = [];
  let position = checkpoint.saved();
  const running = run();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (entries.length >= readAhead) {
        await advanced.wait();
        continue;
      }
      try {
        take(await consumer.read(readAhead - entries.length));
      } catch (error) {
        log(`The stream of ${mapping.tableName} could not be read for ${mapping.functionName}: ${messageOf(error)}`);
        await advanced.wait(retryMillis);
      }
    }
    await Promise.all(lanes.map((lane) => lane.running));
  }

  function take(records: readonly StreamRecord[]): void {
    for (const read of records) {
      const entry = { sequenceNumber: read.sequenceNumber, done: !isWanted(mapping, read) };
      entries.push(entry);
      if (!entry.done) lanes[laneOf(read, lanes.length)]?.waiting.push({ entry, read });
    }
    advance();
    for (const lane of lanes) if (!lane.busy) lane.running = runLane(lane);
  }

  async function runLane(lane: Lane): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0 && !signal.aborted) {
      const batch = lane.waiting.slice(0, mapping.batchSize);
      if (!(await deliver(batch))) continue;
      lane.waiting = lane.waiting.slice(batch.length);
      for (const { entry } of batch) entry.done = true;
      advance();
    }
    lane.busy = false;
  }

  async function deliver(batch: readonly Waiting[]): Promise<boolean> {
    try {
      const reads = batch.map(({ read }) => read);
      return await deliverBatch(delivery, reads);
    } catch (error) {
      log(`A batch of ${mapping.functionName} will be delivered again: ${messageOf(error)}`);
      await advanced.wait(retryMillis);
      return false;
    }
  }

  function advance(): void {
    const open = entries.findIndex(({ done }) => !done);
    const count = open === -1 ? entries.length : open;
    const last = entries[count - 1];
    if (last === undefined) return;
    entries = entries.slice(count);
    position = last.sequenceNumber;
    checkpoint.move(position);
    advanced.give();
  }

  return {
    mapping,
    checkpoint: () => checkpoint.saved(),
    position: () => position,
    async caughtUp() {
      const end = await stream.readToEnd();
      while (isBefore(position, end) && !signal.aborted) await advanced.wait();
    },
    async stop() {
      stopping.abort();
      consumer.stop();
      advanced.give();
      await running;
      checkpoint.close();
    },
  };
}

function newLane(): Lane {
  return { waiting: [], busy: false, running: Promise.resolve() };
}

function isWanted({ filters }: StreamMappingModel, read: StreamRecord): boolean {
  return passesFilters(filters, read.record) && !changesNothing(read);
}

/** The lane of an item, by the hash of its key. */
function laneOf({ record }: StreamRecord, lanes: number): number {
  if (lanes === 1) return 0;
  const key = Object.entries(asObject(asObject(record.dynamodb).Keys)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Number.parseInt(hash('sha1', JSON.stringify(key)).slice(0, 8), 16) % lanes;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMappingModel } from '../assembly/events.ts';
import { passesFilters } from '../events/event-filter.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import { changesNothing, openStream, type StreamReader, type StreamRecord } from './stream-reader.ts';

export type StreamPumpSettings = {
  mapping: StreamMappingModel;
  target: LambdaFunction;
  endpoint: string;
  region: string;
  checkpointFile: string;
  deadLetters: DeadLetters;
  log(line: string): void;
};

export type StreamPump = {
  mapping: StreamMappingModel;
  /** The last record that is done with, or undefined when there is none yet. */
  checkpoint(): string | undefined;
  /** Resolves once every record written before this call has been dealt with. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

const idleMillis = 20;
const retryMillis = { first: 100, most: 10_000 };

/**
 * Delivers a table's stream to a function as Lambda's event source mapping does: in order, in batches, again until it succeeds, is
 * too old or has been tried often enough. The checkpoint is on disk before the next batch, so a crash repeats and never skips.
 */
export async function startStreamPump(settings: StreamPumpSettings): Promise<StreamPump> {
  const { mapping, target, deadLetters, log } = settings;
  const stopping = new AbortController();
  const saved = asString(asObject(readJsonIfThere(settings.checkpointFile)).after);
  let checkpoint = saved;
  let emptyReads = 0;
  const reader = await openReader();
  const running = run(reader);

  async function openReader(): Promise<StreamReader> {
    const open = (position: Parameters<typeof openStream>[4]) =>
      openStream(settings.endpoint, mapping.tableName, mapping.streamArn, settings.region, position);
    if (saved !== undefined) return await open(saved === '' ? 'TRIM_HORIZON' : { after: saved });
    const fresh = await open('TRIM_HORIZON');
    if (mapping.startingPosition === 'LATEST') await skipAll(fresh);
    // Also "nothing yet" is written down: LATEST means the moment the mapping was made, not that of the last start.
    commit(checkpoint ?? '');
    return fresh;
  }

  async function skipAll(fresh: StreamReader): Promise<void> {
    for (let records = await fresh.read(1000); records.length > 0; records = await fresh.read(1000)) {
      checkpoint = records.at(-1)?.sequenceNumber;
    }
  }

  function commit(sequenceNumber: string): void {
    checkpoint = sequenceNumber;
    writeAtomically(settings.checkpointFile, JSON.stringify({ after: sequenceNumber }), { durable: false });
  }

  async function run(from: StreamReader): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const batch = await collect(from);
        const last = batch.at(-1);
        if (last === undefined) {
          emptyReads++;
          await pause(idleMillis);
          continue;
        }
        const wanted = batch.filter((one) => !changesNothing(one) && passesFilters(mapping.filters, one.record));
        if (wanted.length > 0) await process(wanted, 0);
        if (!stopping.signal.aborted) commit(last.sequenceNumber);
      } catch (error) {
        if (stopping.signal.aborted) return;
        log(`The stream of ${mapping.tableName} could not be read for ${mapping.functionName}: ${messageOf(error)}`);
        await pause(retryMillis.first);
      }
    }
  }

  /** Fills a batch: at once without a batching window, else until it is full or the window has passed. */
  async function collect(from: StreamReader): Promise<StreamRecord[]> {
    const batch = await from.read(mapping.batchSize);
    const deadline = Date.now() + mapping.batchingWindowSeconds * 1000;
    while (batch.length > 0 && batch.length < mapping.batchSize && Date.now() < deadline && !stopping.signal.aborted) {
      const more = await from.read(mapping.batchSize - batch.length);
      batch.push(...more);
      if (more.length === 0) await pause(Math.min(idleMillis, Math.max(1, deadline - Date.now())));
    }
    return batch;
  }

  /** Brings a batch to its end: delivered, or set aside. `attempts` counts the deliveries that failed before a split. */
  async function process(batch: StreamRecord[], attempts: number): Promise<void> {
    let left = batch;
    for (let failures = attempts; left.length > 0 && !stopping.signal.aborted; ) {
      const tooOld = left.filter(isTooOld);
      if (tooOld.length > 0) {
        setAside(tooOld, 'RecordAgeExceeded', failures);
        left = left.filter((one) => !isTooOld(one));
        continue;
      }
      const remaining = await deliver(left);
      if (remaining.length === 0 || stopping.signal.aborted) return;
      const progressed = remaining.length < left.length;
      left = remaining;
      if (mapping.bisect && left.length > 1 && !progressed) {
        // Lambda does not count a split as a retry.
        const middle = Math.ceil(left.length / 2);
        await process(left.slice(0, middle), failures);
        await process(left.slice(middle), failures);
        return;
      }
      failures++;
      if (mapping.maximumRetryAttempts >= 0 && failures > mapping.maximumRetryAttempts) {
        setAside(left, 'RetryAttemptsExhausted', failures);
        return;
      }
      await pause(Math.min(retryMillis.most, retryMillis.first * 2 ** (failures - 1)));
    }
  }

  function isTooOld({ createdAtSeconds }: StreamRecord): boolean {
    return (
      mapping.maximumRecordAgeSeconds >= 0 && Date.now() / 1000 - createdAtSeconds > mapping.maximumRecordAgeSeconds
    );
  }

  /** Invokes the function once and answers the records that have to be delivered again. */
  async function deliver(batch: StreamRecord[]): Promise<StreamRecord[]> {
    const outcome = await target.invoke(JSON.stringify({ Records: batch.map(({ record }) => record) }));
    if (!outcome.ok) return batch;
    if (!mapping.reportsItemFailures) return [];
    const failures = asList(asObject(parseJson(outcome.result)).batchItemFailures).map(
      (one) => asString(asObject(one).itemIdentifier) ?? '',
    );
    if (failures.length === 0) return [];
    const places = failures.map((failed) => batch.findIndex(({ sequenceNumber }) => sequenceNumber === failed));
    // An identifier that is not in the batch counts as a failure of the whole.
    return batch.slice(Math.max(0, Math.min(...places)));
  }

  function setAside(batch: StreamRecord[], condition: string, invocations: number): void {
    const [first, last] = [batch[0], batch.at(-1)];
    log(`${mapping.functionName} gave up on ${batch.length} stream records (${condition}).`);
    if (mapping.onFailureArn === undefined || first === undefined || last === undefined) return;
    const arrival = (one: StreamRecord) => new Date(one.createdAtSeconds * 1000).toISOString();
    deadLetters.add(mapping.onFailureArn, mapping.functionName, {
      requestContext: {
        requestId: randomUUID(),
        functionArn: target.model.arn,
        condition,
        approximateInvokeCount: invocations,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId: 'shardId-local',
        startSequenceNumber: first.sequenceNumber,
        endSequenceNumber: last.sequenceNumber,
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: batch.length,
        streamArn: mapping.streamArn,
      },
    });
  }

  async function pause(millis: number): Promise<void> {
    await sleep(millis, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  return {
    mapping,
    checkpoint: () => (checkpoint === '' ? undefined : checkpoint),
    async caughtUp() {
      // A read that begins after this call and finds nothing: all before it has been delivered. The first may have begun earlier.
      const enough = emptyReads + 2;
      while (emptyReads < enough && !stopping.signal.aborted) await pause(idleMillis / 2);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

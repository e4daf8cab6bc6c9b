import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMappingModel } from '../assembly/events.ts';
import { passesFilters } from '../events/event-filter.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import { changesNothing, openStream, type StreamRecord } from './stream-reader.ts';

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
  /** The sequence number of the last record that was delivered or dead-lettered. */
  checkpoint(): string | undefined;
  /** Resolves when every record written before this call has been delivered or dead-lettered. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

const idleMillis = 20;
const retryMillis = { first: 100, most: 10_000 };

/**
 * Delivers a table's stream to a function as Lambda's event source mapping does: in order, in batches, with retries until a batch
 * succeeds, is too old or has no retries left. The checkpoint is on disk before the next batch: a crash repeats, and never skips.
 */
export async function startStreamPump(settings: StreamPumpSettings): Promise<StreamPump> {
  const { mapping, target, deadLetters, log } = settings;
  const stopping = new AbortController();
  let checkpoint = asString(asObject(readJsonIfThere(settings.checkpointFile)).after);
  let emptyReads = 0;
  const reader = await openStream(settings.endpoint, mapping, settings.region, checkpoint);
  const running = run();

  function commit(sequenceNumber: string): void {
    checkpoint = sequenceNumber;
    writeAtomically(settings.checkpointFile, JSON.stringify({ after: sequenceNumber }), { durable: false });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const batch = await reader.read(mapping.batchSize);
        const last = batch.at(-1);
        if (last === undefined) {
          emptyReads++;
          await pause(idleMillis);
          continue;
        }
        const wanted = batch.filter((read) => !changesNothing(read) && passesFilters(mapping.filters, read.record));
        if (wanted.length > 0) await process(wanted, 0);
        if (!stopping.signal.aborted) commit(last.sequenceNumber);
      } catch (error) {
        if (stopping.signal.aborted) return;
        log(`The stream of ${mapping.tableName} could not be read for ${mapping.functionName}: ${messageOf(error)}`);
        await pause(retryMillis.first);
      }
    }
  }

  /** Delivers or dead-letters a whole batch. `attempts` counts the failed deliveries before a split. */
  async function process(batch: StreamRecord[], attempts: number): Promise<void> {
    let left = batch;
    for (let failures = attempts; left.length > 0 && !stopping.signal.aborted; ) {
      const tooOld = left.filter(isTooOld);
      if (tooOld.length > 0) {
        deadLetter(tooOld, 'RecordAgeExceeded', failures);
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
        deadLetter(left, 'RetryAttemptsExhausted', failures);
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

  /** Invokes the function once and returns the records to deliver again. */
  async function deliver(batch: StreamRecord[]): Promise<StreamRecord[]> {
    const outcome = await target.invoke(JSON.stringify({ Records: batch.map(({ record }) => record) }));
    if (!outcome.ok) return batch;
    if (!mapping.reportsItemFailures) return [];
    const failures = asList(asObject(parseJson(outcome.result)).batchItemFailures).map(
      (failure) => asString(asObject(failure).itemIdentifier) ?? '',
    );
    if (failures.length === 0) return [];
    const indexes = failures.map((failed) => batch.findIndex(({ sequenceNumber }) => sequenceNumber === failed));
    // An identifier that is not in the batch makes the whole batch a failure.
    return batch.slice(Math.max(0, Math.min(...indexes)));
  }

  function deadLetter(batch: StreamRecord[], condition: string, invocations: number): void {
    const [first, last] = [batch[0], batch.at(-1)];
    log(`${mapping.functionName} dead-lettered ${batch.length} stream records (${condition}).`);
    if (mapping.onFailureArn === undefined || first === undefined || last === undefined) return;
    const arrival = (record: StreamRecord) => new Date(record.createdAtSeconds * 1000).toISOString();
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
    checkpoint: () => checkpoint,
    async caughtUp() {
      // An empty read that began after this call proves that all earlier records were delivered. The first may have begun before.
      const enough = emptyReads + 2;
      while (emptyReads < enough && !stopping.signal.aborted) await pause(idleMillis / 2);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

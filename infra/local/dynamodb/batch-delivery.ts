import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMappingModel } from '../assembly/events.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import type { StreamRecord } from './stream-reader.ts';

export type BatchDeliverySettings = {
  mapping: StreamMappingModel;
  target: LambdaFunction;
  deadLetters: DeadLetters;
  /** Ends waiting and retrying. */
  signal: AbortSignal;
  log(line: string): void;
};

const retryMillis = { first: 100, most: 10_000 };

/**
 * Delivers a batch as Lambda does: with retries until it succeeds, is too old or has no retries left, and then to the dead-letter
 * queue.
 *
 * @returns whether every record was delivered or dead-lettered; false only if the signal ended it
 */
export async function deliverBatch(settings: BatchDeliverySettings, batch: readonly StreamRecord[]): Promise<boolean> {
  return await deliverRest(settings, batch, 0);
}

/** `attempts` counts the failed deliveries before a split. */
async function deliverRest(
  settings: BatchDeliverySettings,
  batch: readonly StreamRecord[],
  attempts: number,
): Promise<boolean> {
  const { mapping, signal } = settings;
  let left = batch;
  for (let failures = attempts; left.length > 0; ) {
    if (signal.aborted) return false;
    const tooOld = left.filter((record) => isTooOld(mapping, record));
    if (tooOld.length > 0) {
      deadLetter(settings, tooOld, 'RecordAgeExceeded', failures);
      left = left.filter((record) => !tooOld.includes(record));
      continue;
    }
    const remaining = await invoke(settings, left);
    if (remaining.length === 0) return true;
    const progressed = remaining.length < left.length;
    left = remaining;
    if (signal.aborted) return false;
    if (mapping.bisect && left.length > 1 && !progressed) {
      // Lambda does not count a split as a retry.
      const middle = Math.ceil(left.length / 2);
      return (
        (await deliverRest(settings, left.slice(0, middle), failures)) &&
        (await deliverRest(settings, left.slice(middle), failures))
      );
    }
    failures++;
    if (mapping.maximumRetryAttempts >= 0 && failures > mapping.maximumRetryAttempts) {
      deadLetter(settings, left, 'RetryAttemptsExhausted', failures);
      return true;
    }
    const millis = Math.min(retryMillis.most, retryMillis.first * 2 ** (failures - 1));
    await sleep(millis, undefined, { signal }).catch(() => undefined);
  }
  return true;
}

function isTooOld({ maximumRecordAgeSeconds: most }: StreamMappingModel, { createdAtSeconds }: StreamRecord): boolean {
  return most >= 0 && Date.now() / 1000 - createdAtSeconds > most;
}

/** Invokes the function once and returns the records to deliver again. */
async function invoke(
  { mapping, target }: BatchDeliverySettings,
  batch: readonly StreamRecord[],
): Promise<readonly StreamRecord[]> {
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

function deadLetter(
  { mapping, target, deadLetters, log }: BatchDeliverySettings,
  batch: readonly StreamRecord[],
  condition: string,
  invocations: number,
): void {
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

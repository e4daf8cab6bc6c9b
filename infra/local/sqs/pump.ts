import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueMappingModel } from '../assembly/queues.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import type { JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import { md5, systemAttributes } from './calls.ts';
import type { Message, Queues } from './queues.ts';

export type QueuePumpSettings = {
  mapping: QueueMappingModel;
  target: LambdaFunction;
  queues: Queues;
  region: string;
};

export type QueuePump = {
  mapping: QueueMappingModel;
  /** Messages that were handed to the function so far. */
  delivered(): number;
  /** Resolves once nothing is visible and no call is under way. Hidden and delayed messages are not waited for. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

const idleMillis = 10;
const waitMillis = 60_000;

/**
 * Hands a queue's messages to a function as Lambda's event source mapping does: in batches, so many at once, and takes from the
 * queue what the function did not report as failed. What failed stays hidden until its time, and comes again then.
 */
export function startQueuePump({ mapping, target, queues, region }: QueuePumpSettings): QueuePump {
  const stopping = new AbortController();
  const { signal } = stopping;
  const calls = new Set<Promise<void>>();
  let collecting = false;
  let delivered = 0;
  const running = run();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (calls.size >= mapping.maximumConcurrency) await Promise.race(calls);
      await queues.wait(mapping.queueArn, waitMillis, signal);
      if (signal.aborted) return;
      collecting = true;
      const batch = await collect();
      if (batch.length > 0) begin(batch);
      collecting = false;
    }
  }

  /** Fills a batch: at once without a batching window, else until it is full or the window has passed. */
  async function collect(): Promise<Message[]> {
    const batch = queues.receive(mapping.queueArn, mapping.batchSize);
    const deadline = Date.now() + mapping.batchingWindowSeconds * 1000;
    while (batch.length > 0 && batch.length < mapping.batchSize && Date.now() < deadline && !signal.aborted) {
      await queues.wait(mapping.queueArn, deadline - Date.now(), signal);
      batch.push(...queues.receive(mapping.queueArn, mapping.batchSize - batch.length));
    }
    return batch;
  }

  function begin(batch: Message[]): void {
    delivered += batch.length;
    const call = deliver(batch).finally(() => calls.delete(call));
    calls.add(call);
  }

  async function deliver(batch: Message[]): Promise<void> {
    const outcome = await target.invoke(JSON.stringify({ Records: batch.map(recordOf) }));
    if (!outcome.ok) return;
    const failed = mapping.reportsItemFailures ? failuresOf(outcome.result) : [];
    // An identifier that is not in the batch, or is empty, counts as a failure of the whole.
    if (failed.some((id) => !batch.some((message) => message.id === id))) return;
    for (const message of batch) if (!failed.includes(message.id)) queues.remove(message.receipt);
  }

  function failuresOf(result: string): string[] {
    return asList(asObject(parseJson(result)).batchItemFailures).map(
      (one) => asString(asObject(one).itemIdentifier) ?? '',
    );
  }

  function recordOf(message: Message): JsonObject {
    const attributes = Object.entries(message.attributes).map(([name, value]) => {
      const { DataType, StringValue, BinaryValue } = asObject(value);
      return [name, { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue }];
    });
    return {
      messageId: message.id,
      receiptHandle: message.receipt,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(attributes),
      md5OfBody: md5(message.body),
      eventSource: 'aws:sqs',
      eventSourceARN: mapping.queueArn,
      awsRegion: region,
    };
  }

  return {
    mapping,
    delivered: () => delivered,
    async idle() {
      const busy = () => collecting || calls.size > 0 || queues.count(mapping.queueArn).visible > 0;
      while (!signal.aborted && busy()) await sleep(idleMillis);
    },
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(calls);
    },
  };
}

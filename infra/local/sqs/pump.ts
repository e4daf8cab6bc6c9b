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
  /** The number of messages delivered to the function so far. */
  delivered(): number;
  /** Resolves when no message is visible and no invocation is running. Does not wait for hidden and delayed messages. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

const idleMillis = 10;
const waitMillis = 60_000;

/**
 * Delivers a queue's messages to a function as Lambda's event source mapping does: in batches, with limited concurrency. Messages
 * that the function does not report as failed are deleted; failed ones are delivered again after their visibility timeout.
 */
export function startQueuePump({ mapping, target, queues, region }: QueuePumpSettings): QueuePump {
  const stopping = new AbortController();
  const { signal } = stopping;
  const invocations = new Set<Promise<void>>();
  let delivered = 0;
  const running = run();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (invocations.size >= mapping.maximumConcurrency) await Promise.race(invocations);
      await queues.wait(mapping.queueArn, waitMillis, signal);
      if (signal.aborted) return;
      const batch = queues.receive(mapping.queueArn, mapping.batchSize);
      if (batch.length > 0) begin(batch);
    }
  }

  function begin(batch: Message[]): void {
    delivered += batch.length;
    const invocation = deliver(batch).finally(() => invocations.delete(invocation));
    invocations.add(invocation);
  }

  async function deliver(batch: Message[]): Promise<void> {
    const outcome = await target.invoke(JSON.stringify({ Records: batch.map(recordOf) }));
    if (!outcome.ok) return;
    const failed = mapping.reportsItemFailures ? failuresOf(outcome.result) : [];
    // An identifier that is empty or not in the batch makes the whole batch a failure.
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
      const busy = () => invocations.size > 0 || queues.count(mapping.queueArn).visible > 0;
      while (!signal.aborted && busy()) await sleep(idleMillis);
    },
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(invocations);
    },
  };
}

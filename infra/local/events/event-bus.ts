import { randomUUID } from 'node:crypto';
import type { EventRuleModel } from '../assembly/events.ts';
import type { Place } from '../assembly/template.ts';
import type { CallRecord } from '../endpoint/calls.ts';
import { isAllowed } from '../endpoint/policies.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import type { JsonObject } from '../shared/json.ts';
import { asObject, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import type { Queues } from '../sqs/queues.ts';
import { passesFilters } from './event-filter.ts';
import { type Delivery, openEventStore } from './event-store.ts';

/** An event as a service publishes it; the bus adds the fields that all events have. */
export type ServiceEvent = {
  /** Such as `aws.s3`. */
  source: string;
  /** Such as `Object Created`. */
  detailType: string;
  resources: string[];
  detail: JsonObject;
  time: Date;
};

export type EventBus = {
  rules: readonly EventRuleModel[];
  /** When this returns, the event is on disk for every rule that it matches, and will be delivered at least once. */
  publish(event: ServiceEvent): void;
  /** The number of deliveries that have neither succeeded nor been dead-lettered. */
  pending(): number;
  /** Resolves when every event published before this call has been delivered or dead-lettered. */
  caughtUp(): Promise<void>;
  /** Starts delivering, first what an earlier run left. Until then events are only stored. */
  start(functions: ReadonlyMap<string, LambdaFunction>): void;
  stop(): Promise<void>;
};

export type EventBusSettings = {
  file: string;
  rules: readonly EventRuleModel[];
  deadLetters: DeadLetters;
  queues: Pick<Queues, 'send'>;
  place: Place;
  log(line: string): void;
  /** The pause before the first repetition, in milliseconds; AWS waits a minute. @default 1000 */
  retryPause?: number;
};

/**
 * The account's default event bus: sends events to the queues and functions of the rules that they match, as EventBridge and
 * Lambda's asynchronous invocation do together. Each delivery is on disk until it has succeeded or
 * was dead-lettered, so a crash repeats and never loses.
 */
export function openEventBus(settings: EventBusSettings): EventBus {
  const { deadLetters, queues, place, log, retryPause = 1000 } = settings;
  const rules = settings.rules.filter(({ enabled }) => enabled);
  const store = openEventStore(settings.file);
  const running = new Set<Promise<void>>();
  const timers = new Map<NodeJS.Timeout, () => void>();
  let functions: ReadonlyMap<string, LambdaFunction> | undefined;
  let stopping = false;

  function begin(delivery: Delivery): void {
    const run = deliver(delivery).finally(() => running.delete(run));
    running.add(run);
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const target = functions?.get(delivery.functionName);
    if (target === undefined) return deadLetter(delivery, 'FunctionNotFound');
    const { asyncRetries, asyncMaximumAgeSeconds } = target.model;
    for (let failures = delivery.failures; !stopping; ) {
      if (Date.now() - delivery.time > asyncMaximumAgeSeconds * 1000) return deadLetter(delivery, 'EventAgeExceeded');
      const outcome = await target.invoke(delivery.event);
      if (stopping) return;
      if (outcome.ok) return store.remove(delivery.id);
      failures++;
      if (failures > asyncRetries) return deadLetter({ ...delivery, failures }, 'RetriesExhausted');
      store.failed(delivery.id, failures);
      await pause(retryPause * failures);
    }
  }

  /** Sends to the queue before it removes the delivery: a crash in between duplicates the message, and never loses it. */
  function deadLetter(delivery: Delivery, condition: string): void {
    const { functionName, ruleArn, failures, event } = delivery;
    log(`${functionName} failed on an event, which is dead-lettered (${condition}).`);
    const model = functions?.get(functionName)?.model;
    const queue = model?.deadLetterArn ?? rules.find(({ arn }) => arn === ruleArn)?.deadLetterArn;
    if (queue !== undefined)
      deadLetters.add(queue, functionName, {
        version: '1.0',
        timestamp: new Date().toISOString(),
        requestContext: {
          requestId: randomUUID(),
          functionArn: model?.arn ?? functionName,
          condition,
          approximateInvokeCount: failures,
        },
        requestPayload: parseJson(event) ?? event,
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      });
    store.remove(delivery.id);
  }

  async function pause(millis: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, millis);
      timers.set(timer, done);
      function done() {
        timers.delete(timer);
        resolve();
      }
    });
  }

  return {
    rules,
    publish(published) {
      const event = envelope(published, place);
      const matching = rules.filter(({ pattern }) => passesFilters([pattern], event));
      const body = JSON.stringify(event);
      for (const queue of matching.flatMap(({ queueArns }) => queueArns)) queues.send(queue, [{ body }]);
      const deliveries = matching.flatMap(({ arn, functionNames }) =>
        functionNames.map((functionName) => ({
          id: randomUUID(),
          time: Date.now(),
          functionName,
          ruleArn: arn,
          failures: 0,
          event: body,
        })),
      );
      if (deliveries.length > 0) store.add(deliveries);
      if (functions !== undefined && !stopping) for (const delivery of deliveries) begin(delivery);
    },
    pending: () => store.pending().length,
    async caughtUp() {
      await Promise.all(running);
    },
    start(ready) {
      functions = ready;
      for (const delivery of store.pending()) begin(delivery);
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      for (const [timer, done] of timers) {
        clearTimeout(timer);
        done();
      }
      await Promise.all(running);
      store.close();
    },
  };
}

function envelope({ source, detailType, resources, detail, time }: ServiceEvent, place: Place): JsonObject {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: place.account,
    time: time.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: place.region,
    resources,
    detail: asObject(detail),
  };
}

/**
 * Lambda writes to a function's on-failure queue with the function's own role, and refuses the configuration without the permission.
 *
 * @throws StartProblem when the permission is missing
 */
export function checkFailurePermissions(
  rules: readonly EventRuleModel[],
  functions: ReadonlyMap<string, LambdaFunction>,
  calls: CallRecord,
): void {
  for (const name of new Set(rules.flatMap(({ functionNames }) => functionNames))) {
    const { deadLetterArn: resource, statements } = functions.get(name)?.model ?? {};
    if (resource === undefined || statements === undefined || !resource.includes(':sqs:')) continue;
    const action = 'sqs:SendMessage';
    if (!isAllowed(statements, { action, resource }))
      throw new StartProblem(`Function ${name} may not ${action} on ${resource}, which its on-failure queue needs.`);
    calls.add({
      function: name,
      time: new Date().toISOString(),
      service: 'sqs',
      action: 'SendMessage',
      authorizations: [{ action, resource, allowed: true }],
      allowed: true,
      status: 200,
      milliseconds: 0,
    });
  }
}

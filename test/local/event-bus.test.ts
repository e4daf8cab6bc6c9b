import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventRuleModel } from '../../infra/local/assembly/events.ts';
import { type EventBus, openEventBus } from '../../infra/local/events/event-bus.ts';
import type { LambdaFunction, Outcome } from '../../infra/local/lambda/functions.ts';
import type { JsonObject } from '../../infra/local/shared/json.ts';
import { openDeadLetters } from '../../infra/local/sqs/dead-letters.ts';
import { openQueues, type Queues } from '../../infra/local/sqs/queues.ts';
import { temporaryFolder } from './fixture-stack.ts';
import { place } from './s3-settings.ts';

const done: Outcome = { ok: true, result: 'null' };
const failed: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
const rule: EventRuleModel = {
  logicalId: 'Rule',
  name: 'rule',
  arn: 'arn:rule',
  pattern: { source: ['aws.s3'], detail: { object: { key: ['co_1'] } } },
  enabled: true,
  functionNames: ['f'],
  queueArns: [],
  deadLetterArn: 'arn:rule-queue',
};

const buses: EventBus[] = [];
const stores: Queues[] = [];
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.stop()));
  for (const store of stores.splice(0)) store.close();
});

/** A bus over a folder, and what its function `f` was given. */
function openBus(folder: string, handle: (count: number) => Outcome | Promise<Outcome>, more: object = {}) {
  const queues = openQueues(join(folder, 'queues.db'), []);
  stores.push(queues);
  const deadLetters = openDeadLetters(queues, []);
  const log = () => undefined;
  const bus = openEventBus({
    file: join(folder, 'events.db'),
    rules: [rule],
    deadLetters,
    queues,
    place,
    log,
    retryPause: 1,
    ...more,
  });
  buses.push(bus);
  const given: JsonObject[] = [];
  const model = { arn: 'arn:f', deadLetterArn: 'arn:queue', asyncRetries: 2, asyncMaximumAgeSeconds: 60 };
  const invoke = async (event: string) => handle(given.push(JSON.parse(event)));
  const start = () => bus.start(new Map([['f', { model, invoke } as unknown as LambdaFunction]]));
  return { bus, given, deadLetters, queues, start };
}

const publish = (bus: EventBus, key: string, source = 'aws.s3') =>
  bus.publish({
    source,
    detailType: 'Object Created',
    resources: ['arn:bucket'],
    detail: { object: { key } },
    time: new Date('2026-03-01T10:00:00.500Z'),
  });

describe('an event', () => {
  it('reaches the function of the rules that it matches, as EventBridge shapes it', async () => {
    const { bus, given, start } = openBus(temporaryFolder(), () => done);
    start();
    publish(bus, 'co_1');
    publish(bus, 'other');
    publish(bus, 'co_1', 'aws.ses');
    await bus.caughtUp();
    expect(given).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '000000000000',
        region: 'eu-west-1',
        time: '2026-03-01T10:00:00Z',
        resources: ['arn:bucket'],
        detail: { object: { key: 'co_1' } },
      },
    ]);
    expect(bus.pending()).toBe(0);
  });

  it('is delivered again as it was, until the function succeeds', async () => {
    const { bus, given, deadLetters, start } = openBus(temporaryFolder(), (count) => (count < 3 ? failed : done));
    start();
    publish(bus, 'co_1');
    await bus.caughtUp();
    expect(given).toHaveLength(3);
    expect(new Set(given.map(({ id }) => id)).size).toBe(1);
    expect([bus.pending(), deadLetters.list()]).toEqual([0, []]);
  });

  it('is dead-lettered after the retries of the function', async () => {
    const { bus, given, deadLetters, start } = openBus(temporaryFolder(), () => failed);
    start();
    publish(bus, 'co_1');
    await bus.caughtUp();
    expect(given).toHaveLength(3);
    expect(deadLetters.list()).toMatchObject([
      {
        queueArn: 'arn:queue',
        functionName: 'f',
        body: {
          requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
          requestPayload: { detail: { object: { key: 'co_1' } } },
        },
      },
    ]);
    expect(bus.pending()).toBe(0);
  });

  it('that is too old goes to the dead-letter queue without being delivered', async () => {
    const folder = temporaryFolder();
    const { bus, given, deadLetters } = openBus(folder, () => done);
    publish(bus, 'co_1');
    const model = { arn: 'arn:f', deadLetterArn: undefined, asyncRetries: 2, asyncMaximumAgeSeconds: -1 };
    bus.start(new Map([['f', { model, invoke: async () => done } as unknown as LambdaFunction]]));
    await bus.caughtUp();
    expect(given).toEqual([]);
    expect(deadLetters.list()).toMatchObject([
      { queueArn: 'arn:rule-queue', body: { requestContext: { condition: 'EventAgeExceeded' } } },
    ]);
  });

  it('that was under way when the stack ended comes again, and counts its failures on', async () => {
    const folder = temporaryFolder();
    const invoked = Promise.withResolvers<void>();
    const hanging = Promise.withResolvers<Outcome>();
    const first = openBus(folder, (count) => {
      if (count === 1) return failed;
      invoked.resolve();
      return hanging.promise;
    });
    first.start();
    publish(first.bus, 'co_1');
    await invoked.promise;
    const stopped = first.bus.stop();
    hanging.resolve(failed); // What ends with the stack is no failure of the function.
    await stopped;

    const second = openBus(folder, () => failed);
    second.start();
    await second.bus.caughtUp();
    expect(second.given).toHaveLength(2);
    expect(second.given[0]).toEqual(first.given[0]);
    expect(second.deadLetters.list()).toHaveLength(1);
  });

  it('is kept until there are functions', async () => {
    const { bus, given, start } = openBus(temporaryFolder(), () => done);
    publish(bus, 'co_1');
    expect([bus.pending(), given]).toEqual([1, []]);
    start();
    await bus.caughtUp();
    expect(given).toHaveLength(1);
  });

  it('is in the queue of a rule before anything runs, once, and in that of no other', async () => {
    const toQueue = { ...rule, functionNames: [], queueArns: ['arn:work'] };
    const other = { ...toQueue, arn: 'arn:other', queueArns: ['arn:others'], pattern: { source: ['aws.ses'] } };
    const { bus, queues } = openBus(temporaryFolder(), () => done, { rules: [toQueue, other] });
    publish(bus, 'co_1');
    publish(bus, 'strange');
    const messages = queues.list();
    expect(messages.map(({ queueArn }) => queueArn)).toEqual(['arn:work']);
    expect(JSON.parse(messages[0]?.body ?? '')).toMatchObject({
      source: 'aws.s3',
      time: '2026-03-01T10:00:00Z',
      detail: { object: { key: 'co_1' } },
    });
    expect(bus.pending()).toBe(0);
  });

  it('does not reach a rule that is switched off', async () => {
    const { bus, given, start } = openBus(temporaryFolder(), () => done, { rules: [{ ...rule, enabled: false }] });
    start();
    publish(bus, 'co_1');
    await bus.caughtUp();
    expect(given).toEqual([]);
  });
});

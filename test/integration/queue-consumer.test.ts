import '../support/quiet.ts';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Delivery, type Outcome, queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { consumeQueue, type QueueWorld, queueWorld } from '../support/queue-world.ts';

let world: QueueWorld;
beforeAll(async () => {
  world = await queueWorld('tasks');
});
afterAll(() => world.stop());
beforeEach(() => world.queues.clear(world.arn('tasks')));

type Step = (message: unknown, delivery: Delivery) => Promise<Outcome>;
const handlerOf = (step: Step, client: SQSClient = world.client) =>
  queueConsumer({ queueUrl: world.url('tasks'), client, step });
const send = (...bodies: object[]) =>
  world.queues.send(
    world.arn('tasks'),
    bodies.map((body) => ({ body: JSON.stringify(body) })),
  );
const left = () => world.queues.list().map(({ body, visibleAt }) => ({ ...JSON.parse(body), visibleAt }));

it('finished messages leave the queue, and postponed ones return when their delay ends', async () => {
  send({ n: 1 }, { n: 2 });
  const begun = Date.now();
  const step: Step = async (message) => (Object(message).n === 2 ? { againIn: 600 } : undefined);
  await consumeQueue(world, 'tasks', handlerOf(step));
  expect(left()).toEqual([{ n: 2, visibleAt: expect.any(Number) }]);
  const [{ visibleAt = 0 } = {}] = left();
  expect(Math.round((visibleAt - begun) / 60_000)).toBe(10);
});

it('a message is postponed by no more than SQS allows', async () => {
  send({ n: 1 });
  const begun = Date.now();
  await consumeQueue(
    world,
    'tasks',
    handlerOf(async () => ({ againIn: 100 * 3600 })),
  );
  const [{ visibleAt = 0 } = {}] = left();
  expect((visibleAt - begun) / 3600_000).toBeGreaterThan(11.9);
});

it('a step knows how often a message was received and when it was sent', async () => {
  const sent = Date.now();
  send({ n: 1 });
  const deliveries: Delivery[] = [];
  const handler = handlerOf(async (_message, delivery) => {
    deliveries.push(delivery);
    return { againIn: 0 };
  });
  for (let time = 0; time < 3; time++) await consumeQueue(world, 'tasks', handler);
  expect(deliveries.map((one) => one.deliveries)).toEqual([1, 2, 3]);
  for (const { sentAt } of deliveries) expect(Math.abs(sentAt.getTime() - sent)).toBeLessThan(5000);
});

it('a message that cannot be postponed is reported as failed and returns after the visibility timeout', async () => {
  send({ n: 1 }, { n: 2 });
  const unreachable = new SQSClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    useQueueUrlAsEndpoint: false,
    maxAttempts: 1,
  });
  const step: Step = async (message) => {
    if (Object(message).n === 1) throw new Error('not now');
    return undefined;
  };
  const begun = Date.now();
  await consumeQueue(world, 'tasks', handlerOf(step, unreachable));
  expect(left()).toEqual([{ n: 1, visibleAt: expect.any(Number) }]);
  const [{ visibleAt = 0 } = {}] = left();
  expect(Math.round((visibleAt - begun) / 1000)).toBeGreaterThan(170);
});

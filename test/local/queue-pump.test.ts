import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { QueueMappingModel, QueueModel } from '../../infra/local/assembly/queues.ts';
import type { LambdaFunction, Outcome } from '../../infra/local/lambda/functions.ts';
import { openDeadLetters } from '../../infra/local/sqs/dead-letters.ts';
import { type QueuePump, startQueuePump } from '../../infra/local/sqs/pump.ts';
import { openQueues } from '../../infra/local/sqs/queues.ts';
import { temporaryFolder } from './fixture-stack.ts';

type Record_ = { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } };
type Handle = (bodies: string[], records: Record_[]) => Outcome | Promise<Outcome>;

const folder = temporaryFolder();
const accepted: Outcome = { ok: true, result: 'null' };
const crashed: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
const failing = (records: Record_[]): Outcome => ({
  ok: true,
  result: JSON.stringify({ batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) }),
});
const open: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((one) => one.stop())));
let made = 0;

/** A queue of its own, and pumps that hand its messages to a function given here. */
function queue(settings: Partial<QueueMappingModel & QueueModel> = {}) {
  const arn = `arn:aws:sqs:eu-west-1:000000000000:queue-${++made}`;
  const model: QueueModel = {
    name: `queue-${made}`,
    arn,
    url: '',
    visibilitySeconds: 1,
    delaySeconds: 0,
    retentionSeconds: 1000,
    redrive: { deadLetterArn: `${arn}-dead`, maxReceiveCount: 2 },
    ...settings,
  };
  const mapping: QueueMappingModel = {
    id: model.name,
    functionName: 'f',
    queueArn: arn,
    batchSize: 10,
    maximumConcurrency: 2,
    reportsItemFailures: true,
    ...settings,
  };
  const queues = openQueues(join(folder, `${model.name}.db`), [model]);
  return {
    arn,
    queues,
    deadLetters: openDeadLetters(queues, [mapping]),
    send: (...bodies: string[]) =>
      queues.send(
        arn,
        bodies.map((body) => ({ body })),
      ),
    pump(handle: Handle): QueuePump {
      const invoke = async (event: string) => {
        const { Records } = JSON.parse(event) as { Records: Record_[] };
        return await handle(
          Records.map(({ body }) => body),
          Records,
        );
      };
      const target = { invoke } as unknown as LambdaFunction;
      const pump = startQueuePump({ mapping, target, queues, region: 'eu-west-1' });
      open.push(pump);
      return pump;
    },
  };
}

describe('the queue pump', () => {
  it('hands over 1 000 messages, each once where nothing fails', async () => {
    const { arn, queues, send, pump } = queue();
    const bodies = Array.from({ length: 1000 }, (_, index) => String(index));
    send(...bodies);
    const seen: string[] = [];
    await pump((batch) => {
      seen.push(...batch);
      return accepted;
    }).idle();
    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(bodies);
    expect(queues.count(arn)).toEqual({ visible: 0, hidden: 0, delayed: 0 });
  });

  it('hands over again what was reported, and only that, when its time is up', async () => {
    const { send, pump } = queue();
    send('a', 'b', 'c');
    const seen: string[][] = [];
    pump((bodies, records) => {
      seen.push(bodies);
      return seen.length === 1 ? failing(records.filter(({ body }) => body === 'b')) : accepted;
    });
    await expect.poll(() => seen, { timeout: 5000 }).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it.each([
    ['that threw', crashed],
    [
      'that reported one that it was not given',
      failing([{ messageId: 'other', body: '', attributes: { ApproximateReceiveCount: '1' } }]),
    ],
  ])('hands over the whole batch again of a call %s', async (_how, outcome) => {
    const { send, pump } = queue();
    send('a', 'b');
    const seen: string[][] = [];
    pump((bodies) => {
      seen.push(bodies.sort());
      return seen.length === 1 ? outcome : accepted;
    });
    await expect
      .poll(() => seen, { timeout: 5000 })
      .toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]);
  });

  it('deletes all messages when the mapping does not use reports', async () => {
    const { arn, queues, send, pump } = queue({ reportsItemFailures: false });
    send('a');
    await pump((_bodies, records) => failing(records)).idle();
    expect(queues.count(arn)).toEqual({ visible: 0, hidden: 0, delayed: 0 });
  });

  it('dead-letters what keeps failing, once, and a redrive brings it back', async () => {
    const { send, pump, deadLetters } = queue();
    send('{"good":1}', '{"poison":1}');
    let mended = false;
    const tries: string[] = [];
    pump((_bodies, records) => {
      const poison = records.filter(({ body }) => body.includes('poison'));
      tries.push(...poison.map(({ attributes }) => attributes.ApproximateReceiveCount));
      return mended ? accepted : failing(poison);
    });
    await expect
      .poll(() => deadLetters.list(), { timeout: 8000 })
      .toMatchObject([{ functionName: 'f', body: { poison: 1 } }]);
    expect(tries).toEqual(['1', '2']);
    mended = true;
    deadLetters.add('arn:aws:sqs:eu-west-1:000000000000:of-a-stream', 'g', { DDBStreamBatchInfo: {} });
    expect(deadLetters.redrive()).toEqual({ moved: 1, left: 1 });
    await expect.poll(() => tries, { timeout: 5000 }).toEqual(['1', '2', '1']);
    expect(deadLetters.list()).toMatchObject([{ functionName: 'g' }]);
    deadLetters.clear();
    expect(deadLetters.list()).toEqual([]);
  });

  it('makes no more calls at once than it may', async () => {
    const { send, pump } = queue({ batchSize: 1, maximumConcurrency: 3, visibilitySeconds: 30 });
    send(...Array.from({ length: 12 }, (_, index) => String(index)));
    let now = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const running = pump(async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 3) for (const go of waiting.splice(0)) go();
      });
      now--;
      return accepted;
    });
    await running.idle();
    expect(most).toBe(3);
  });
});

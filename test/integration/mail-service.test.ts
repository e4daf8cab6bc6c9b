import '../support/quiet.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESClient } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startAwsEndpoint } from '../../infra/local/endpoint/aws-endpoint.ts';
import { createCallRecord } from '../../infra/local/endpoint/calls.ts';
import { parsePolicy } from '../../infra/local/endpoint/policies.ts';
import { openSecrets } from '../../infra/local/secrets/secrets.ts';
import type { PublishedEvent } from '../../infra/local/ses/events.ts';
import { type MailBox, openMailBox } from '../../infra/local/ses/ses.ts';
import { openQueues } from '../../infra/local/sqs/queues.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { type SesSender, sesSender } from '../../lib/aws/ses.ts';
import { type MailId, MailId as MailIdentity } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { LEASE_MS, mailWorld } from '../support/mail-world.ts';
import { consumeQueue, queueWorld } from '../support/queue-world.ts';
import { freshTable } from '../support/table.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Test' };
const set = {
  name: 'set',
  arn: 'arn:aws:ses:eu-west-1:000000000000:configuration-set/set',
  events: ['SEND', 'DELIVERY'],
};

/** A local SES on a port of its own. */
async function mailService() {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-ses-'));
  const events: PublishedEvent[] = [];
  const mail: MailBox = openMailBox(join(folder, 'mail.jsonl'), ['b.example'], [set], (event) => events.push(event));
  const queues = openQueues(join(folder, 'queues.db'), []);
  const statements = parsePolicy({ Statement: { Effect: 'Allow', Action: 'ses:*', Resource: '*' } });
  const aws = await startAwsEndpoint({
    place,
    callers: new Map([['AKIATEST', { name: 'test', statements }]]),
    secrets: openSecrets([], join(folder, 'secrets.json')),
    queues,
    mail,
    calls: createCallRecord(),
  });
  const senderOf = (more: { accessKeyId?: string; configurationSet?: string; endpoint?: string } = {}): SesSender => {
    const { accessKeyId = 'AKIATEST', configurationSet = 'set', endpoint = aws.url } = more;
    const credentials = { accessKeyId, secretAccessKey: 'any' };
    const client = new SESClient({
      endpoint,
      region: place.region,
      credentials,
      maxAttempts: 1,
      requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
    });
    return sesSender(configurationSet, client);
  };
  return {
    mail,
    events,
    senderOf,
    async stop() {
      await aws.stop();
      queues.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let table: Table;
let ses: Awaited<ReturnType<typeof mailService>>;
beforeAll(async () => {
  ({ table } = await freshTable());
  ses = await mailService();
});
afterAll(() => ses.stop());

const letter = {
  raw: Buffer.from('From: a@b.example\r\nTo: c@d.example\r\nSubject: Ü\r\n\r\nHello'),
  from: 'a@b.example',
  to: 'c@d.example',
  tags: { mailId: 'm', company: 'c' },
};

it('SES receives a mail unchanged, with its tags', async () => {
  const answer = await ses.senderOf().send(letter);
  const [mail] = ses.mail.list('c@d.example');
  expect(answer).toEqual({ kind: 'taken', messageId: mail?.id });
  expect(mail).toMatchObject({ from: 'a@b.example', tags: letter.tags, configurationSet: 'set' });
  expect(mail?.text.trim()).toBe('Hello');
});

it.each<[string, number, object]>([
  ['MessageRejected', 400, { kind: 'refused', reason: 'MessageRejected' }],
  ['Throttling', 400, { kind: 'not-now', reason: 'Throttling', account: false }],
  ['ServiceUnavailable', 503, { kind: 'not-now', reason: 'ServiceUnavailable', account: false }],
  ['AccountSendingPausedException', 400, { kind: 'not-now', account: true }],
  ['InternalFailure', 500, { kind: 'unknown', reason: 'InternalFailure' }],
])('%s (%i) means what it does', async (error, status, answer) => {
  ses.mail.fail([{ error, status, delay: 0, taken: false, silent: false }]);
  expect(await ses.senderOf().send(letter)).toMatchObject(answer);
});

it('errors of the account and an unreachable service are told from errors of a mail', async () => {
  expect(await ses.senderOf({ accessKeyId: 'AKIAOTHER' }).send(letter)).toMatchObject({
    kind: 'not-now',
    account: true,
  });
  expect(await ses.senderOf({ configurationSet: 'gone' }).send(letter)).toMatchObject({
    kind: 'not-now',
    account: true,
  });
  const stopped = await mailService();
  await stopped.stop();
  expect(await stopped.senderOf().send(letter)).toMatchObject({ kind: 'not-now', account: false });
});

it('a mail is sent once although SES answers after the timeout, because its event arrives', async () => {
  const world = mailWorld(table);
  const id = await world.enqueue();
  const before = ses.mail.list().length;
  ses.mail.fail([{ status: 200, delay: 1500, taken: true, silent: false }]);
  const composed = async () => ({ message: letter, writes: [], client: null });
  const deliver = () => world.worker(undefined, composed, ses.senderOf()).deliver(world.company, id);
  expect(await deliver()).toEqual({ againIn: LEASE_MS / 1000 });
  await vi.waitFor(() => expect(ses.mail.list()).toHaveLength(before + 1), { timeout: 10_000, interval: 20 });
  const mine = ses.events.filter(({ detail }) => JSON.stringify(detail).includes(id));
  expect(mine).toHaveLength(2);
  for (const { detail } of mine) await world.handleEvent({ detail });
  world.later(LEASE_MS + 1);
  expect(await deliver()).toBeUndefined();
  expect(ses.mail.list()).toHaveLength(before + 1);
  expect(await world.log()).toEqual(['mail.sent']);
});

it('dead-lettered mails are sent once each after a redrive, in any order of their messages', async () => {
  const queues = await queueWorld('mails', 'mails-dead');
  try {
    const world = mailWorld(table);
    const ids: MailId[] = [await world.enqueue(), await world.enqueue(), await world.enqueue()];
    const broken = { now: true };
    const handler = queueConsumer({
      queueUrl: queues.url('mails'),
      client: queues.client,
      step: async (message) => {
        if (broken.now) throw new Error('not now');
        return world.worker().deliver(world.company, MailIdentity.parse(Object(message).mailId));
      },
    });
    const send = (wanted: readonly MailId[]) =>
      queues.queues.send(
        queues.arn('mails'),
        wanted.map((mailId) => ({ body: JSON.stringify({ mailId }) })),
      );
    const endPostponements = () => {
      for (const { receipt, queueArn } of queues.queues.list())
        if (queueArn === queues.arn('mails')) queues.queues.hide(receipt, 0);
    };
    send(ids);
    const waiting = () => queues.queues.count(queues.arn('mails-dead')).visible;
    for (let time = 0; time < 10 && waiting() < ids.length; time++) {
      await consumeQueue(queues, 'mails', handler);
      endPostponements();
    }
    expect([waiting(), world.acceptedMails]).toEqual([3, []]);
    broken.now = false;
    const deadLetters = queues.queues.list().filter(({ queueArn }) => queueArn === queues.arn('mails-dead'));
    const redriven = deadLetters.map(({ body }) => MailIdentity.parse(JSON.parse(body).mailId));
    send([...redriven.toReversed(), ...redriven]);
    while ((await consumeQueue(queues, 'mails', handler)) > 0) endPostponements();
    expect(world.acceptedMails.map(({ mailId }) => mailId).toSorted()).toEqual(ids.toSorted());
    expect(await world.log()).toEqual(['mail.sent', 'mail.sent', 'mail.sent']);
  } finally {
    await queues.stop();
  }
});

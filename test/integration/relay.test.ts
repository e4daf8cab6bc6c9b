import '../support/quiet.ts';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { relay } from '../../functions/relay/relay.ts';
import { documentExpiry, groupDeletion, queuedMail } from '../../lib/relay/rules.ts';
import { brokenAt, wrapMethods } from '../support/killed.ts';
import { type QueueWorld, queueWorld, streamEvent } from '../support/queue-world.ts';
import { newCompanyId, testSource } from '../support/table.ts';

const company = newCompanyId(testSource());
const rules = { first: [groupDeletion, documentExpiry], second: [queuedMail] };

let world: QueueWorld;
beforeAll(async () => {
  world = await queueWorld('first', 'second');
});
afterAll(() => world.stop());
beforeEach(() => {
  for (const name of ['first', 'second']) world.queues.clear(world.arn(name));
});

const handlerOver = (client: SQSClient) =>
  relay({
    client,
    destinations: Object.entries(rules).map(([name, of]) => ({ queueUrl: world.url(name), rules: of })),
  });
const bodies = (name: string) =>
  world.queues
    .list()
    .filter(({ queueArn }) => queueArn === world.arn(name))
    .map(({ body }) => JSON.parse(body));
const group = (version: number, status = 'deleting') => ({
  entity: { S: 'group' },
  id: { S: 'grp_1' },
  name: { S: 'Secret friends' },
  status: { S: status },
  version: { N: String(version) },
});
const mail = (index: number) => ({
  entity: { S: 'mail' },
  status: { S: 'queued' },
  mailId: { S: `mail_${index}` },
  version: { N: '1' },
});

describe('the relay', () => {
  it('a message has the company and the ids of the item, and nothing else of it', async () => {
    const event = streamEvent(
      { PK: company, after: group(7), id: 'e1' },
      { PK: `${company}#MAIL#x`, before: mail(1), after: mail(2), id: 'e2' },
      {
        PK: `${company}#doc`,
        before: { entity: { S: 'document' }, status: { S: 'pending' }, id: { S: 'doc_1' } },
        id: 'e3',
      },
    );
    expect(await handlerOver(world.client)(event)).toEqual({ batchItemFailures: [] });
    expect(bodies('first')).toEqual([
      { kind: 'group-deletion', company, id: 'grp_1', version: 7 },
      { kind: 'document-expiry', company, id: 'doc_1' },
    ]);
    expect(bodies('second')).toEqual([{ kind: 'queued-mail', company, mailId: 'mail_2' }]);
  });

  it('records that match no rule make no message', async () => {
    const event = streamEvent(
      { PK: company, after: group(1, 'active') },
      { PK: company, before: group(1) },
      { PK: company, after: { ...group(1), entity: { S: 'client' } } },
      { PK: company, before: { entity: { S: 'document' }, status: { S: 'stored' }, id: { S: 'doc_1' } } },
    );
    expect(await handlerOver(world.client)(event)).toEqual({ batchItemFailures: [] });
    expect([...bodies('first'), ...bodies('second')]).toEqual([]);
  });

  it('a thousand records in batches of a hundred make a thousand messages', async () => {
    const handler = handlerOver(world.client);
    for (let batch = 0; batch < 10; batch++) {
      const changes = Array.from({ length: 100 }, (_, index) => ({
        PK: `${company}#MAIL#x`,
        after: mail(batch * 100 + index),
      }));
      expect(await handler(streamEvent(...changes))).toEqual({ batchItemFailures: [] });
    }
    const ids = new Set(bodies('second').map(({ mailId }) => mailId));
    expect(ids.size).toBe(1000);
  });

  it('no message is lost wherever a call fails: records without an answer are delivered again', async () => {
    const changes = Array.from({ length: 25 }, (_, index) => ({ PK: `${company}#MAIL#x`, after: mail(index) }));
    for (const when of ['before', 'after'] as const)
      for (let at = 1; at <= 4; at++) {
        world.queues.clear(world.arn('first'));
        world.queues.clear(world.arn('second'));
        const event = streamEvent({ PK: company, after: group(at) }, ...changes);
        const { batchItemFailures } = await handlerOver(wrapMethods(world.client, brokenAt({ call: at, when })))(event);
        expect(batchItemFailures.length).toBeGreaterThan(0);
        await handlerOver(world.client)(fromFirstFailure(event, batchItemFailures));
        expect(new Set(bodies('second').map(({ mailId }) => mailId)).size).toBe(25);
        expect(bodies('first').length).toBeGreaterThan(0);
      }
  });

  it('records whose messages SQS refused are reported as failed', async () => {
    const client = new Proxy(world.client, {
      get(target, name) {
        if (name !== 'send') return Reflect.get(target, name);
        return async (command: SendMessageBatchCommand) => {
          const [refused, ...accepted] = command.input.Entries ?? [];
          await target.send(new SendMessageBatchCommand({ ...command.input, Entries: accepted }));
          return { Failed: [{ Id: refused?.Id, Code: 'InternalError', SenderFault: false }] };
        };
      },
    });
    const event = streamEvent(
      ...[0, 1, 2].map((index) => ({ PK: `${company}#MAIL#x`, after: mail(index), id: `e${index}` })),
    );
    expect(await handlerOver(client)(event)).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }] });
    expect(bodies('second').map(({ mailId }) => mailId)).toEqual(['mail_1', 'mail_2']);
  });
});

/** What Lambda delivers after a partial failure: all from the first record that failed. */
function fromFirstFailure(
  { Records }: DynamoDBStreamEvent,
  failures: readonly { itemIdentifier: string }[],
): DynamoDBStreamEvent {
  const places = failures.map(({ itemIdentifier }) =>
    Records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === itemIdentifier),
  );
  return { Records: Records.slice(Math.max(0, Math.min(...places))) };
}

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { QueueModel } from '../assembly/queues.ts';
import type { JsonObject } from '../shared/json.ts';
import { asObject, parseJson } from '../shared/json.ts';
import { atomically, openDatabase } from '../shared/sqlite.ts';

/** A message as its receiver sees it. Times are epoch milliseconds. */
export type Message = {
  id: string;
  queueArn: string;
  body: string;
  /** Message attributes in the wire format of SQS. */
  attributes: JsonObject;
  /** Identifies the message until it is received again. */
  receipt: string;
  receives: number;
  sentAt: number;
  visibleAt: number;
  firstReceivedAt: number;
  /** Of a dead-lettered message: the queue that it came from. */
  sourceArn: string | undefined;
  /** Of a failed invocation's message: the function. */
  functionName: string | undefined;
};

export type NewMessage = { body: string; attributes?: JsonObject; delaySeconds?: number; functionName?: string };

export type Queues = {
  models: readonly QueueModel[];
  /** By name, ARN, or URL, whatever its host. */
  find(reference: string): QueueModel | undefined;
  /** Adds messages; they are on disk when it returns their ids. The queue need not be in the template. */
  send(queueArn: string, messages: readonly NewMessage[]): string[];
  /** Receives visible messages, oldest first, and hides them. Messages received too often go to the dead-letter queue. */
  receive(queueArn: string, limit: number, visibilitySeconds?: number): Message[];
  /** Deletes a message, unless it was received again since. */
  remove(receipt: string): void;
  /** Hides a received message for so many seconds from now; false if it is visible or gone. */
  hide(receipt: string, seconds: number): boolean;
  /** Waits until a message is visible, at most for so many milliseconds. */
  wait(queueArn: string, millis: number, signal?: AbortSignal): Promise<void>;
  count(queueArn: string): { visible: number; hidden: number; delayed: number };
  /** All messages, without receiving them. */
  list(): Message[];
  /** Moves all messages of a dead-letter queue back to the queues that they came from, as new ones. Returns their number. */
  redrive(fromArn: string): number;
  clear(queueArn: string): void;
  close(): void;
};

type Row = Record<string, string | number | bigint | null | Uint8Array>;

const pruneMillis = 60_000;

/** Standard queues as SQS has them, in a file: delivery at least once, in no guaranteed order. */
export function openQueues(file: string, models: readonly QueueModel[]): Queues {
  const database = openDatabase(file, schema);
  const changes = new EventEmitter().setMaxListeners(0);
  const byArn = new Map(models.map((model) => [model.arn, model]));
  const statements = {
    insert: database.prepare(
      'insert into messages (id, queue, body, attributes, sent_at, visible_at, source, function) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    visible: database.prepare(
      'select * from messages where queue = ? and visible_at <= ? order by visible_at, rowid limit ?',
    ),
    taken: database.prepare(
      'update messages set receipt = ?, receives = receives + 1, visible_at = ?, held = 1, first_received_at = coalesce(first_received_at, ?) where id = ?',
    ),
    deadLetter: database.prepare(
      'update messages set queue = ?, source = ?, visible_at = ?, receipt = null, held = 0 where id = ?',
    ),
    remove: database.prepare('delete from messages where receipt = ?'),
    hide: database.prepare(
      'update messages set visible_at = ?, held = 0 where receipt = ? and visible_at > ? returning queue',
    ),
    due: database.prepare('select min(visible_at) as due from messages where queue = ?'),
    count: database.prepare(
      'select count(*) as n, visible_at > ?1 as later, receives > 0 as taken from messages where queue = ?2 group by later, taken',
    ),
    prune: database.prepare('delete from messages where queue = ? and sent_at < ?'),
    all: database.prepare('select * from messages order by rowid'),
    ofQueue: database.prepare('select * from messages where queue = ? order by rowid'),
    drop: database.prepare('delete from messages where id = ?'),
    clear: database.prepare('delete from messages where queue = ?'),
  };
  let pruned = 0;

  function insert(queueArn: string, { body, attributes = {}, delaySeconds, functionName }: NewMessage): string {
    const id = randomUUID();
    const now = Date.now();
    const delay = delaySeconds ?? byArn.get(queueArn)?.delaySeconds ?? 0;
    const visibleAt = now + delay * 1000;
    statements.insert.run(id, queueArn, body, JSON.stringify(attributes), now, visibleAt, null, functionName ?? null);
    return id;
  }

  function prune(now: number): void {
    if (now - pruned < pruneMillis) return;
    pruned = now;
    for (const { arn, retentionSeconds } of models) statements.prune.run(arn, now - retentionSeconds * 1000);
  }

  /** Receives messages; those at their maximum receive count go to the dead-letter queue instead. */
  function take(
    queueArn: string,
    limit: number,
    visibilitySeconds: number,
  ): { taken: Message[]; deadLettered: boolean } {
    const redrive = byArn.get(queueArn)?.redrive;
    const now = Date.now();
    prune(now);
    let deadLettered = false;
    const taken: Message[] = [];
    while (taken.length < limit) {
      const [row] = statements.visible.all(queueArn, now, 1) as Row[];
      if (row === undefined) break;
      if (redrive && Number(row.receives) >= redrive.maxReceiveCount) {
        statements.deadLetter.run(redrive.deadLetterArn, queueArn, now, String(row.id));
        deadLettered = true;
        continue;
      }
      const receipt = `${row.id}/${randomUUID()}`;
      // With a visibility timeout of 0 it must not be visible at once, or this loop would receive it again.
      statements.taken.run(receipt, Math.max(now + 1, now + visibilitySeconds * 1000), now, String(row.id));
      taken.push({
        ...messageOf(row),
        receipt,
        receives: Number(row.receives) + 1,
        firstReceivedAt: Number(row.first_received_at ?? now),
      });
    }
    return { taken, deadLettered };
  }

  return {
    models,
    find: (reference) =>
      byArn.get(reference) ??
      models.find(({ name }) => name === reference || (reference.includes('://') && reference.endsWith(`/${name}`))),
    send(queueArn, messages) {
      const ids = atomically(database, () => messages.map((message) => insert(queueArn, message)));
      changes.emit(queueArn);
      return ids;
    },
    receive(queueArn, limit, visibilitySeconds = byArn.get(queueArn)?.visibilitySeconds ?? 30) {
      const { taken, deadLettered } = atomically(database, () => take(queueArn, limit, visibilitySeconds));
      if (deadLettered) changes.emit(byArn.get(queueArn)?.redrive?.deadLetterArn ?? '');
      return taken;
    },
    remove(receipt) {
      statements.remove.run(receipt);
    },
    hide(receipt, seconds) {
      const now = Date.now();
      const row = statements.hide.get(now + seconds * 1000, receipt, now) as Row | undefined;
      if (row !== undefined) changes.emit(String(row.queue));
      return row !== undefined;
    },
    async wait(queueArn, millis, signal) {
      const deadline = Date.now() + millis;
      for (let now = Date.now(); now < deadline && !signal?.aborted; now = Date.now()) {
        const { due } = statements.due.get(queueArn) as { due: number | null };
        if (due !== null && due <= now) return;
        await changed(changes, queueArn, Math.min(due ?? deadline, deadline) - now, signal);
      }
    },
    count(queueArn) {
      const rows = statements.count.all(Date.now(), queueArn) as { n: number; later: number; taken: number }[];
      const of = (later: number, taken: number) =>
        rows.find((row) => row.later === later && row.taken === taken)?.n ?? 0;
      return { visible: of(0, 0) + of(0, 1), hidden: of(1, 1), delayed: of(1, 0) };
    },
    list: () => (statements.all.all() as Row[]).map(messageOf),
    redrive(fromArn) {
      const moved = atomically(database, () =>
        (statements.ofQueue.all(fromArn) as Row[])
          .map(messageOf)
          .flatMap(({ id, body, attributes, sourceArn: target }) => {
            if (target === undefined) return [];
            statements.drop.run(id);
            insert(target, { body, attributes, delaySeconds: 0 });
            return [target];
          }),
      );
      for (const target of new Set(moved)) changes.emit(target);
      return moved.length;
    },
    clear(queueArn) {
      statements.clear.run(queueArn);
    },
    close: () => database.close(),
  };
}

/** Resolves when the queue has changed, the time is up, or the signal aborts. */
async function changed(changes: EventEmitter, queueArn: string, millis: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      changes.off(queueArn, end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    // A timer takes at most 24 days, and may fire a moment early.
    const timer = setTimeout(end, Math.min(Math.max(1, millis), 2 ** 31 - 1));
    changes.on(queueArn, end);
    signal?.addEventListener('abort', end);
  });
}

function messageOf(row: Row): Message {
  return {
    id: String(row.id),
    queueArn: String(row.queue),
    body: String(row.body),
    attributes: asObject(parseJson(String(row.attributes))),
    receipt: String(row.receipt ?? ''),
    receives: Number(row.receives),
    sentAt: Number(row.sent_at),
    visibleAt: Number(row.visible_at),
    firstReceivedAt: Number(row.first_received_at ?? 0),
    sourceArn: row.source === null ? undefined : String(row.source),
    functionName: row.function === null ? undefined : String(row.function),
  };
}

const schema = `
  create table if not exists messages (
    id text primary key, queue text not null, body text not null, attributes text not null,
    sent_at integer not null, visible_at integer not null, first_received_at integer,
    receives integer not null default 0, receipt text, held integer not null default 0, source text, function text
  );
  create index if not exists visible on messages (queue, visible_at);
  create index if not exists receipts on messages (receipt);
  -- The receivers of these ended with the stack; messages that a function hid on purpose stay hidden.
  update messages set visible_at = 0, held = 0 where held = 1;
`;

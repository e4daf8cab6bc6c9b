import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import { deriveKey, seal, unseal } from '../shared/seal.ts';
import type { Source } from '../shared/source.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { putItem, updateItem } from '../table/write.ts';

/** Seconds for which the answer to a key is replayed. */
const REPLAY_SECONDS = 24 * 3600;

/** An HTTP response without the headers that belong to one request only. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const Answer = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

const storedReply = {
  name: 'reply',
  version: 1,
  schema: z.object({
    state: z.enum(['running', 'done']),
    /** Fingerprint of the request that the key was used for. */
    request: z.string(),
    /** Identifies the attempt that may finish it. */
    attempt: z.string(),
    /** Epoch milliseconds after which a running attempt is considered dead. */
    runningUntil: z.int(),
    /** The answer, encrypted with a key that is derived from the request, so that only the same request can read it. */
    answer: z.string().optional(),
    /** Epoch seconds. */
    ttl: z.int(),
  }),
} satisfies Entity;

export interface IdempotentRequest {
  /** The caller. Keys of different callers are independent. */
  scope: string;
  key: string;
  operationId: string;
  path: string;
  body: unknown;
  /** Milliseconds until Lambda stops the function. */
  remainingMs: number;
}

/** The exclusive claim of a running request on its Idempotency-Key. */
export interface Claim {
  /** The write that stores the answer. It belongs into the transaction of the operation, so that both happen or neither. */
  finish(answer: Answer): Write;
  /** Stores the answer of an operation without a transaction. */
  save(answer: Answer): Promise<void>;
  /** Allows a retry with the key, after a failure that must not be replayed. */
  release(): Promise<void>;
}

/** A JSON value with sorted fields, so that bodies that differ in their order only are equal. */
function canonicalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalize);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, canonicalize(inner)]),
  );
}

/**
 * Claims the key, or returns the stored answer. One call.
 *
 * Powertools has a library for this, but it stores the answer after the operation: if the function dies in between, a retry
 * runs the operation twice. Here the operation's own transaction stores the answer.
 * @throws Problem 409 while the first request is running, 422 if the key was used for another request
 */
export async function claimKey(table: Table, source: Source, request: IdempotentRequest): Promise<Claim | Answer> {
  const material = JSON.stringify([request.operationId, request.path, canonicalize(request.body)]);
  const fingerprint = createHash('sha256').update(material).digest('base64url');
  const sealKey = deriveKey(`${request.scope}\n${request.key}\n${material}`, 'idempotent answer');
  const key = keys.reply(request.scope, request.key);
  const attempt = Buffer.from(source.random(12)).toString('base64url');
  const now = source.now().getTime();
  const on = writes(table.name);

  const running = asItem(storedReply, {
    state: 'running',
    request: fingerprint,
    attempt,
    runningUntil: now + request.remainingMs,
    ttl: Math.floor(now / 1000) + REPLAY_SECONDS,
  });

  function answerOf(existing: Record<string, unknown> | undefined): Answer | Problem {
    if (!existing) return new Problem('idempotency-key-in-use', { retryAfter: 1 });
    const first = readItem(storedReply, existing);
    if (first.request !== fingerprint) return new Problem('idempotency-key-reused');
    if (first.state === 'running' || first.answer === undefined)
      return new Problem('idempotency-key-in-use', { retryAfter: 1 });
    const text = unseal(sealKey, fingerprint, first.answer);
    if (text === undefined) throw new Error('a stored answer could not be read');
    return Answer.parse(JSON.parse(text));
  }

  const finish = (answer: Answer): Write =>
    on.update(
      key,
      {
        UpdateExpression: 'SET #state = :done, answer = :answer',
        ConditionExpression: '#state = :running AND attempt = :attempt',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':done': 'done',
          ':running': 'running',
          ':attempt': attempt,
          ':answer': seal(sealKey, source.random(12), fingerprint, JSON.stringify(answer)),
        },
      },
      () => new Problem('idempotency-key-in-use', { retryAfter: 1 }),
    );

  const outcome = await putItem(table, key, running, {
    ConditionExpression: 'attribute_not_exists(PK) OR #ttl <= :seconds OR (#state = :running AND runningUntil < :now)',
    ExpressionAttributeNames: { '#state': 'state', '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':running': 'running', ':now': now, ':seconds': Math.floor(now / 1000) },
  });
  if (outcome !== 'put') {
    const answer = answerOf(outcome.existing);
    if (answer instanceof Problem) throw answer;
    return answer;
  }
  return {
    finish,
    save: (answer) => transact(table, [finish(answer)]),
    // Marks the attempt as expired. A delete would need a permission that many functions do not have otherwise.
    release: async () => {
      const superseded = new Error('another attempt has the key');
      await updateItem(
        table,
        key,
        {
          UpdateExpression: 'SET runningUntil = :past',
          ConditionExpression: '#state = :running AND attempt = :attempt',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':past': 0, ':running': 'running', ':attempt': attempt },
        },
        () => superseded,
      ).catch((error: unknown) => {
        if (error !== superseded) throw error;
      });
    },
  };
}

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

/** How long a key's answer is replayed (spec 1). */
const KEPT_SECONDS = 24 * 3600;

/** An answer as it goes out, but for what belongs to one request only. */
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
    /** What the key was used for. */
    request: z.string(),
    /** Which try may finish it. */
    attempt: z.string(),
    /** Epoch milliseconds after which a running try is taken to be dead. */
    runningUntil: z.int(),
    /** The answer, encrypted with a key that only the same request yields. */
    answer: z.string().optional(),
    /** Epoch seconds. */
    ttl: z.int(),
  }),
} satisfies Entity<z.ZodType>;

export interface IdempotentRequest {
  /** Who calls: keys of different callers never meet. */
  scope: string;
  key: string;
  operationId: string;
  path: string;
  body: unknown;
  /** Milliseconds until the function is stopped. */
  remainingMs: number;
}

/** The claim on an Idempotency-Key by the one request that runs it. */
export interface Claim {
  /** The write that stores the answer; in the operation's own transaction the two happen together or not at all. */
  finish(answer: Answer): Write;
  /** Stores an answer whose operation had no transaction to take it along. */
  save(answer: Answer): Promise<void>;
  /** Lets the next request with the key run: this one failed without an answer worth keeping. */
  release(): Promise<void>;
}

/** Fields in one order, so that the same body is the same however it was written. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, canonical(inner)]),
  );
}

/**
 * Claims the key, or finds the answer that it already has. One call.
 *
 * The library for this (Powertools) stores the answer after the operation; a function that dies in between runs the
 * operation twice. Here the operation's transaction takes the answer along.
 * @throws Problem 409 while the first request runs, 422 where it was another request
 */
export async function claimKey(table: Table, source: Source, request: IdempotentRequest): Promise<Claim | Answer> {
  const material = JSON.stringify([request.operationId, request.path, canonical(request.body)]);
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
    ttl: Math.floor(now / 1000) + KEPT_SECONDS,
  });

  function judge(standing: Record<string, unknown> | undefined): Answer | Problem {
    if (!standing) return new Problem('idempotency-key-in-use', { retryAfter: 1 });
    const first = readItem(storedReply, standing);
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
    const verdict = judge(outcome.standing);
    if (verdict instanceof Problem) throw verdict;
    return verdict;
  }
  return {
    finish,
    save: (answer) => transact(table, [finish(answer)]),
    // As if its time were over; not deleted, so that a function needs no permission to delete for this alone.
    release: async () => {
      const over = new Error('another try has the key');
      await updateItem(
        table,
        key,
        {
          UpdateExpression: 'SET runningUntil = :past',
          ConditionExpression: '#state = :running AND attempt = :attempt',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':past': 0, ':running': 'running', ':attempt': attempt },
        },
        () => over,
      ).catch((error: unknown) => {
        if (error !== over) throw error;
      });
    },
  };
}

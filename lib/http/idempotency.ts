import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import { deriveKey, keyedHash, seal, unseal } from '../shared/seal.ts';
import type { Source } from '../shared/source.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { type KeyHolder, keys } from '../table/keys.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { putItem, updateItem } from '../table/write.ts';

/** Seconds for which the answer to a key is replayed. */
const REPLAY_SECONDS = 24 * 3600;

/** The largest encrypted answer that is kept. An item can have 400 KB, and this leaves 16 KB for its other attributes. */
const MAX_SEALED_BYTES = 384 * 1024;

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
    /** Fingerprint of the request that the key was used for, keyed by the secret of the installation. */
    request: z.string(),
    /** Identifies that secret: after a change of the secret, nobody can tell whether a request is the same. */
    secretId: z.string().default(''),
    /** Identifies the attempt that may finish it. */
    attempt: z.string(),
    /** Epoch milliseconds after which a running attempt is considered dead. */
    runningUntil: z.int(),
    /** Status and Location of the answer, once there is one. */
    first: z.object({ status: z.int(), location: z.string().optional() }).optional(),
    /**
     * The answer, encrypted with a key that is derived from the secret and the request, so that only the same request can
     * read it. Missing if it is too large.
     */
    answer: z.string().optional(),
    /** Epoch seconds. */
    ttl: z.int(),
  }),
} satisfies Entity;

export interface IdempotentRequest {
  /** Keys of different holders are independent. */
  holder: KeyHolder;
  key: string;
  operationId: string;
  path: string;
  body: unknown;
  /** Milliseconds until Lambda stops the function. */
  remainingMs: number;
}

/** The exclusive claim of a running request on its Idempotency-Key. */
export interface Claim {
  /**
   * The write that stores the answer, and the answer to send: if it is too large to keep, a header says so. The write belongs
   * into the transaction of the operation, so that both happen or neither.
   */
  finish(answer: Answer): { write: Write; answer: Answer };
  /** Stores the answer of an operation without a transaction. Returns the answer to send. */
  save(answer: Answer): Promise<Answer>;
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

/** The keys for one request, all derived from the secret of the installation. */
function keysFor(secret: string, { holder, key, operationId, path, body }: IdempotentRequest) {
  const request = JSON.stringify([operationId, path, canonicalize(body)]);
  return {
    secretId: Buffer.from(deriveKey(secret, 'id of the secret')).toString('base64url').slice(0, 11),
    fingerprint: Buffer.from(keyedHash(deriveKey(secret, 'idempotent request'), request)).toString('base64url'),
    sealKey: keyedHash(deriveKey(secret, 'idempotent answer'), JSON.stringify([holder, key, request])),
  };
}

/**
 * Claims the key, or returns the stored answer. One call. `secret` is that of the installation.
 *
 * Powertools has a library for this, but it stores the answer after the operation: if the function dies in between, a retry
 * runs the operation twice. Here the operation's own transaction stores the answer.
 * @throws Problem 409 while the first request is running, or if its answer was not kept; 422 if the key was used for another
 * request
 */
export async function claimKey(
  table: Table,
  source: Source,
  secret: string,
  request: IdempotentRequest,
): Promise<Claim | Answer> {
  const { secretId, fingerprint, sealKey } = keysFor(secret, request);
  const key = keys.reply(request.holder, request.key);
  const attempt = Buffer.from(source.random(12)).toString('base64url');
  const now = source.now().getTime();
  const on = writes(table.name);

  const running = asItem(storedReply, {
    state: 'running',
    request: fingerprint,
    secretId,
    attempt,
    runningUntil: now + request.remainingMs,
    ttl: Math.floor(now / 1000) + REPLAY_SECONDS,
  });

  function answerOf(existing: Record<string, unknown> | undefined): Answer | Problem {
    if (!existing) return new Problem('idempotency-key-in-use', { retryAfter: 1 });
    const stored = readItem(storedReply, existing);
    const isSameSecret = stored.secretId === secretId;
    if (isSameSecret && stored.request !== fingerprint) return new Problem('idempotency-key-reused');
    if (stored.state === 'running') return new Problem('idempotency-key-in-use', { retryAfter: 1 });
    if (!isSameSecret || stored.answer === undefined) return new Problem('answer-not-kept', { first: stored.first });
    const text = unseal(sealKey, fingerprint, stored.answer);
    if (text === undefined) throw new Error('a stored answer could not be read');
    return Answer.parse(JSON.parse(text));
  }

  function finish(answer: Answer): { write: Write; answer: Answer } {
    const sealed = seal(sealKey, source.random(12), fingerprint, JSON.stringify(answer));
    const isKept = sealed.length <= MAX_SEALED_BYTES;
    const { status, headers } = answer;
    const write = on.update(
      key,
      {
        UpdateExpression: `SET #state = :done, #first = :first${isKept ? ', answer = :answer' : ''}`,
        ConditionExpression: '#state = :running AND attempt = :attempt',
        ExpressionAttributeNames: { '#state': 'state', '#first': 'first' },
        ExpressionAttributeValues: {
          ':done': 'done',
          ':running': 'running',
          ':attempt': attempt,
          ':first': { status, location: headers.location },
          ...(isKept && { ':answer': sealed }),
        },
      },
      () => new Problem('idempotency-key-in-use', { retryAfter: 1 }),
    );
    return { write, answer: isKept ? answer : { ...answer, headers: { ...headers, 'idempotency-not-kept': 'true' } } };
  }

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
    async save(answer) {
      const finished = finish(answer);
      await transact(table, [finished.write]);
      return finished.answer;
    },
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

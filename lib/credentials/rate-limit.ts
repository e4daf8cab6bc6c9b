import * as z from 'zod';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { type Entity, readItem } from '../table/entity.ts';
import { keys, type RateLimitScope } from '../table/keys.ts';
import { deleteItem, updateItem } from '../table/write.ts';

/** Failed sign-ins of an account before it is locked. */
export const FREE_ATTEMPTS = 5;
/** Seconds of the first lock. Each further failure doubles it, up to the longest. */
const FIRST_LOCK = 60;
const LONGEST_LOCK = 3600;
/** Seconds after the last attempt until the count is reset. */
const COUNT_SECONDS = 24 * 3600;

const attemptsEntity = {
  name: 'attempts',
  version: 1,
  schema: z.object({ attempts: z.int(), lastAt: z.int().optional(), ttl: z.int() }),
} satisfies Entity;

/** Seconds that an account is locked after its nth failure in a row. */
export function lockSeconds(attempts: number): number {
  return attempts < FREE_ATTEMPTS ? 0 : Math.min(LONGEST_LOCK, FIRST_LOCK * 2 ** (attempts - FREE_ATTEMPTS));
}

class AttemptsUsedUp extends Error {
  readonly existing: Item | undefined;
  constructor(existing: Item | undefined) {
    super('the free attempts are used up');
    this.existing = existing;
  }
}

/**
 * Rate limits of attempts on an account, stored in the table, so that they apply across all instances. An attempt is counted before the
 * password is checked, so that concurrent attempts are all counted; a successful sign-in clears the count. Accounts that do
 * not exist are limited in the same way, so that a lock does not reveal whether one exists. Each scope has its own count.
 */
export function signInAttempts(table: Table, source: Source, scope: RateLimitScope = 'staff') {
  const accountKey = (company: CompanyId, name: string) => keys.accountAttempts(company, scope, mailbox(name));
  const nowSeconds = () => Math.floor(source.now().getTime() / 1000);

  const countExpression = (now: number) => ({
    UpdateExpression: 'SET lastAt = :now, #ttl = :ttl, #entity = :entity, schemaVersion = :version ADD attempts :one',
    ExpressionAttributeNames: { '#ttl': 'ttl', '#entity': 'entity' },
    ExpressionAttributeValues: {
      ':now': now,
      ':ttl': now + COUNT_SECONDS,
      ':one': 1,
      ':entity': attemptsEntity.name,
      ':version': attemptsEntity.version,
    },
  });

  async function takeAfterLock(company: CompanyId, email: string, existing: Item | undefined): Promise<void> {
    if (!existing) throw new Problem('too-many-attempts', { retryAfter: 1 });
    const { attempts, lastAt = 0 } = readItem(attemptsEntity, existing);
    const now = nowSeconds();
    const wait = lastAt + lockSeconds(attempts) - now;
    if (wait > 0) throw new Problem('too-many-attempts', { retryAfter: wait });
    const expression = countExpression(now);
    await updateItem(
      table,
      accountKey(company, email),
      {
        ...expression,
        ConditionExpression: 'attempts = :seen',
        ExpressionAttributeValues: { ...expression.ExpressionAttributeValues, ':seen': attempts },
      },
      () => new Problem('too-many-attempts', { retryAfter: lockSeconds(attempts + 1) }),
    );
  }

  return {
    /** Counts an attempt on the account. One call; two after the free attempts. @throws Problem 429 while it is locked */
    async take(company: CompanyId, email: string): Promise<void> {
      const expression = countExpression(nowSeconds());
      try {
        await updateItem(
          table,
          accountKey(company, email),
          {
            ...expression,
            ConditionExpression: 'attribute_not_exists(attempts) OR attempts < :free',
            ExpressionAttributeValues: { ...expression.ExpressionAttributeValues, ':free': FREE_ATTEMPTS },
          },
          (existing) => new AttemptsUsedUp(existing),
        );
      } catch (error) {
        if (!(error instanceof AttemptsUsedUp)) throw error;
        await takeAfterLock(company, email, error.existing);
      }
    },

    /** Clears the count of the account. One call. */
    async clear(company: CompanyId, email: string): Promise<void> {
      await deleteItem(table, accountKey(company, email));
    },
  };
}

export type SignInAttempts = ReturnType<typeof signInAttempts>;

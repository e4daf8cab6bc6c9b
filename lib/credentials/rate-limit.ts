import * as z from 'zod';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { type Entity, readItem } from '../table/entity.ts';
import { keys, type RateLimitScope } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { deleteItem, updateItem } from '../table/write.ts';

/** Failed sign-ins of one account before it locks. */
export const FREE_ATTEMPTS = 5;
/** The first lock, in seconds; each further failure doubles it up to the longest. */
const FIRST_LOCK = 60;
const LONGEST_LOCK = 3600;
/** A day after the last attempt the count is reset. */
const FORGET_SECONDS = 24 * 3600;

/** Failed sign-ins from one address, over all accounts, in one window of time. */
export const ADDRESS_ATTEMPTS = 100;
const WINDOW_SECONDS = 900;

const attemptsEntity = {
  name: 'attempts',
  version: 1,
  schema: z.object({ attempts: z.int(), lastAt: z.int().optional(), ttl: z.int() }),
} satisfies Entity<z.ZodType>;

/** Seconds that an account is locked after its nth failure in a row. */
export function lockSeconds(attempts: number): number {
  return attempts < FREE_ATTEMPTS ? 0 : Math.min(LONGEST_LOCK, FIRST_LOCK * 2 ** (attempts - FREE_ATTEMPTS));
}

class AttemptsUsedUp extends Error {
  readonly standing: Item | undefined;
  constructor(standing: Item | undefined) {
    super('the free attempts are used up');
    this.standing = standing;
  }
}

/**
 * Rate limits of attempts on an account, kept in the table so that no restart lifts them. An attempt is counted before the
 * password is checked, so that concurrent attempts are all counted; a good sign-in resets the count. Accounts that do not
 * exist are limited the same way, so a lock does not reveal whether there is one. Each scope has its own count.
 */
export function signInAttempts(table: Table, source: Source, scope: RateLimitScope = 'staff') {
  const accountKey = (company: CompanyId, name: string) => keys.accountAttempts(company, scope, mailbox(name));
  const seconds = () => Math.floor(source.now().getTime() / 1000);

  const count = (now: number) => ({
    UpdateExpression: 'SET lastAt = :now, #ttl = :ttl, #entity = :entity, schemaVersion = :version ADD attempts :one',
    ExpressionAttributeNames: { '#ttl': 'ttl', '#entity': 'entity' },
    ExpressionAttributeValues: {
      ':now': now,
      ':ttl': now + FORGET_SECONDS,
      ':one': 1,
      ':entity': attemptsEntity.name,
      ':version': attemptsEntity.version,
    },
  });

  async function takeAfterLock(company: CompanyId, email: string, standing: Item | undefined): Promise<void> {
    if (!standing) throw new Problem('too-many-attempts', { retryAfter: 1 });
    const { attempts, lastAt = 0 } = readItem(attemptsEntity, standing);
    const now = seconds();
    const wait = lastAt + lockSeconds(attempts) - now;
    if (wait > 0) throw new Problem('too-many-attempts', { retryAfter: wait });
    const expression = count(now);
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

  const window = () => Math.floor(seconds() / WINDOW_SECONDS);

  return {
    /** Counts an attempt on the account. One call, two when a lock has run out. @throws Problem 429 while it is locked */
    async take(company: CompanyId, email: string): Promise<void> {
      const expression = count(seconds());
      try {
        await updateItem(
          table,
          accountKey(company, email),
          {
            ...expression,
            ConditionExpression: 'attribute_not_exists(attempts) OR attempts < :free',
            ExpressionAttributeValues: { ...expression.ExpressionAttributeValues, ':free': FREE_ATTEMPTS },
          },
          (standing) => new AttemptsUsedUp(standing),
        );
      } catch (error) {
        if (!(error instanceof AttemptsUsedUp)) throw error;
        await takeAfterLock(company, email, error.standing);
      }
    },

    /** Resets the attempts of the account. */
    async forgive(company: CompanyId, email: string): Promise<void> {
      await deleteItem(table, accountKey(company, email));
    },

    /** @throws Problem 429 while the address has failed too often */
    async checkAddress(address: string): Promise<void> {
      const item = await getItem(table, keys.addressAttempts(address, window()));
      if (item && readItem(attemptsEntity, item).attempts >= ADDRESS_ATTEMPTS)
        throw new Problem('too-many-attempts', { retryAfter: WINDOW_SECONDS - (seconds() % WINDOW_SECONDS) });
    },

    /** Counts a failure of the address. */
    async failAddress(address: string): Promise<void> {
      await updateItem(table, keys.addressAttempts(address, window()), {
        UpdateExpression: 'SET #ttl = :ttl, #entity = :entity, schemaVersion = :version ADD attempts :one',
        ExpressionAttributeNames: { '#ttl': 'ttl', '#entity': 'entity' },
        ExpressionAttributeValues: {
          ':one': 1,
          ':ttl': (window() + 2) * WINDOW_SECONDS,
          ':entity': attemptsEntity.name,
          ':version': attemptsEntity.version,
        },
      });
    },
  };
}

export type SignInAttempts = ReturnType<typeof signInAttempts>;

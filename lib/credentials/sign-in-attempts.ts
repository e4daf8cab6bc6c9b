import * as z from 'zod';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId, SessionId } from '../shared/ids.ts';
import { networkOf } from '../shared/network.ts';
import type { Source } from '../shared/source.ts';
import type { Item, Table } from '../table/client.ts';
import { type Entity, readItem, readItemIfAny } from '../table/entity.ts';
import { type Key, keys, type SignInScope } from '../table/keys.ts';
import { getItems } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { deleteItem, updateItem } from '../table/write.ts';

/** Failures of one origin on an account before this origin has to wait. */
export const FREE_ATTEMPTS = 5;
/** Seconds of the first wait. Each further failure doubles it, up to the longest. */
const FIRST_WAIT = 60;
const LONGEST_WAIT = 3600;
/** Seconds after the last failure until it is forgotten. */
const COUNT_SECONDS = 24 * 3600;

/**
 * Failures of all unknown origins together on one account in an hour. Then all of them wait for its end, but no known device
 * does. NIST SP 800-63B, 5.2.2 allows 100.
 */
export const STRANGER_ATTEMPTS = 100;
const STRANGER_SECONDS = 3600;

/** Failures of one IP address over all accounts in a quarter of an hour. */
export const ADDRESS_ATTEMPTS = 100;
const ADDRESS_SECONDS = 900;

/** How often a sign-in is tried again because failures were counted between its check and its commit. */
const MAX_COMMITS = 5;

/**
 * From where somebody tries a password: a device that has signed in to this account before, a session that asks for the
 * present password, or any other IP address (of IPv6 its /64). Failures are counted per origin, so that strangers keep nobody out.
 */
export type Origin =
  | { readonly kind: 'device'; readonly id: string }
  | { readonly kind: 'session'; readonly id: SessionId }
  | { readonly kind: 'address'; readonly address: string };

const failuresEntity = {
  name: 'signInFailures',
  version: 1,
  schema: z.object({ failures: z.int(), lastAt: z.int(), ttl: z.int() }),
} satisfies Entity;

/** Seconds that an origin waits after its nth failure in a row. */
export function waitSeconds(failures: number): number {
  return failures < FREE_ATTEMPTS ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - FREE_ATTEMPTS));
}

/** An origin that may try a password, with the failures that have been counted for it. */
interface Admitted {
  readonly key: Key;
  /** As stored; undefined if there is no item. */
  readonly failures: number | undefined;
}

/**
 * Rate limit of passwords, stored in the table, so that it applies across all instances. A failure is counted after the
 * password was checked, and a success commits only if no failure was counted since: so many guesses at once are no more than
 * the free ones, and right passwords at once all succeed. Accounts that do not exist are limited in the same way, so that a
 * wait does not reveal whether one exists. Each scope has its own counts.
 */
export function signInAttempts(table: Table, source: Source, scope: SignInScope = 'staff') {
  const on = writes(table.name);
  const changed = new Error('a failure was counted meanwhile');
  const nowSeconds = () => Math.floor(source.now().getTime() / 1000);
  const windowOf = (seconds: number) => Math.floor(nowSeconds() / seconds);
  const restOf = (seconds: number) => seconds - (nowSeconds() % seconds);

  const originKey = (company: CompanyId, account: string, origin: Origin) =>
    keys.signInFailures(company, scope, mailbox(account), origin.kind, originName(origin));
  const strangersKey = (company: CompanyId, account: string) =>
    keys.strangerFailures(company, scope, mailbox(account), windowOf(STRANGER_SECONDS));
  const addressKey = (address: string) => keys.addressFailures(networkOf(address), windowOf(ADDRESS_SECONDS));

  /** Counts a failure and returns how many there are now. */
  async function count(key: Key, ttl: number): Promise<number> {
    const item = await updateItem(table, key, {
      UpdateExpression: 'SET lastAt = :now, #ttl = :ttl, #entity = :entity, schemaVersion = :version ADD failures :one',
      ExpressionAttributeNames: { '#ttl': 'ttl', '#entity': 'entity' },
      ExpressionAttributeValues: {
        ':now': nowSeconds(),
        ':ttl': ttl,
        ':one': 1,
        ':entity': failuresEntity.name,
        ':version': failuresEntity.version,
      },
    });
    return readItem(failuresEntity, item).failures;
  }

  function refuseAbove(most: number, item: Item | undefined, windowSeconds: number): void {
    const failures = readItemIfAny(failuresEntity, item)?.failures ?? 0;
    if (failures >= most) throw new Problem('too-many-attempts', { retryAfter: restOf(windowSeconds) });
  }

  const failAddress = (address: string) =>
    count(addressKey(address), (windowOf(ADDRESS_SECONDS) + 2) * ADDRESS_SECONDS);

  async function check(company: CompanyId, account: string, origin: Origin): Promise<Admitted> {
    const key = originKey(company, account, origin);
    const shared = origin.kind === 'address' ? [strangersKey(company, account), addressKey(origin.address)] : [];
    const [own, strangers, address] = await getItems(table, [key, ...shared], true);
    refuseAbove(ADDRESS_ATTEMPTS, address, ADDRESS_SECONDS);
    refuseAbove(STRANGER_ATTEMPTS, strangers, STRANGER_SECONDS);
    const stored = readItemIfAny(failuresEntity, own);
    if (!stored) return { key, failures: undefined };
    const wait = stored.lastAt + waitSeconds(stored.failures) - nowSeconds();
    if (wait > 0) throw new Problem('too-many-attempts', { retryAfter: wait });
    return { key, failures: stored.failures };
  }

  function writesToClear({ key, failures }: Admitted): Write[] {
    if (failures === undefined)
      return [on.require(key, { ConditionExpression: 'attribute_not_exists(PK)' }, () => changed)];
    return [
      on.removeIf(
        key,
        { ConditionExpression: 'failures = :seen', ExpressionAttributeValues: { ':seen': failures } },
        () => changed,
      ),
    ];
  }

  return {
    /** Whether the origin may try a password of the account. One call. @throws Problem 429 while it has to wait */
    check,

    /**
     * Counts a wrong password. One call for a device or a session, three at once for an address. Returns until when the
     * account refuses the origin, or all unknown ones; undefined if it does not.
     */
    async fail(company: CompanyId, account: string, origin: Origin): Promise<Date | undefined> {
      const now = nowSeconds();
      const counted = count(originKey(company, account, origin), now + COUNT_SECONDS);
      const hourEnd = (windowOf(STRANGER_SECONDS) + 1) * STRANGER_SECONDS;
      const [failures, ofStrangers = 0] =
        origin.kind === 'address'
          ? await Promise.all([
              counted,
              count(strangersKey(company, account), hourEnd + STRANGER_SECONDS),
              failAddress(origin.address),
            ])
          : [await counted];
      const until = Math.max(now + waitSeconds(failures), ofStrangers >= STRANGER_ATTEMPTS ? hourEnd : 0);
      return until > now ? new Date(until * 1000) : undefined;
    },

    /**
     * Runs a commit with the writes that clear the failures of the origin. They fail if another failure was counted since
     * `check`; then the origin is checked again. One more call for each repetition.
     * @throws Problem 429 if the origin has to wait by now
     */
    async succeed(
      {
        company,
        account,
        origin,
        admitted,
      }: { company: CompanyId; account: string; origin: Origin; admitted: Admitted },
      commit: (clear: readonly Write[]) => Promise<void>,
    ): Promise<void> {
      let present = admitted;
      for (let attempt = 1; ; attempt++) {
        try {
          return await commit(writesToClear(present));
        } catch (error) {
          if (error !== changed) throw error;
          if (attempt === MAX_COMMITS) throw new Problem('write-conflict', { retryAfter: 1 });
          present = await check(company, account, origin);
        }
      }
    },

    /** Forgets the failures of the origin. One call. */
    async clear(company: CompanyId, account: string, origin: Origin): Promise<void> {
      await deleteItem(table, originKey(company, account, origin));
    },

    /** One call. @throws Problem 429 if the IP address has failed too often in this window */
    async checkAddress(address: string): Promise<void> {
      const [item] = await getItems(table, [addressKey(address)]);
      refuseAbove(ADDRESS_ATTEMPTS, item, ADDRESS_SECONDS);
    },

    /** Counts a failure of the IP address that concerns no account. One call. */
    failAddress: async (address: string): Promise<void> => {
      await failAddress(address);
    },
  };
}

export type SignInAttempts = ReturnType<typeof signInAttempts>;

function originName(origin: Origin): string {
  return origin.kind === 'address' ? networkOf(origin.address) : origin.id;
}

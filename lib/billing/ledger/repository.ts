import type { StoredClient } from '../../clients/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, EntryId, idOfChange } from '../../shared/ids.ts';
import type { Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { accountKeys, keys, ranges } from '../../table/keys.ts';
import { type Position, queryAll, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { type Account, type Movement, post } from './account.ts';
import { LockConflict } from './retry.ts';
import { type LedgerReference, ledgerEntryEntity, type StoredEntry } from './schema.ts';

/** The part of a client that its money operations read and write. */
export type AccountHolder = Pick<StoredClient, 'id' | 'groupId' | 'balances' | 'ledger' | 'accountVersion'>;

export function accountOf({ balances, ledger }: Pick<StoredClient, 'balances' | 'ledger'>): Account {
  return { ...ledger, balances };
}

/** The ledgers of clients. */
export function ledgerRepository(table: Table) {
  const on = writes(table.name);

  /** The update of the account. It leaves alone what callers write of a client, and its version. */
  function accountWrite(company: CompanyId, { id, accountVersion }: AccountHolder, account: Account): Write {
    const { balances, entries, lastEntryAt } = account;
    const { hasBalance, balanceOrder } = accountKeys(id, balances);
    const isSame =
      accountVersion === 0
        ? '(attribute_not_exists(accountVersion) OR accountVersion = :seen)'
        : 'accountVersion = :seen';
    return on.update(
      keys.client(company, id),
      {
        UpdateExpression:
          'SET balances = :balances, ledger = :ledger, accountVersion = :next, hasBalance = :hasBalance, balanceOrder = :order',
        ConditionExpression: `attribute_exists(PK) AND ${isSame}`,
        ExpressionAttributeValues: {
          ':balances': balances,
          ':ledger': { entries, lastEntryAt },
          ':next': accountVersion + 1,
          ':seen': accountVersion,
          ':hasBalance': hasBalance,
          ':order': balanceOrder,
        },
      },
      (existing) => (existing ? new LockConflict() : new Problem('not-found')),
    );
  }

  return {
    /**
     * The writes that post a movement: the account of the client, and an entry if the movement has one. They belong into the
     * transaction of what causes it, and are refused with `LockConflict` if the account has changed since it was read.
     * @throws Problem `credit-insufficient`, `balance-too-large`
     */
    writesToPost(
      company: CompanyId,
      holder: AccountHolder,
      movement: Movement,
      { reference, now }: { reference: LedgerReference; now: Date },
    ): Write[] {
      const { account, entry } = post(accountOf(holder), movement, now);
      const update = accountWrite(company, holder, account);
      if (!entry) return [update];
      const { id: clientId, groupId } = holder;
      // The id follows from the place, so that each place has one entry.
      const id = idOfChange(EntryId, 'led', new Date(entry.at), entry.place, clientId);
      const stored: StoredEntry = { ...entry, id, clientId, groupId, reference };
      return [
        update,
        on.create(
          keys.ledgerEntry(company, clientId, entry.at, entry.place),
          asItem(ledgerEntryEntity, stored),
          () => new LockConflict(),
        ),
      ];
    },

    /** A page of entries, in the order in which they were posted. One Query. Both times are included. */
    async page(
      company: CompanyId,
      client: ClientId,
      request: {
        times: { from: string; to: string } | undefined;
        currency: string | undefined;
        descending: boolean;
        limit: number;
        after: Position | undefined;
      },
    ): Promise<{ entries: StoredEntry[]; next: Position | undefined }> {
      const { times, currency, ...page } = request;
      // DynamoDB refuses a range that ends before it begins.
      if (times && times.from > times.to) return { entries: [], next: undefined };
      const { items, next } = await queryPage(table, {
        ...page,
        range: ranges.ledger(company, client, times),
        ...(currency !== undefined && {
          filter: {
            expression: '#currency = :currency',
            ExpressionAttributeNames: { '#currency': 'currency' },
            ExpressionAttributeValues: { ':currency': currency },
            // Nearly all clients have one currency.
            readsPerMatch: 1,
          },
        }),
      });
      return { entries: items.map((item) => readItem(ledgerEntryEntity, item)), next };
    },

    /** All entries in order, strongly consistent: one Query per MB, which is some 2 500 entries. */
    async all(company: CompanyId, client: ClientId): Promise<StoredEntry[]> {
      const items = await queryAll(table, ranges.ledger(company, client));
      return items.map((item) => readItem(ledgerEntryEntity, item));
    },
  };
}

export type LedgerRepository = ReturnType<typeof ledgerRepository>;

import type { CompanyId, CreditId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { keys, recordIndexKeys } from '../../table/keys.ts';
import { getItem, getItems } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { LockConflict } from '../ledger/retry.ts';
import { recordCounter } from '../records/counts.ts';
import { creditEntity, type StoredCredit } from './schema.ts';

/** Credit notes. */
export function creditRepository(table: Table) {
  const on = writes(table.name);
  const count = recordCounter(table.name);

  function creditItem(company: CompanyId, credit: StoredCredit): Item {
    const { id, clientId, status, date, number, amount } = credit;
    const lists = { kind: 'CREDITS', id, client: clientId, status, date, dueDate: null, number, amount } as const;
    return { ...asItem(creditEntity, credit), ...recordIndexKeys(company, lists) };
  }

  return {
    writesToCreate: (company: CompanyId, credit: StoredCredit): Write[] => [
      on.create(keys.credit(company, credit.id), creditItem(company, credit)),
      count(company, credit.clientId, 'credits', 1),
    ],

    /** Refused with `LockConflict` if version `seen` has changed. */
    writesToReplace: (company: CompanyId, credit: StoredCredit, seen: number): Write[] => [
      on.replace(keys.credit(company, credit.id), creditItem(company, credit), seen, () => new LockConflict()),
    ],

    /** One call, strongly consistent. */
    async credit(company: CompanyId, id: CreditId): Promise<StoredCredit | undefined> {
      const item = await getItem(table, keys.credit(company, id), true);
      return item && readItem(creditEntity, item);
    },

    /** The credit notes in the order of the ids. One call for 100, strongly consistent. */
    async credits(company: CompanyId, ids: readonly CreditId[]): Promise<(StoredCredit | undefined)[]> {
      const items = await getItems(
        table,
        ids.map((id) => keys.credit(company, id)),
        true,
      );
      return items.map((item) => item && readItem(creditEntity, item));
    },
  };
}

export type CreditRepository = ReturnType<typeof creditRepository>;

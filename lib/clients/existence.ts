import type { ClientId, CompanyId } from '../shared/ids.ts';
import { keys } from '../table/keys.ts';
import { getItem, type Table } from '../table/table.ts';

/** Tells whether the company has the client, strongly consistent. One call. */
export function clientExistence(table: Table) {
  return async (company: CompanyId, id: ClientId): Promise<boolean> =>
    (await getItem(table, keys.client(company, id), true)) !== undefined;
}

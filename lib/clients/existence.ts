import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';

/** Whether the company has a client with the id. One call, strongly consistent. */
export function clientExistence(table: Table) {
  return async (company: CompanyId, id: ClientId): Promise<boolean> =>
    (await getItem(table, keys.client(company, id), true)) !== undefined;
}

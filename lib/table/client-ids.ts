import { ClientId, type CompanyId } from '../shared/ids.ts';
import type { Table } from './client.ts';
import { ranges } from './keys.ts';
import { type Position, queryPage } from './query.ts';

/** A page of the ids of a company's clients in the order of their creation: the archived ones, or all others. One Query. */
export async function clientIdPage(
  table: Table,
  company: CompanyId,
  { archived, limit, after }: { archived: boolean; limit: number; after: Position | undefined },
): Promise<{ ids: ClientId[]; next: Position | undefined }> {
  const { items, next } = await queryPage(table, {
    range: ranges.clients(company, archived, 'clientsByCreation'),
    limit,
    after,
  });
  return { ids: items.map(({ id }) => ClientId.parse(id)), next };
}

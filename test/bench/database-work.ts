import { committing } from '../../lib/table/transaction.ts';
import type { BenchTable } from './bench-table.ts';
import type { Figure } from './figures.ts';
import { sampleClient } from './generate.ts';

/** Calls and capacity units of the operations that the clients feature lives on. The full list is lib/table/README.md. */
export async function databaseFigures(bench: BenchTable): Promise<Figure[]> {
  const { clients, lists, principal, calls } = bench;
  const { id } = await clients.create(principal, sampleClient(), committing(bench.table));
  const list = {
    sort: 'name',
    descending: false,
    filters: { archived: false },
    limit: 50,
    after: undefined,
  } as const;
  const operations: [name: string, mostCalls: number, run: () => Promise<unknown>][] = [
    ['profile', 1, () => clients.profile(principal, id)],
    ['list page of 50 by name', 1, () => lists.list(principal.companyId, list)],
    ['list page of 50 by creation', 1, () => lists.list(principal.companyId, { ...list, sort: 'createdAt' })],
    ['create with one contact', 2, () => clients.create(principal, sampleClient(), committing(bench.table))],
    ['change', 2, () => clients.patch(principal, id, { vatNumber: 'DE1' }, undefined)],
    ['archive', 2, () => clients.archive(principal, id, undefined, committing(bench.table))],
  ];
  const figures: Figure[] = [];
  for (const [name, most, run] of operations) {
    const before = calls.length;
    await run();
    const made = calls.slice(before);
    const units = made.reduce((sum, { capacity }) => sum + capacity, 0);
    figures.push({
      group: 'Database work per operation',
      name,
      value: made.length,
      unit: made.length === 1 ? 'call' : 'calls',
      most,
      detail: `${made.map(({ operation }) => operation).join(', ')}; ${units} capacity units`,
    });
  }
  return figures;
}

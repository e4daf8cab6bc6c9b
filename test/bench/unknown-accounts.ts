import type { Table } from '../../lib/table/client.ts';
import { timeAccounts } from '../support/account-timing.ts';
import { type Figure, median } from './figures.ts';

const TRIES = 100;

/** How much longer the public operations take for an account that exists than for one that does not. */
export async function unknownAccountFigures(table: Table): Promise<Figure[]> {
  const timings = await timeAccounts(table, TRIES);
  return timings.map(({ operation, known, unknown }) => ({
    group: `An account that exists against one that does not (medians of ${TRIES} tries)`,
    name: operation,
    value: median(known) / median(unknown),
    unit: '×',
    least: 0.8,
    most: 1.2,
    detail: `${median(known).toFixed(2)} ms and ${median(unknown).toFixed(2)} ms`,
  }));
}

import { describe, expect, it } from 'vitest';
import { median } from '../bench/figures.ts';
import { timeAccounts } from '../support/account-timing.ts';
import { freshTable } from '../support/table.ts';

const TRIES = 100;
/** A caller sees no smaller difference through a network. */
const LEAST_VISIBLE_MS = 1;
/** How far medians of the same work are apart on a busy machine. */
const NOISE = 0.2;

describe('an account that does not exist', () => {
  it(`takes as long as one that does: medians of ${TRIES} tries`, async () => {
    const { table } = await freshTable();
    for (const { operation, known, unknown } of await timeAccounts(table, TRIES)) {
      const difference = Math.abs(median(known) - median(unknown));
      const allowed = Math.max(LEAST_VISIBLE_MS, median(known) * NOISE);
      expect(difference, `${operation}: ${median(known)} and ${median(unknown)} ms`).toBeLessThan(allowed);
    }
  });
});

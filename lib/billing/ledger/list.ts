import * as z from 'zod';
import { addDays } from '../../shared/days.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import type { Principal } from '../../shared/principal.ts';
import { startOfDay } from '../../shared/time-zone.ts';
import type { Position } from '../../table/query.ts';
import type { LedgerRepository } from './repository.ts';
import { type LedgerEntry, toLedgerEntry } from './schema.ts';

const Day = z.iso
  .date()
  .max(10, { abort: true })
  .meta({ examples: ['2026-01-31'] });

/** The filters and the order of a ledger. */
export const ledgerListQuery = {
  from: Day.optional().describe("Only entries of this day or later, in the company's time zone."),
  to: Day.optional().describe("Only entries of this day or earlier, in the company's time zone."),
  currency: Currency.optional().describe('Only entries in this currency.'),
  sort: z.enum(['at', '-at']).default('-at').describe('`-at`: the newest first. `at`: the oldest first.'),
};

const LedgerListQuery = z.object(ledgerListQuery);
type LedgerListQuery = z.output<typeof LedgerListQuery> & { limit: number };

interface ListDeps {
  ledger: LedgerRepository;
  isClient: (company: CompanyId, id: ClientId) => Promise<boolean>;
}

/** Lists the entries of a client. One Query; one more call if the first page is empty, which an unknown client has too. */
export function ledgerLister({ ledger, isClient }: ListDeps) {
  return async (
    { companyId, timezone }: Principal,
    client: ClientId,
    { from, to, currency, sort, limit }: LedgerListQuery,
    after: Position | undefined,
  ): Promise<{ entries: LedgerEntry[]; next: Position | undefined }> => {
    const times = from === undefined && to === undefined ? undefined : timesOf({ from, to }, timezone);
    const page = await ledger.page(companyId, client, {
      times,
      currency,
      descending: sort === '-at',
      limit,
      after,
    });
    if (page.entries.length === 0 && !after && !(await isClient(companyId, client))) throw new Problem('not-found');
    return { entries: page.entries.map(toLedgerEntry), next: page.next };
  };
}

/** The first and the last millisecond of a range of days in a time zone. */
function timesOf({ from, to }: { from?: string | undefined; to?: string | undefined }, timezone: string) {
  const end = to === undefined ? undefined : new Date(Date.parse(startOfDay(addDays(to, 1), timezone)) - 1);
  return { from: from === undefined ? '0' : startOfDay(from, timezone), to: end?.toISOString() ?? '9' };
}

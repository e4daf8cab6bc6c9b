import * as z from 'zod';
import { ClientStatus } from '../clients/schema.ts';
import { GroupId, PricingId, UserId } from '../shared/ids.ts';
import { Country } from '../shared/locale.ts';
import { line } from '../shared/text.ts';

/** The orders of the client list; `-` descending. */
export const CLIENT_ORDERS = {
  name: { by: 'name', descending: false },
  '-name': { by: 'name', descending: true },
  number: { by: 'number', descending: false },
  '-number': { by: 'number', descending: true },
  createdAt: { by: 'createdAt', descending: false },
  '-createdAt': { by: 'createdAt', descending: true },
  updatedAt: { by: 'updatedAt', descending: false },
  '-updatedAt': { by: 'updatedAt', descending: true },
  balance: { by: 'balance', descending: false },
  '-balance': { by: 'balance', descending: true },
} as const;

export const ClientSort = z.enum(Object.keys(CLIENT_ORDERS) as [keyof typeof CLIENT_ORDERS]);

/** A time of any zone, as the instant that the table compares. */
const time = z.iso
  .datetime({ offset: true })
  // Runs for texts that are no time as well, so that all faults are reported together.
  .overwrite((given) => (isTime(given) ? new Date(given).toISOString() : given))
  .refine(isTime, { error: 'must be a time', params: { code: 'wrong-format' } })
  .meta({ examples: ['2026-01-31T09:30:00Z'] });

function isTime(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}

/** The filters of the client list as query parameters. */
export const clientFilters = {
  status: ClientStatus.optional(),
  archived: z.enum(['true', 'false', 'any']).default('false').describe('`true`: only archived ones; `any`: both.'),
  tag: line(50)
    .optional()
    .describe('Exactly this tag.')
    .meta({ examples: ['studio'] }),
  groupId: GroupId.optional(),
  pricingId: PricingId.optional(),
  userId: UserId.optional().describe('Clients that this user is linked to.'),
  country: Country.optional().describe('Of the billing address.'),
  hasBalance: z.enum(['true', 'false']).optional().describe('Whether the client owes anything, or is owed.'),
  createdAfter: time.optional().describe('Later than this.'),
  createdBefore: time.optional().describe('Earlier than this.'),
  updatedAfter: time.optional().describe('Later than this.'),
};

/** The words to search for. */
export const searched = line(200).meta({ examples: ['ada byron'] });

const ClientFilters = z.object(clientFilters);
type FilterParameters = z.output<typeof ClientFilters>;

export interface ClientQuery extends FilterParameters {
  q?: z.output<typeof searched> | undefined;
  sort?: z.output<typeof ClientSort> | undefined;
  limit: number;
}

/** The filters of a list; those left out match every client. Times are ISO 8601 instants and exclude themselves. */
export interface ClientFilters extends Partial<Omit<FilterParameters, 'archived' | 'hasBalance'>> {
  archived: boolean | 'any';
  hasBalance?: boolean | undefined;
}

const archivedFilter = { true: true, false: false, any: 'any' } as const;

/** The filters in a query. */
export function filtersOfQuery({ q: _q, sort: _sort, limit: _limit, ...parameters }: ClientQuery): ClientFilters {
  const { archived, hasBalance, ...filters } = parameters;
  return {
    ...filters,
    archived: archivedFilter[archived],
    hasBalance: hasBalance === undefined ? undefined : hasBalance === 'true',
  };
}

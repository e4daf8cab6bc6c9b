import * as z from 'zod';
import { ClientStatus } from '../clients/schema.ts';
import type { FaultCode } from '../shared/faults.ts';
import { GroupId, PricingId, UserId } from '../shared/ids.ts';
import { Country } from '../shared/locale.ts';
import { line } from '../shared/text.ts';

/** The orders of the client list; `-` is descending. */
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

/** A time with any offset, converted to UTC, as the table stores and compares it. */
const time = z.iso
  .datetime({ offset: true })
  .max(40, { abort: true })
  // Also runs for texts that are not a time, so that all faults are reported together.
  .overwrite((given) => (isTime(given) ? new Date(given).toISOString() : given))
  .refine(isTime, { error: 'must be a time', params: { code: 'wrong-format' satisfies FaultCode } })
  .meta({ examples: ['2026-01-31T09:30:00Z'] });

function isTime(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}

/** The filters of the client list as query parameters. */
export const clientFilters = {
  status: ClientStatus.optional(),
  archived: z
    .enum(['true', 'false', 'any'])
    .default('false')
    .describe('`true`: only archived clients; `false`: only clients that are not archived; `any`: both.'),
  tag: line(50)
    .optional()
    .describe('Only clients with this tag, whatever its case.')
    .meta({ examples: ['studio'] }),
  groupId: GroupId.optional().describe('Only clients in this group.'),
  pricingId: PricingId.optional().describe('Only clients with this pricing.'),
  userId: UserId.optional().describe('Only clients that this user is linked to.'),
  country: Country.optional().describe('Only clients with this country in the billing address.'),
  hasBalance: z.enum(['true', 'false']).optional().describe('Whether a balance of the client is other than zero.'),
  createdAfter: time.optional().describe('Only clients created after this time.'),
  createdBefore: time.optional().describe('Only clients created before this time.'),
  updatedAfter: time.optional().describe('Only clients updated after this time.'),
};

/** The words to search for. */
export const searchText = line(200).meta({ examples: ['ada byron'] });

const ClientFilters = z.object(clientFilters);
type FilterParameters = z.output<typeof ClientFilters>;

export interface ClientQuery extends FilterParameters {
  q?: z.output<typeof searchText> | undefined;
  sort?: z.output<typeof ClientSort> | undefined;
  limit: number;
}

/** The filters of a list. A filter that is left out matches every client. Bounds of times are exclusive. */
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

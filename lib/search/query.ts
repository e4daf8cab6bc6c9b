import * as z from 'zod';
import { ClientStatus, ClientType, MetadataKey } from '../clients/schema.ts';
import type { FaultCode } from '../shared/faults.ts';
import { GroupId, PricingId, UserId } from '../shared/ids.ts';
import type { searchText } from '../shared/lists.ts';
import { Country } from '../shared/locale.ts';
import { line } from '../shared/text.ts';
import { startOfDay } from '../shared/time-zone.ts';

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

/** A time with any offset, or a date, which is the beginning of that day in the time zone of the company. */
const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true }).max(40, { abort: true })])
  .refine(isTime, { error: 'must be a time or a date', params: { code: 'wrong-format' satisfies FaultCode } })
  .meta({ examples: ['2026-01-31T09:30:00Z'] });

function isTime(text: string): boolean {
  return !Number.isNaN(new Date(text).getTime());
}

type Status = z.output<typeof ClientStatus>;
const STATUSES = ClientStatus.options;
const STATUS = STATUSES.join('|');
const statuses = z
  .string()
  .max(100, { abort: true })
  .regex(new RegExp(`^(?:${STATUS})(?:,(?:${STATUS}))*$`), `must be a comma-separated list of ${STATUS}`)
  .meta({ examples: ['inactive,fraud'] });

const hasDigit = { error: 'must contain a digit', params: { code: 'wrong-format' } };
const MAX_METADATA_FILTERS = 5;

/** Look-ups of a whole value. */
const lookUps = {
  number: line(50).optional().describe('Only the client with this number, whatever its case. Shows a change at once.'),
  idNumber: line(100)
    .optional()
    .describe('Only the client with this idNumber, whatever its case. Shows a change at once.'),
  email: line(320)
    .optional()
    .describe('Only the client that has a contact with this e-mail address. Shows a change at once.'),
  vatNumber: line(50)
    .refine((text) => /\d/.test(text), hasDigit)
    .optional()
    .describe('Only clients with this VAT number, with or without its country prefix, whatever its separators.')
    .meta({ examples: ['GB123456789'] }),
  phone: line(50)
    .refine((text) => /\d/.test(text), hasDigit)
    .optional()
    .describe(
      'Only clients that have this phone number themselves or in a contact, with its country code or as it is dialled within its country.',
    )
    .meta({ examples: ['+44 20 7946 0001'] }),
  metadata: z
    .record(MetadataKey, z.string().max(500))
    .refine((entries) => Object.keys(entries).length <= MAX_METADATA_FILTERS, {
      error: `must have ${MAX_METADATA_FILTERS} entries at most`,
      params: { code: 'too-many' },
    })
    .optional()
    .describe('Only clients whose metadata has this value under this key, whatever its case: `metadata[crm]=42`.')
    .meta({
      maxProperties: MAX_METADATA_FILTERS,
      param: { style: 'deepObject', explode: true },
      examples: [{ crm: '42' }],
    }),
};

/** The filters of the client list as query parameters. */
export const clientFilters = {
  status: statuses
    .optional()
    .describe('Only clients with one of these statuses, as a comma-separated list or a repeated parameter.'),
  type: ClientType.optional().describe('Only persons, or only companies.'),
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
  createdAfter: time.optional().describe('Only clients created after this time, or since the beginning of this date.'),
  createdBefore: time
    .optional()
    .describe('Only clients created before this time, or before the beginning of this date.'),
  updatedAfter: time.optional().describe('Only clients updated after this time, or since the beginning of this date.'),
  updatedBefore: time
    .optional()
    .describe('Only clients updated before this time, or before the beginning of this date.'),
  ...lookUps,
};

const ClientFilters = z.object(clientFilters);
type FilterParameters = z.output<typeof ClientFilters>;

export interface ClientQuery extends FilterParameters {
  q?: z.output<typeof searchText> | undefined;
  sort?: z.output<typeof ClientSort> | undefined;
  limit: number;
}

/** The filters of a list. A filter that is left out matches every client. Bounds of times are exclusive, in UTC. */
export interface ClientFilters extends Partial<Omit<FilterParameters, 'archived' | 'hasBalance' | 'status' | LookUp>> {
  archived: boolean | 'any';
  hasBalance?: boolean | undefined;
  /** Without duplicates; not all statuses. */
  status?: readonly Status[] | undefined;
}

type LookUp = keyof typeof lookUps;
export type LookUps = Pick<FilterParameters, LookUp>;

const archivedFilter = { true: true, false: false, any: 'any' } as const;

/** The filters in a query of a company in a time zone. */
export function filtersOfQuery(query: ClientQuery, timezone: string): ClientFilters {
  const { archived, tag, groupId, pricingId, userId, country, type } = query;
  const instant = (text: string | undefined) => (text === undefined ? undefined : instantOf(text, timezone));
  return {
    ...{ tag, groupId, pricingId, userId, country, type },
    status: statusesOf(query.status),
    archived: archivedFilter[archived],
    hasBalance: query.hasBalance === undefined ? undefined : query.hasBalance === 'true',
    createdAfter: sinceOf(query.createdAfter, instant),
    createdBefore: instant(query.createdBefore),
    updatedAfter: sinceOf(query.updatedAfter, instant),
    updatedBefore: instant(query.updatedBefore),
  };
}

/** The statuses that a list is filtered by; undefined if they are all. */
function statusesOf(given: string | undefined): Status[] | undefined {
  if (given === undefined) return undefined;
  const wanted = new Set(given.split(','));
  const chosen = STATUSES.filter((status) => wanted.has(status));
  return chosen.length === STATUSES.length ? undefined : chosen;
}

/** The exclusive lower bound: a time itself, but for a date the millisecond before the day, which belongs to the list. */
function sinceOf(given: string | undefined, instant: (text: string | undefined) => string | undefined) {
  const bound = instant(given);
  if (bound === undefined || given === undefined || !isDate(given)) return bound;
  return new Date(Date.parse(bound) - 1).toISOString();
}

function instantOf(given: string, timezone: string): string {
  return isDate(given) ? startOfDay(given, timezone) : new Date(given).toISOString();
}

const isDate = (text: string) => text.length === 10;

import type { StoredClient } from '../clients/schema.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import { countName, type Facet, facetName, largestBalance } from '../table/keys.ts';
import type { ClientFilters } from './query.ts';
import type { ClientRow } from './schema.ts';

/** A field by which the client list is filtered: each client has a row for each of its values. */
interface FacetRule {
  facet: Facet;
  /** The values under which a client has a row. */
  valuesOf: (client: StoredClient, company: CompanyId) => readonly (string | null | undefined)[];
  /** The values of which a client must have one; undefined for a list that is not filtered by the rows of this facet. */
  valuesIn: (filters: ClientFilters, company: CompanyId) => readonly string[] | undefined;
}

/** The value of the facet `balance` of a client with a balance other than zero. */
const OWING = 'owing';

/** All facets, the usually rarest first: a list with several filters reads the rows of the first one. */
const FACETS: readonly FacetRule[] = [
  { facet: 'user', valuesOf: ({ userIds }) => userIds, valuesIn: ({ userId }) => one(userId) },
  { facet: 'tag', valuesOf: ({ tags }) => tags, valuesIn: ({ tag }) => one(tag) },
  // Nearly all clients are active, so rows for that value would copy almost the whole list.
  {
    facet: 'status',
    valuesOf: ({ status }) => (status === 'active' ? [] : [status]),
    valuesIn: ({ status }) => (status?.includes('active') ? undefined : status),
  },
  {
    facet: 'balance',
    valuesOf: ({ balances }) => (largestBalance(balances) === 0 ? [] : [OWING]),
    valuesIn: ({ hasBalance }) => (hasBalance ? [OWING] : undefined),
  },
  { facet: 'pricing', valuesOf: ({ pricingId }) => [pricingId], valuesIn: ({ pricingId }) => one(pricingId) },
  {
    facet: 'country',
    valuesOf: ({ billingAddress }) => [billingAddress?.country],
    valuesIn: ({ country }) => one(country),
  },
  // Nearly all clients are in the group General, so it has no rows either.
  {
    facet: 'group',
    valuesOf: ({ groupId }, company) => (groupId === generalGroupId(company) ? [] : [groupId]),
    valuesIn: ({ groupId }, company) => (groupId === generalGroupId(company) ? undefined : one(groupId)),
  },
];

function one(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}

/** The names of a client's facets. At most 100 users, 50 tags and five more. */
function facetsOf(company: CompanyId, client: StoredClient): string[] {
  const names = FACETS.flatMap(({ facet, valuesOf }) =>
    valuesOf(client, company).flatMap((value) =>
      value === null || value === undefined ? [] : [facetName(facet, value)],
    ),
  );
  return [...new Set(names)];
}

/** A name under which a client is counted; of a tag, with its spelling. */
export interface Counted {
  name: string;
  label?: string;
}

/** What a client is counted under: its group, General too, and its tags unless it is archived. */
export function countedOf({ groupId, tags, archivedAt }: StoredClient): Counted[] {
  const shown = archivedAt === null ? tags : [];
  return [{ name: countName('group', groupId) }, ...shown.map((tag) => ({ name: countName('tag', tag), label: tag }))];
}

/** The names of the facets that a client must have to match, the rarest first. Of each entry it must have one. */
export function requiredFacets(company: CompanyId, filters: ClientFilters): string[][] {
  return FACETS.flatMap(({ facet, valuesIn }) => {
    const values = valuesIn(filters, company);
    return values === undefined ? [] : [values.map((value) => facetName(facet, value))];
  });
}

/** The attributes that all rows and postings of a client have. */
export function rowOf(company: CompanyId, client: StoredClient): ClientRow {
  const hasBalance = largestBalance(client.balances) !== 0;
  return { ...client, facets: facetsOf(company, client), hasBalance };
}

import type { StoredClient } from '../clients/schema.ts';
import { type Facet, facetName, foremostBalance } from '../table/keys.ts';
import type { ClientRow } from './schema.ts';

/** The value of the facet `balance`: somebody owes somebody something. */
export const OWING = 'owing';

/** Facets whose clients are counted. */
const COUNTED: readonly Facet[] = ['group'];

function facetPairs(client: StoredClient): [Facet, string][] {
  const { userIds, tags, groupId, pricingId, billingAddress, status, balances } = client;
  const country = billingAddress?.country ?? null;
  return [
    ...userIds.map((id): [Facet, string] => ['user', id]),
    ...tags.map((tag): [Facet, string] => ['tag', tag]),
    ['group', groupId],
    ...(pricingId === null ? [] : [['pricing', pricingId] satisfies [Facet, string]]),
    ...(country === null ? [] : [['country', country] satisfies [Facet, string]]),
    // Nearly all clients are active: a row for that would be a copy of the list.
    ...(status === 'active' ? [] : [['status', status] satisfies [Facet, string]]),
    ...(foremostBalance(balances) === 0 ? [] : [['balance', OWING] satisfies [Facet, string]]),
  ];
}

/** The names of a client's facets. At most 100 users, 50 tags and five more. */
export function facetsOf(client: StoredClient): string[] {
  return [...new Set(facetPairs(client).map(([facet, value]) => facetName(facet, value)))];
}

/** The facets among those of a client that it is counted under. */
export function countedFacetsOf(client: StoredClient): string[] {
  const counted = facetPairs(client).filter(([facet]) => COUNTED.includes(facet));
  return counted.map(([facet, value]) => facetName(facet, value));
}

/** What all rows of a client show. */
export function rowOf(client: StoredClient): ClientRow {
  const hasBalance = foremostBalance(client.balances) !== 0;
  return { ...client, facets: facetsOf(client), hasBalance };
}

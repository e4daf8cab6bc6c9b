import type { StoredClient, StoredContact } from '../clients/schema.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Item } from '../table/client.ts';
import { asItem } from '../table/entity.ts';
import { clientIndexKeys, keys } from '../table/keys.ts';
import { type Counted, countedOf, rowOf } from './facets.ts';
import { type ClientIndexItem, clientRowEntity, postingEntity } from './schema.ts';
import { exactTerms } from './terms.ts';
import { postingName, sharedPrefixLength, wordsOf } from './words.ts';

/** What an index item says when no run is under way. */
export type IndexState = Pick<
  ClientIndexItem,
  'clientVersion' | 'accountVersion' | 'facets' | 'counted' | 'words' | 'ttl'
>;

/** All rows and postings of a client with their keys, what its index item says about them, and what it is counted under. */
export function indexItems(
  company: CompanyId,
  client: StoredClient,
  contacts: readonly StoredContact[],
): { items: Item[]; state: IndexState; counted: Counted[] } {
  const row = rowOf(company, client);
  const words = wordsOf(client, contacts);
  const terms = [...words.map(({ word }) => word), ...exactTerms(client, contacts)];
  const text = `${terms.map((term) => ` ${term}`).join('')} `;
  const rowItem = asItem(clientRowEntity, row);
  const rows = row.facets.map((facet) => ({
    ...rowItem,
    ...clientIndexKeys(company, client, facet),
    ...keys.clientRow(company, client.id, facet),
  }));
  // Validated once: the postings of a client differ by their word only.
  const posting = asItem(postingEntity, { ...row, words: text, sharedPrefixLength: 0 });
  const postings = words.map(({ word, rank }, index) => ({
    ...posting,
    sharedPrefixLength: sharedPrefixLength(word, words[index - 1]?.word ?? ''),
    ...keys.posting(company, word, rank, client.id),
  }));
  const counted = countedOf(client);
  const state = {
    clientVersion: client.version,
    accountVersion: client.accountVersion,
    facets: row.facets,
    counted: counted.map(({ name }) => name),
    words: words.map(postingName),
  };
  return { items: [...rows, ...postings], state, counted };
}

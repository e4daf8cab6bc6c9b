import type { StoredClient, StoredContact } from '../clients/schema.ts';
import { addressWords, identifierWords, indexedWords, plainWords, withoutNulls } from '../shared/words.ts';
import { phoneDigits, phoneGroups, vatForms } from '../shared/written-numbers.ts';
import { phonesOf } from './phones.ts';
import { metadataTerms } from './terms.ts';

/** The maximum number of words of a client. Words of names come first, so that the least important words are left out. */
export const MAX_WORDS = 250;

/** A word of a client with its rank: words of names rank before all others. */
export interface Word {
  word: string;
  rank: number;
}

const NAME = 0;
const OTHER = 1;

/** A word with its rank as one text, which names the posting of a client: `0ada`. */
export function postingName({ word, rank }: Word): string {
  return `${rank}${word}`;
}

/** The word and the rank that `postingName` made a text of. */
export function wordOfPosting(name: string): Word {
  return { word: name.slice(1), rank: Number(name.slice(0, 1)) };
}

/** The distinct words by which a client is found, in alphabetical order. At most `MAX_WORDS`. */
export function wordsOf(client: StoredClient, contacts: readonly StoredContact[]): Word[] {
  const { displayName, name, number, idNumber, vatNumber, billingAddress, shippingAddress, industry, tags } = client;
  const addresses = withoutNulls([billingAddress, shippingAddress]);
  const phones = phonesOf(client, contacts);
  const vat = vatNumber === null ? undefined : vatForms(vatNumber);
  const custom = [client, ...contacts].flatMap(({ customFields }) =>
    Object.values(customFields).flatMap((value) => (typeof value === 'boolean' ? [] : [String(value)])),
  );
  const ranked: [number, string[]][] = [
    [NAME, withoutNulls([displayName, name]).flatMap(indexedWords)],
    // What exact look-ups read stands before what can be long.
    [OTHER, withoutNulls([number, idNumber]).flatMap(identifierWords)],
    [OTHER, vat && vatNumber !== null ? [...plainWords(vatNumber), vat.whole, vat.number] : []],
    [OTHER, metadataTerms(client.metadata)],
    [OTHER, phones.map(phoneDigits).flatMap(({ whole, national }) => [whole, national])],
    [NAME, contacts.flatMap(({ firstName, lastName }) => withoutNulls([firstName, lastName])).flatMap(indexedWords)],
    [OTHER, withoutNulls(contacts.map(({ email }) => email)).flatMap(addressWords)],
    [OTHER, phones.flatMap(phoneGroups)],
    [OTHER, withoutNulls(addresses.map(({ city }) => city)).flatMap(indexedWords)],
    [OTHER, withoutNulls(addresses.map(({ postalCode }) => postalCode)).flatMap(identifierWords)],
    [OTHER, withoutNulls(addresses.flatMap(({ line1, line2 }) => [line1, line2])).flatMap(indexedWords)],
    [OTHER, [...tags, ...withoutNulls([industry])].flatMap(indexedWords)],
    [OTHER, custom.flatMap(identifierWords)],
  ];
  const rankOf = new Map<string, number>();
  for (const [rank, words] of ranked)
    for (const word of words) {
      if (word === '') continue;
      const known = rankOf.get(word);
      if (known === undefined ? rankOf.size < MAX_WORDS : rank < known) rankOf.set(word, rank);
    }
  return [...rankOf].map(([word, rank]) => ({ word, rank })).sort((a, b) => (a.word < b.word ? -1 : 1));
}

/** Length of the common prefix of two words, in UTF-16 units. */
export function sharedPrefixLength(word: string, other: string): number {
  let length = 0;
  while (length < word.length && word[length] === other[length]) length++;
  return length;
}

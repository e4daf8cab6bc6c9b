import type { StoredClient, StoredContact } from '../clients/schema.ts';
import { fold } from '../shared/text.ts';

/** The maximum number of words of a client. Words of names come first, so that the least important words are left out. */
export const MAX_WORDS = 250;
/** The maximum number of characters of an indexed word. */
const MAX_WORD_LENGTH = 50;
/** The maximum number of words of a query. */
const MAX_QUERY_WORDS = 10;

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

/** Letters that Unicode does not decompose, and what people type instead. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
};

/** Text in the form in which words are compared: without accents, in lower case. */
function foldWord(text: string): string {
  return fold(text).replace(/[ßæœøłđðþıς]/g, (letter) => SUBSTITUTES[letter] ?? letter);
}

/** Runs of letters and digits of any script, folded. */
function plainWords(text: string): string[] {
  return (foldWord(text).match(/[\p{L}\p{N}]+/gu) ?? []).map(truncate);
}

function truncate(word: string): string {
  return [...word].slice(0, MAX_WORD_LENGTH).join('');
}

/** A number without its separators: `GB 12-34` is also found by `gb1234`. */
function withoutSeparators(text: string): string[] {
  const whole = plainWords(text).join('');
  return /\d/.test(whole) && whole.length <= MAX_WORD_LENGTH ? [whole] : [];
}

/** An e-mail address as a whole, and its parts. */
function addressWords(address: string): string[] {
  return [truncate(foldWord(address)), ...plainWords(address)];
}

/** A phone number's digits as they were given and, with the country code, as they are dialled. */
function phoneWords(given: string, e164: string | null): string[] {
  const digits = (text: string) => fold(text).replace(/\D+/g, '');
  return [digits(given), digits(e164 ?? '')].filter((word) => word !== '').map(truncate);
}

const withoutNulls = (texts: readonly (string | null | undefined)[]) =>
  texts.filter((text): text is string => typeof text === 'string');

/** The distinct words by which a client is found, in alphabetical order. At most `MAX_WORDS`. */
export function wordsOf(client: StoredClient, contacts: readonly StoredContact[]): Word[] {
  const { displayName, name, number, idNumber, vatNumber, billingAddress, shippingAddress, phones } = client;
  const custom = [client, ...contacts].flatMap(({ customFields }) =>
    Object.values(customFields).flatMap((value) => (typeof value === 'boolean' ? [] : [String(value)])),
  );
  const ranked: [number, string[]][] = [
    [NAME, withoutNulls([displayName, name]).flatMap(plainWords)],
    [
      OTHER,
      withoutNulls([number, idNumber, vatNumber]).flatMap((text) => [...plainWords(text), ...withoutSeparators(text)]),
    ],
    [NAME, contacts.flatMap(({ firstName, lastName }) => withoutNulls([firstName, lastName])).flatMap(plainWords)],
    [OTHER, withoutNulls(contacts.map(({ email }) => email)).flatMap(addressWords)],
    [OTHER, phones.flatMap((phone) => phoneWords(phone.number, phone.e164))],
    [OTHER, contacts.flatMap(({ phone, phoneE164 }) => phoneWords(phone ?? '', phoneE164))],
    [OTHER, withoutNulls([billingAddress?.city, shippingAddress?.city]).flatMap(plainWords)],
    [OTHER, custom.flatMap((value) => [...plainWords(value), ...withoutSeparators(value)])],
  ];
  const rankOf = new Map<string, number>();
  for (const [rank, words] of ranked)
    for (const word of words) {
      const known = rankOf.get(word);
      if (known === undefined ? rankOf.size < MAX_WORDS : rank < known) rankOf.set(word, rank);
    }
  return [...rankOf].map(([word, rank]) => ({ word, rank })).sort((a, b) => (a.word < b.word ? -1 : 1));
}

/**
 * The distinct word prefixes of a query, the longest first. An e-mail address stays one word, and so do the digits of a
 * phone number. Every other character that is not a letter or a digit separates words.
 */
export function wordsOfQuery(query: string): string[] {
  const text = foldWord(query);
  const dialled = /^\+?[\d\s()./-]+$/.test(text) && text.replace(/\D+/g, '').length > 6;
  const words = dialled
    ? [truncate(text.replace(/\D+/g, ''))]
    : text.split(' ').flatMap((part) => (/^[^@]+@[^@]*$/.test(part) ? [truncate(part)] : plainWords(part)));
  const distinct = [...new Set(words)].filter((word) => word !== '');
  // A prefix of another word of the query matches whenever that one does.
  const needed = distinct.filter((word) => !distinct.some((other) => other !== word && other.startsWith(word)));
  return needed.sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, MAX_QUERY_WORDS);
}

/** Length of the common prefix of two words, in UTF-16 units. */
export function sharedPrefixLength(word: string, other: string): number {
  let length = 0;
  while (length < word.length && word[length] === other[length]) length++;
  return length;
}

import type { StoredClient, StoredContact } from '../clients/schema.ts';
import { fold } from '../shared/text.ts';

/** Words of a client that it is found by; those of names come first, so what is left out of a long tail is the least. */
export const MAX_WORDS = 250;
/** Characters of a word that count. */
export const MAX_WORD_LENGTH = 50;
/** Words of a query that count. */
export const MAX_QUERY_WORDS = 10;

/** A word of a client, and where it is from: names come before everything else. */
export interface Word {
  word: string;
  rank: number;
}

const NAME = 0;
const OTHER = 1;

/** Letters that people type without what Unicode does not count as an accent. */
const ALIKE: Readonly<Record<string, string>> = {
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

/** Text as words are compared: no accents, no case. */
function foldWord(text: string): string {
  return fold(text).replace(/[ßæœøłđðþıς]/g, (letter) => ALIKE[letter] ?? letter);
}

/** Runs of letters and digits of any script, folded. */
function plainWords(text: string): string[] {
  return (foldWord(text).match(/[\p{L}\p{N}]+/gu) ?? []).map(cut);
}

function cut(word: string): string {
  return [...word].slice(0, MAX_WORD_LENGTH).join('');
}

/** Numbers as they are written together, whatever stands between their parts: `GB 12-34` is also found by `gb1234`. */
function joined(text: string): string[] {
  const whole = plainWords(text).join('');
  return /\d/.test(whole) && whole.length <= MAX_WORD_LENGTH ? [whole] : [];
}

/** A mail address whole and in its parts. */
function addressWords(address: string): string[] {
  return [cut(foldWord(address)), ...plainWords(address)];
}

/** A phone number's digits as they were given and, with the country code, as they are dialled. */
function phoneWords(given: string, e164: string | null): string[] {
  const digits = (text: string) => fold(text).replace(/\D+/g, '');
  return [digits(given), digits(e164 ?? '')].filter((word) => word !== '').map(cut);
}

const present = (texts: readonly (string | null | undefined)[]) =>
  texts.filter((text): text is string => typeof text === 'string');

/** The distinct words that a client is found by, in order of the words. At most `MAX_WORDS`. */
export function wordsOf(client: StoredClient, contacts: readonly StoredContact[]): Word[] {
  const { displayName, name, number, idNumber, vatNumber, billingAddress, shippingAddress, phones } = client;
  const custom = [client, ...contacts].flatMap(({ customFields }) =>
    Object.values(customFields).flatMap((value) => (typeof value === 'boolean' ? [] : [String(value)])),
  );
  const ranked: [number, string[]][] = [
    [NAME, present([displayName, name]).flatMap(plainWords)],
    [OTHER, present([number, idNumber, vatNumber]).flatMap((text) => [...plainWords(text), ...joined(text)])],
    [NAME, contacts.flatMap(({ firstName, lastName }) => present([firstName, lastName])).flatMap(plainWords)],
    [OTHER, present(contacts.map(({ email }) => email)).flatMap(addressWords)],
    [OTHER, phones.flatMap((phone) => phoneWords(phone.number, phone.e164))],
    [OTHER, contacts.flatMap(({ phone, phoneE164 }) => phoneWords(phone ?? '', phoneE164))],
    [OTHER, present([billingAddress?.city, shippingAddress?.city]).flatMap(plainWords)],
    [OTHER, custom.flatMap((value) => [...plainWords(value), ...joined(value)])],
  ];
  const found = new Map<string, number>();
  for (const [rank, words] of ranked)
    for (const word of words) {
      const known = found.get(word);
      if (known === undefined ? found.size < MAX_WORDS : rank < known) found.set(word, rank);
    }
  return [...found].map(([word, rank]) => ({ word, rank })).sort((a, b) => (a.word < b.word ? -1 : 1));
}

/**
 * What a query asks for: distinct beginnings of words, the longest first. A mail address stays whole; other signs part
 * words, but for those between the digits of a phone number.
 */
export function wordsOfQuery(query: string): string[] {
  const text = foldWord(query);
  const dialled = /^\+?[\d\s()./-]*\d[\d\s()./-]*$/.test(text) && text.replace(/\D+/g, '').length > 6;
  const words = dialled
    ? [cut(text.replace(/\D+/g, ''))]
    : text.split(' ').flatMap((part) => (/^[^@]+@[^@]*$/.test(part) ? [cut(part)] : plainWords(part)));
  const distinct = [...new Set(words)].filter((word) => word !== '');
  // What is the beginning of another word of the query says nothing more.
  const needed = distinct.filter((word) => !distinct.some((other) => other !== word && other.startsWith(word)));
  return needed.sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, MAX_QUERY_WORDS);
}

/** Characters that two words have in common from their beginning, in UTF-16 units. */
export function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

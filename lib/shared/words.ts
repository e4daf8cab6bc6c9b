import { foldWord, MAX_WORD_LENGTH, runsOf, spellOutUmlauts, truncate, withoutUmlauts } from './folding.ts';
import { dialledDigits, digitsOf, VAT_PREFIX, vatForms, withoutZeros, withoutZerosOfLong } from './written-numbers.ts';

/** The maximum number of words of a query. */
const MAX_QUERY_WORDS = 10;
/** The maximum number of pairs of characters that are indexed of one Chinese, Japanese or Korean text. */
const MAX_PAIRS = 60;

const PAIRED = /([\p{Script=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Hangul}]+)/u;

/**
 * The words of a run: Chinese, Japanese and Korean characters as overlapping pairs, because these scripts have no spaces
 * between words, and all else as it is. At most `MAX_PAIRS` pairs.
 */
function wordsOfRun(run: string): string[] {
  const parts = run.split(PAIRED).filter((part) => part !== '');
  return parts.flatMap((part) => {
    if (!PAIRED.test(part)) return [truncate(part)];
    const characters = [...part].slice(0, MAX_PAIRS + 1);
    if (characters.length === 1) return characters;
    return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  });
}

/** Words as a query has them: folded, one form of each. */
export function plainWords(text: string): string[] {
  return runsOf(foldWord(text)).flatMap(wordsOfRun);
}

/**
 * Words as a client is found by them. A word with an umlaut, or with two letters in place of one, is found in both
 * spellings; one that begins with the other needs no entry of its own.
 */
export function indexedWords(text: string): string[] {
  return runsOf(foldWord(spellOutUmlauts(text))).flatMap((run) => {
    const short = withoutUmlauts(run);
    return run.startsWith(short) ? wordsOfRun(run) : [...wordsOfRun(run), ...wordsOfRun(short)];
  });
}

/** The words of an identifier: its parts, all parts as one word, and its numbers without leading zeros. */
export function identifierWords(text: string): string[] {
  const parts = runsOf(foldWord(text)).map(truncate);
  const whole = parts.join('');
  const joined = /\d/.test(whole) && whole.length <= MAX_WORD_LENGTH ? [whole] : [];
  const numbers = parts.flatMap((part) => part.match(/\d+/g) ?? []).filter((digits) => digits.startsWith('0'));
  return [...indexedWords(text), ...joined, ...[...numbers, ...joined].map(withoutZeros)];
}

/** An e-mail address as a whole, and its parts. */
export function addressWords(address: string): string[] {
  return [truncate(foldWord(address)), ...indexedWords(address)];
}

/** Digits of a query that are a phone number or a part of one: long, or of several groups that begin as one is dialled. */
function isDialled(text: string): boolean {
  if (!/^\+?[\d\s()./-]+$/.test(text)) return false;
  return digitsOf(text).length > 6 || /^[+(0]\d*\)?[\s()./-]+\d/.test(text);
}

/** A VAT number that is written in groups: DE 136 695 976. */
const GROUPED_VAT = new RegExp(`${VAT_PREFIX.source}u?[\\s./-]*(?:\\d[\\s./-]*){6,}(?:b[\\s./-]*\\d\\d)?$`);

/** Words of a text in which umlauts are one letter, as they are typed. */
function typedWords(text: string): string[] {
  return (text.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).flatMap((word) => {
    const hasUmlaut = spellOutUmlauts(word) !== word.normalize('NFKD').toLowerCase();
    return plainWords(hasUmlaut ? withoutUmlauts(foldWord(word)) : word);
  });
}

/**
 * The distinct word prefixes of a query, the longest first. An e-mail address stays one word, and so do the digits of a
 * phone number and a VAT number. Every other character that is not a letter or a digit separates words.
 */
export function wordsOfQuery(query: string): string[] {
  const text = foldWord(query);
  const words = isDialled(text)
    ? [dialledDigits(text)]
    : GROUPED_VAT.test(text)
      ? [vatForms(text).whole]
      : query
          .split(/\s+/)
          .flatMap((part) => (/^[^@]+@[^@]*$/.test(part) ? [truncate(foldWord(part))] : typedWords(part)));
  const distinct = [...new Set(words.map(withoutZerosOfLong))].filter((word) => word !== '');
  // A prefix of another word of the query matches whenever that one does.
  const needed = distinct.filter((word) => !distinct.some((other) => other !== word && other.startsWith(word)));
  return needed.slice(0, MAX_QUERY_WORDS).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** Without null and undefined. */
export function withoutNulls<T>(values: readonly (T | null | undefined)[]): T[] {
  return values.flatMap((value) => (value === null || value === undefined ? [] : [value]));
}

/** Whether texts of a record have all words of a query, as the search for clients compares them. */
export function matchesQuery(query: string): (texts: readonly (string | null)[]) => boolean {
  const words = wordsOfQuery(query);
  return (texts) => {
    const own = withoutNulls(texts).flatMap((text) => [...identifierWords(text), ...addressWords(text)]);
    return words.length > 0 && words.every((start) => own.some((word) => word.startsWith(start)));
  };
}

import { fold } from './text.ts';

/** The maximum number of characters of an indexed word. */
export const MAX_WORD_LENGTH = 50;

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
export function foldWord(text: string): string {
  // Composed, because folding takes Hangul syllables apart.
  const folded = fold(text).normalize('NFC');
  return folded.replace(/[ßæœøłđðþıς]/g, (letter) => SUBSTITUTES[letter] ?? letter);
}

/** Text in lower case in which German umlauts, and the letters that others write for them, are two letters: ö is oe. */
export function spellOutUmlauts(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/([aou])\u0308/g, '$1e')
    .replaceAll('ø', 'oe');
}

/** The form that `moller` and `moeller` share. */
export function withoutUmlauts(word: string): string {
  return word.replace(/([aou])e+/g, '$1');
}

/** Runs of letters and digits of any script. */
export function runsOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The beginning of a word that is indexed. */
export function truncate(word: string): string {
  return [...word].slice(0, MAX_WORD_LENGTH).join('');
}

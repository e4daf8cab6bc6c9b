import type { Source } from '../shared/source.ts';

/** Letters and digits that nobody confuses (Crockford). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What `{random:6}` stands for: so many letters and digits by chance. */
export function randomLetters(source: Source): (length: number) => string {
  return (length) => [...source.random(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

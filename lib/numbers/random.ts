import type { Source } from '../shared/source.ts';

/** Crockford's alphabet, which leaves out letters that look like others. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Makes the text of `{random:6}`: random letters and digits of the given length. */
export function randomLetters(source: Source): (length: number) => string {
  return (length) => [...source.random(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

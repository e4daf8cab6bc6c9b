import { randomInt } from 'node:crypto';
import type { JsonObject } from '../shared/json.ts';
import { asNumber } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

const alphanumeric = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'];
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * Generates a secret by the rules of a template's `GenerateSecretString`: its length, with or without punctuation, and at least
 * one character of each kind.
 *
 * @throws StartProblem for a rule that the local stack does not follow
 */
export function generateSecretString({ PasswordLength, ExcludePunctuation, ...others }: JsonObject): string {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new StartProblem(`A secret is generated with ${unknown}, which the local stack does not support.`);
  const length = asNumber(PasswordLength) ?? 32;
  const kinds = ExcludePunctuation === true ? alphanumeric : [...alphanumeric, punctuation];
  if (length < kinds.length) throw new StartProblem(`A secret of ${length} characters cannot have one of each kind.`);
  const pick = (characters: string) => characters.charAt(randomInt(characters.length));
  for (;;) {
    const password = Array.from({ length }, () => pick(kinds.join(''))).join('');
    if (kinds.every((kind) => [...kind].some((character) => password.includes(character)))) return password;
  }
}

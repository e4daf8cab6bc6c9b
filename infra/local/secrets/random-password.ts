import { randomInt } from 'node:crypto';
import type { JsonObject } from '../shared/json.ts';
import { asNumber, asString } from '../shared/json.ts';

const kinds = [
  { characters: 'abcdefghijklmnopqrstuvwxyz', exclude: 'ExcludeLowercase' },
  { characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', exclude: 'ExcludeUppercase' },
  { characters: '0123456789', exclude: 'ExcludeNumbers' },
  { characters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', exclude: 'ExcludePunctuation' },
];

/** Makes a password by the rules of Secrets Manager's GetRandomPassword and GenerateSecretString. */
export function randomPassword(rules: JsonObject): string {
  const length = asNumber(rules.PasswordLength) ?? 32;
  const excluded = asString(rules.ExcludeCharacters) ?? '';
  const sets = kinds
    .filter(({ exclude }) => rules[exclude] !== true)
    .map(({ characters }) => [...characters].filter((character) => !excluded.includes(character)))
    .filter((characters) => characters.length > 0);
  const all = sets.flat();
  if (rules.IncludeSpace === true && !excluded.includes(' ')) all.push(' ');
  // One of each kind first, unless the caller does not mind; the shuffle takes the order away again.
  const required = rules.RequireEachIncludedType === false ? [] : sets.map(pick).slice(0, length);
  const password = [...required, ...Array.from({ length: length - required.length }, () => pick(all))];
  for (let index = password.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [password[index], password[other]] = [password[other] ?? '', password[index] ?? ''];
  }
  return password.join('');
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(Math.max(1, characters.length))] ?? '';
}

/** The first value of a secret that is to be generated: a password, or a JSON template with one put in. */
export function generateSecretString(rules: JsonObject): string {
  const password = randomPassword(rules);
  const key = asString(rules.GenerateStringKey);
  if (key === undefined) return password;
  const template = JSON.parse(asString(rules.SecretStringTemplate) ?? '{}') as JsonObject;
  return JSON.stringify({ ...template, [key]: password });
}

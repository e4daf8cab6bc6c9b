import { type InputFault, invalid } from '../shared/errors.ts';
import { fold } from '../shared/text.ts';

/** Characters that a password has besides the owner's name and address. */
const LEAST_OF_ITS_OWN = 8;
/** Words of a name that are shorter appear in many passwords by chance. */
const SHORTEST_WORD = 3;
/** A password with fewer different characters is a pattern on the keyboard. */
const LEAST_DIFFERENT = 5;

/**
 * Refuses a password that is guessed first: a common one, also with digits and signs around it or repeated, and one that
 * hardly has more than the owner's name or address. NIST SP 800-63B, 5.1.1.2.
 * @param own names and addresses of the account; null and empty ones are left out
 * @throws Problem `validation` with the pointer
 */
export async function assertGoodPassword(
  password: string,
  own: readonly (string | null)[],
  pointer: string,
): Promise<void> {
  const faults = await passwordFaults(password, own, pointer);
  if (faults.length > 0) throw invalid(...faults);
}

/** What is wrong with such a password, as a list of one fault or none. */
export async function passwordFaults(
  password: string,
  own: readonly (string | null)[],
  pointer: string,
): Promise<InputFault[]> {
  if (isMostlyOwn(password, own)) return [{ pointer, ...OWN }];
  return (await isCommon(password)) ? [{ pointer, ...COMMON }] : [];
}

const COMMON: Omit<InputFault, 'pointer'> = {
  code: 'common-password',
  detail: 'This password is among those that are guessed first. Several unrelated words make a good one.',
};
const OWN: Omit<InputFault, 'pointer'> = {
  code: 'own-name',
  detail: 'The password must have at least eight characters besides names and addresses of the account.',
};

async function isCommon(password: string): Promise<boolean> {
  const plain = password.normalize('NFKC').toLowerCase();
  if (new Set(plain).size < LEAST_DIFFERENT || isSequence(plain)) return true;
  // The list has 80 KB, and few requests set a password.
  const { default: list } = await import('./common-passwords.json', { with: { type: 'json' } });
  const common = new Set(list);
  return [plain, unitOf(plain), lettersWithin(plain)].some((candidate) => common.has(candidate));
}

/** Whether each character follows the one before, as in `123456789012` or `abcdefghijkl`, forwards or backwards. */
function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => (((code - (codes[index] ?? 0)) % 10) + 10) % 10);
  return steps.every((step) => step === 1) || steps.every((step) => step === 9);
}

/** The shortest text that gives this one when it is repeated: `monkey` of `monkeymonkey`. */
function unitOf(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return text.slice(0, length);
}

/** The text between its first and its last letter: `password` of `12password!!`. */
function lettersWithin(text: string): string {
  const letters = [...text.matchAll(/\p{L}/gu)].map(({ index }) => index);
  return text.slice(letters.at(0) ?? 0, (letters.at(-1) ?? -1) + 1);
}

function isMostlyOwn(password: string, own: readonly (string | null)[]): boolean {
  const words = own.flatMap((text) => fold(text ?? '').match(/[\p{L}\p{N}]+/gu) ?? []);
  const longestFirst = words.filter((word) => word.length >= SHORTEST_WORD).sort((a, b) => b.length - a.length);
  const plain = fold(password).replace(/[^\p{L}\p{N}]/gu, '');
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ''), plain);
  return rest.length < plain.length && rest.length < LEAST_OF_ITS_OWN;
}

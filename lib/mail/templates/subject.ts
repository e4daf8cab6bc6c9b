import { filled, marked } from './marks.ts';
import type { Variables } from './variables.ts';

/** Characters of a subject: what mail programs show is less, and a header line has its limit. */
const LONGEST = 300;

const oneLine = (text: string) => text.replace(/\s+/g, ' ');

/** A subject with its values: one line without control characters, whatever the values hold. */
export function headerOf(subject: string, variables: Variables): string {
  const whole = filled(marked(subject), variables, { words: oneLine, value: oneLine });
  const characters = [...oneLine(whole).trim()];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : characters.join('');
}

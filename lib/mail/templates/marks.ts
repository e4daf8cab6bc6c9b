import { scan } from './scan.ts';
import { VARIABLES, type Variable, type Variables, variableNamed } from './variables.ts';

/** Where the marks begin: private characters, which Markdown takes for letters. */
const FIRST = 0xe000;
const MARKS = new RegExp(`[\\u{${FIRST.toString(16)}}-\\u{${(FIRST + VARIABLES.length - 1).toString(16)}}]`, 'gu');
/** With the space before it, which a value that is empty takes along. */
const SPACED_MARKS = new RegExp(` ?${MARKS.source}`, 'gu');

const markOf = (variable: Variable) => String.fromCodePoint(FIRST + VARIABLES.indexOf(variable));
const variableAt = (mark: string) => VARIABLES[(mark.codePointAt(0) ?? 0) - FIRST];

/**
 * A template with a private character in the place of each variable: it goes through Markdown as one letter, and its value
 * is put in where Markdown is over. Variables that there are not are left out.
 */
export function marked(template: string): string {
  return scan(template.replace(MARKS, '\ufffd'))
    .map((part) => {
      if ('words' in part) return part.words;
      const variable = variableNamed(part.name);
      return variable ? markOf(variable) : '';
    })
    .join('');
}

/** Marked text as its writer would have it: variables by their English names. */
export function unmarked(text: string): string {
  return text.replace(MARKS, (mark) => `$${variableAt(mark)}`);
}

/** Whether text is the mark of this variable and nothing else. */
export function isMarkOf(variable: Variable, text: string): boolean {
  return text === markOf(variable);
}

/** Marks that turn the direction of what follows: they would reach beyond the value. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A value without what only does harm; of control characters line breaks stay. */
function cleaned(value: string): string {
  return value
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(TURNS, '')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

/** Marked text with the values in the place of the marks; `write` makes of words and of values what they are there. */
export function filled(
  text: string,
  variables: Variables,
  write: { words: (words: string) => string; value: (value: string, variable: Variable) => string },
): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(SPACED_MARKS)) {
    const variable = variableAt(match[0].trimStart());
    const value = variable && cleaned(variables[variable] ?? '');
    result += write.words(text.slice(end, match.index));
    if (variable && value) result += (match[0].startsWith(' ') ? ' ' : '') + write.value(value, variable);
    end = match.index + match[0].length;
  }
  return result + write.words(text.slice(end));
}

import { isLinkVariable, VARIABLES, type Variable, type Variables, variableNamed } from './variables.ts';

/** A part of a template: literal text, or a variable by the name as written, with its offset in the template. */
type Part = { text: string } | { name: string; offset: number };

/** A backslash with the character that it escapes, a doubled dollar sign, or a variable: `$record.field`, or one word. */
const TOKEN = /\\[\s\S]|\$\$|\$(\p{L}[\p{L}\p{M}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{M}\p{N}_]*)?)/gu;

/**
 * The parts of a template, in order. A dollar sign that no letter follows is literal; before a letter it is written `$$` or
 * `\$`. Backslashes before any other character stay, for Markdown.
 */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    const [token, name] = match;
    const text = template.slice(end, match.index);
    end = match.index + token.length;
    if (name !== undefined) parts.push({ text }, { name, offset: match.index });
    else parts.push({ text: text + (token === '$$' || token === '\\$' ? '$' : token) });
  }
  parts.push({ text: template.slice(end) });
  return parts;
}

/** Placeholders are private use characters, one per variable. Markdown takes them for letters. */
const FIRST = 0xe000;
const PLACEHOLDERS = new RegExp(
  `[\\u{${FIRST.toString(16)}}-\\u{${(FIRST + VARIABLES.length - 1).toString(16)}}]`,
  'gu',
);
/** With the space before it, which is removed together with an empty value. */
const SPACED_PLACEHOLDERS = new RegExp(` ?${PLACEHOLDERS.source}`, 'gu');

const placeholderOf = (variable: Variable) => String.fromCodePoint(FIRST + VARIABLES.indexOf(variable));
const variableOf = (placeholder: string) => VARIABLES[(placeholder.codePointAt(0) ?? 0) - FIRST];

/**
 * Replaces each variable of a template by its placeholder. Values are put in after Markdown is parsed, so no value can
 * become markup. Unknown variables are left out.
 */
export function insertPlaceholders(template: string): string {
  // A placeholder that the author typed would stand for a variable.
  return parseTemplate(template.replace(PLACEHOLDERS, '\ufffd'))
    .map((part) => {
      if ('text' in part) return part.text;
      const variable = variableNamed(part.name);
      return variable ? placeholderOf(variable) : '';
    })
    .join('');
}

/** Replaces placeholders by the English names of their variables, as an author would write them. */
export function restoreVariableNames(text: string): string {
  return text.replace(PLACEHOLDERS, (placeholder) => `$${variableOf(placeholder)}`);
}

/** Whether the text is the placeholder of this variable and nothing else. */
export function isPlaceholderOf(variable: Variable, text: string): boolean {
  return text === placeholderOf(variable);
}

/** How many placeholders of links the text has. */
export function countLinkPlaceholders(text: string): number {
  return [...text.matchAll(PLACEHOLDERS)].filter(([placeholder]) => isLinkPlaceholder(placeholder)).length;
}

/** Whether the text is the placeholder of a link and nothing else. */
export function isLinkPlaceholder(text: string): boolean {
  const variable = variableOf(text);
  return variable !== undefined && isLinkVariable(variable) && isPlaceholderOf(variable, text);
}

/** Characters that set the writing direction. They would affect the text after the value. */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A value without direction controls and control characters. Line breaks stay, as `\n`. */
function sanitize(value: string): string {
  return value
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(DIRECTION_CONTROLS, '')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

/** Replaces placeholders by values. `text` and `value` write the two kinds of content in the output's format. */
export function fillPlaceholders(
  source: string,
  variables: Variables,
  format: { text: (text: string) => string; value: (value: string, variable: Variable) => string },
): string {
  let result = '';
  let end = 0;
  for (const match of source.matchAll(SPACED_PLACEHOLDERS)) {
    const variable = variableOf(match[0].trimStart());
    const value = variable && sanitize(variables[variable] ?? '');
    result += format.text(source.slice(end, match.index));
    if (variable && value) result += (match[0].startsWith(' ') ? ' ' : '') + format.value(value, variable);
    end = match.index + match[0].length;
  }
  return result + format.text(source.slice(end));
}

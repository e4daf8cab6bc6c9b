/** A part of a template: words as they are, or a variable by the name that was written. */
export type Part = { words: string } | { name: string; offset: number };

/** A backslash with what it escapes, a doubled dollar sign, or a variable: `$record.field`, or one word that names none. */
const TOKEN = /\\[\s\S]|\$\$|\$(\p{L}[\p{L}\p{M}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{M}\p{N}_]*)?)/gu;

/**
 * The words and variables of a template, in order. A dollar sign before anything but a letter is one; before a letter it is
 * written `$$` or `\$`. Backslashes before anything else stay.
 */
export function scan(template: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    const [token, name] = match;
    const words = template.slice(end, match.index);
    end = match.index + token.length;
    if (name !== undefined) parts.push({ words }, { name, offset: match.index });
    else parts.push({ words: words + (token === '$$' || token === '\\$' ? '$' : token) });
  }
  parts.push({ words: template.slice(end) });
  return parts;
}

/** Line and column of an offset, both from 1, as people count: characters, not UTF-16 units. */
export function placeOf(template: string, offset: number): { line: number; column: number } {
  const lines = template.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}

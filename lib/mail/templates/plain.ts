import { linkOf } from './links.ts';
import type { Token } from './markdown.ts';
import { filled } from './marks.ts';
import type { Variables } from './variables.ts';

const asIs = (text: string) => text;

/** Tokens as plain text: paragraphs with a line between them, lists with their signs, addresses behind what links there. */
export function plainOf(tokens: readonly Token[], variables: Variables): string {
  return blocksOf(tokens, variables).join('\n\n');
}

function blocksOf(tokens: readonly Token[], variables: Variables): string[] {
  const found: string[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    const end = endOf(tokens, index);
    found.push(blockOf(token, tokens.slice(index + 1, end), variables));
    index = end;
  }
  return found.filter((block) => block !== '');
}

/** Where the block ends that begins at `start`. */
function endOf(tokens: readonly Token[], start: number): number {
  const first = tokens[start];
  if (first?.nesting !== 1) return start;
  return tokens.findIndex((token, index) => index > start && token.nesting === -1 && token.level === first.level);
}

function blockOf(token: Token, inner: readonly Token[], variables: Variables): string {
  switch (token.type) {
    case 'inline':
      return inlineOf(token, variables);
    case 'hr':
      return '-'.repeat(40);
    case 'bullet_list_open':
      return listOf(inner, variables, () => '- ');
    case 'ordered_list_open': {
      const start = Number(token.attrGet('start') ?? 1);
      return listOf(inner, variables, (index) => `${start + index}. `);
    }
    case 'blockquote_open':
      return indented(blocksOf(inner, variables).join('\n\n'), '> ', '> ');
    default:
      return blocksOf(inner, variables).join('\n');
  }
}

function listOf(tokens: readonly Token[], variables: Variables, sign: (index: number) => string): string {
  return blocksOf(tokens, variables)
    .map((item, index) => indented(item, sign(index), ' '.repeat(sign(index).length)))
    .join('\n');
}

function indented(text: string, first: string, others: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? first : others}${line}`.trimEnd())
    .join('\n');
}

/** A line of words; of a link its words and, where they are not the address itself, the address. */
function inlineOf({ children }: Token, variables: Variables): string {
  let line = '';
  let link: { href: string; from: number } | undefined;
  for (const token of children ?? []) {
    if (token.type === 'link_open') {
      const href = linkOf(String(token.attrGet('href') ?? ''), variables);
      link = href === undefined ? undefined : { href, from: line.length };
    } else if (token.type === 'link_close') {
      if (link && !isSaid(link.href, line.slice(link.from))) line += ` (${shown(link.href)})`;
      link = undefined;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') line += '\n';
    else line += filled(token.content, variables, { words: asIs, value: asIs });
  }
  return line;
}

const shown = (href: string) => href.replace(/^mailto:/, '');

function isSaid(href: string, words: string): boolean {
  return [href, shown(href), href.replace(/\/$/, '')].includes(words);
}

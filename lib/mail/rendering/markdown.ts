import markdownIt from 'markdown-it';
import { countLinkPlaceholders, fillPlaceholders, isPlaceholderOf } from './placeholders.ts';
import type { Variables } from './variables.ts';

/** A token of markdown-it. */
export type Token = ReturnType<ReturnType<typeof markdownIt>['parse']>[number];

/**
 * The Markdown of mails: paragraphs, headings, emphasis, lists, quotes, rules and links; a line break stays one. No HTML.
 * No code, because people indent paragraphs. No images, because mail programs block what they load.
 */
const markdown = markdownIt({ html: false, linkify: false, typographer: false, breaks: true }).disable([
  'code',
  'fence',
  'backticks',
  'image',
  'table',
  'html_block',
  'html_inline',
  'reference',
  'entity',
]);

// URLs are normalized when their values are known.
markdown.normalizeLink = (href) => href;
markdown.normalizeLinkText = (text) => text;

/**
 * Whether a template may link to this address, which can contain placeholders: https, mailto, or the portal. An address must
 * not contain the link to the portal, because its site would learn the secret in it.
 */
export function isAllowedLink(href: string): boolean {
  if (isPlaceholderOf('portal.link', href)) return true;
  return /^(?:https:\/\/|mailto:)./i.test(href) && countLinkPlaceholders(href) === 0;
}

/** Parses a body with placeholders. A link that is not allowed stays text, unless `links` is `all`. */
export function parseMarkdown(body: string, links: 'allowed' | 'all' = 'allowed'): Token[] {
  markdown.validateLink = links === 'all' ? () => true : isAllowedLink;
  return markdown.parse(body, {});
}

/** The address that a link token names, with its placeholders. */
export const hrefOf = (link: Token): string => String(link.attrGet('href') ?? '');

/** The link to the portal; undefined if it is no URL. Plain http is allowed, because the local stack has no TLS. */
export function portalLink(variables: Variables): string | undefined {
  return normalizeUrl(variables['portal.link'] ?? '', /^https?:$/);
}

/** The URL of a link with its values, which are encoded as data; undefined if it is no valid URL. */
function resolveLink(href: string, variables: Variables): string | undefined {
  if (isPlaceholderOf('portal.link', href)) return portalLink(variables);
  const url = fillPlaceholders(href, variables, { text: (text) => text, value: encodeURIComponent });
  return normalizeUrl(url, /^(https|mailto):$/);
}

function normalizeUrl(text: string, protocol: RegExp): string | undefined {
  const url = URL.parse(text);
  return url && protocol.test(url.protocol) ? url.href : undefined;
}

/** How one output format writes the elements of a mail. Arguments are output already, except `text` and `value`. */
export interface Format {
  text(text: string): string;
  value(value: string): string;
  link(href: string, content: string): string;
  lineBreak: string;
  /** By token type, such as `strong_open`. */
  emphasis: Readonly<Record<string, string>>;
  rule: string;
  /** `isTight`: the paragraph is an item of a list without blank lines. */
  paragraph(content: string, isTight: boolean): string;
  heading(tag: string, content: string): string;
  bulletList(items: readonly string[]): string;
  numberedList(items: readonly string[], start: number): string;
  item(blocks: readonly string[]): string;
  quote(blocks: readonly string[]): string;
}

/** Writes each block of a parsed body in a format. */
export function writeBlocks(tokens: readonly Token[], variables: Variables, format: Format): string[] {
  const blocks: string[] = [];
  for (let start = 0; start < tokens.length; start++) {
    const token = tokens[start];
    if (!token) break;
    const end = endOfBlock(tokens, start);
    blocks.push(writeBlock(token, tokens.slice(start + 1, end), variables, format));
    start = end;
  }
  return blocks.filter((block) => block !== '');
}

/** The index of the token that closes the block that opens at `start`; `start` itself for a block of one token. */
function endOfBlock(tokens: readonly Token[], start: number): number {
  const open = tokens[start];
  if (open?.nesting !== 1) return start;
  let end = start + 1;
  while (tokens[end] && tokens[end]?.level !== open.level) end++;
  return end;
}

function writeBlock(token: Token, inner: readonly Token[], variables: Variables, format: Format): string {
  if (token.type === 'inline') return writeInline(token, variables, format);
  const blocks = writeBlocks(inner, variables, format);
  switch (token.type) {
    case 'hr':
      return format.rule;
    case 'paragraph_open':
      return format.paragraph(blocks.join(''), token.hidden);
    case 'heading_open':
      return format.heading(token.tag, blocks.join(''));
    case 'bullet_list_open':
      return format.bulletList(blocks);
    case 'ordered_list_open':
      return format.numberedList(blocks, Number(token.attrGet('start') ?? 1));
    case 'list_item_open':
      return format.item(blocks);
    case 'blockquote_open':
      return format.quote(blocks);
    default:
      throw new Error(`Markdown has an element that mails do not: ${token.type}`);
  }
}

function writeInline({ children }: Token, variables: Variables, format: Format): string {
  let line = '';
  /** The link that is open: its URL, if it has one, and where its content begins in `line`. */
  let link: { href: string | undefined; start: number } | undefined;
  const content = {
    text: format.text,
    value(value: string, variable: string) {
      const href = variable === 'portal.link' && !link ? portalLink(variables) : undefined;
      return href === undefined ? format.value(value) : format.link(href, format.text(href));
    },
  };
  for (const token of children ?? []) {
    if (token.type === 'link_open') link = { href: resolveLink(hrefOf(token), variables), start: line.length };
    else if (token.type === 'link_close') {
      if (link?.href !== undefined) line = line.slice(0, link.start) + format.link(link.href, line.slice(link.start));
      link = undefined;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') line += format.lineBreak;
    else line += format.emphasis[token.type] ?? fillPlaceholders(token.content, variables, content);
  }
  return line;
}

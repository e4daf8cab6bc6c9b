import { linkOf, portalLink } from './links.ts';
import type { Token } from './markdown.ts';
import { filled } from './marks.ts';
import type { Variable, Variables } from './variables.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for between the tags of HTML, or for between the quotes of an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A value as text of its own direction, so that a name does not turn the words around it. */
function isolated(value: string): string {
  const html = escaped(value).replaceAll('\n', '<br>');
  return RIGHT_TO_LEFT.test(value) ? `<span dir="auto">${html}</span>` : html;
}

const style = {
  p: 'margin:0 0 16px',
  list: 'margin:0 0 16px;padding:0 24px',
  item: 'margin:0 0 4px',
  blockquote: 'margin:0 0 16px;padding:0 16px;border-left:3px solid #8a94a0;border-right:0',
  hr: 'margin:24px 0;border:0;border-top:1px solid #8a94a0',
} as const;

/** Sizes of headings, in pixels; deeper ones are as large as the text. */
const headings: Readonly<Record<string, number>> = { h1: 22, h2: 19, h3: 17 };

const blocks: Readonly<Record<string, (token: Token) => string>> = {
  paragraph_open: ({ hidden }) => (hidden ? '' : `<p dir="auto" style="${style.p}">`),
  paragraph_close: ({ hidden }) => (hidden ? '' : '</p>'),
  heading_open: ({ tag }) =>
    `<${tag} dir="auto" style="margin:24px 0 12px;font-size:${headings[tag] ?? 16}px;line-height:1.3">`,
  heading_close: ({ tag }) => `</${tag}>`,
  bullet_list_open: () => `<ul dir="auto" style="${style.list}">`,
  bullet_list_close: () => '</ul>',
  ordered_list_open: (token) => `<ol dir="auto" style="${style.list}"${startOf(token)}>`,
  ordered_list_close: () => '</ol>',
  list_item_open: () => `<li dir="auto" style="${style.item}">`,
  list_item_close: () => '</li>',
  blockquote_open: () => `<blockquote style="${style.blockquote}">`,
  blockquote_close: () => '</blockquote>',
  hr: () => `<hr style="${style.hr}">`,
};

function startOf(token: Token): string {
  const start = Number(token.attrGet('start') ?? 1);
  return start === 1 ? '' : ` start="${start}"`;
}

const emphasis: Readonly<Record<string, string>> = {
  softbreak: '<br>',
  hardbreak: '<br>',
  strong_open: '<strong>',
  strong_close: '</strong>',
  em_open: '<em>',
  em_close: '</em>',
  s_open: '<s>',
  s_close: '</s>',
};

const anchor = (href: string, color: string) =>
  `<a href="${escaped(href)}" class="link" style="color:${color};text-decoration:underline">`;

/** Tokens as HTML of a mail: every style inline, nothing but these elements, links in their color. */
export function htmlOf(tokens: readonly Token[], variables: Variables, color: string): string {
  return tokens
    .map((token) => (token.type === 'inline' ? inlineOf(token, variables, color) : (blocks[token.type]?.(token) ?? '')))
    .join('');
}

function inlineOf({ children }: Token, variables: Variables, color: string): string {
  // Whether the link that we are in leads anywhere; undefined outside of links.
  let open: boolean | undefined;
  const value = (text: string, variable: Variable) => {
    const link = variable === 'portal.link' && open === undefined ? portalLink(variables) : undefined;
    return link ? `${anchor(link, color)}${escaped(link)}</a>` : isolated(text);
  };
  return (children ?? [])
    .map((token) => {
      if (token.type === 'link_open') {
        const href = linkOf(String(token.attrGet('href') ?? ''), variables);
        open = href !== undefined;
        return href === undefined ? '' : anchor(href, color);
      }
      if (token.type === 'link_close') {
        const close = open ? '</a>' : '';
        open = undefined;
        return close;
      }
      return emphasis[token.type] ?? filled(token.content, variables, { words: escaped, value });
    })
    .join('');
}

import markdownIt from 'markdown-it';
import { isMarkOf } from './marks.ts';

/** What a parsed body is made of: the tokens of markdown-it. */
export type Token = ReturnType<ReturnType<typeof markdownIt>['parse']>[number];

/**
 * Markdown as mails have it: paragraphs, headings, emphasis, lists, quotes, rules and links. No HTML, no code (people indent
 * their letters), no images (mails that load nothing are shown as they are), and a line break is one.
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

// Links are made when the values are known; until then they are left as they were written.
markdown.normalizeLink = (href) => href;
markdown.normalizeLinkText = (text) => text;

/** Whether a template may link there: to an address that a mail program opens safely, or into the portal. */
export function isAllowedLink(href: string): boolean {
  return /^(?:https:\/\/|mailto:)./i.test(href) || isMarkOf('portal.link', href);
}

/** A marked body as tokens. What is no allowed link stays the text that it was, unless all links are asked for. */
export function parsed(body: string, links: 'allowed' | 'all' = 'allowed'): Token[] {
  markdown.validateLink = links === 'all' ? () => true : isAllowedLink;
  return markdown.parse(body, {});
}

import type { Format } from './markdown.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for the content of an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Isolates the direction of a value, so that a name does not reorder the text around it. */
function writeValue(value: string): string {
  const html = escapeHtml(value).replaceAll('\n', '<br>');
  return RIGHT_TO_LEFT.test(value) ? `<span dir="auto">${html}</span>` : html;
}

const LIST = 'dir="auto" style="margin:0 0 16px;padding:0 24px"';

/** Font sizes in pixels; deeper headings are as large as the text. */
const HEADINGS: Readonly<Record<string, number>> = { h1: 22, h2: 19, h3: 17 };

/** HTML of a mail: these elements only, each with its style inline, as mail programs need it. */
export function htmlFormat(linkColor: string): Format {
  return {
    text: escapeHtml,
    value: writeValue,
    link: (href, content) =>
      `<a href="${escapeHtml(href)}" class="link" style="color:${linkColor};text-decoration:underline">${content}</a>`,
    lineBreak: '<br>',
    emphasis: {
      strong_open: '<strong>',
      strong_close: '</strong>',
      em_open: '<em>',
      em_close: '</em>',
      s_open: '<s>',
      s_close: '</s>',
    },
    rule: '<hr style="margin:24px 0;border:0;border-top:1px solid #8a94a0">',
    paragraph: (content, isTight) => (isTight ? content : `<p dir="auto" style="margin:0 0 16px">${content}</p>`),
    heading: (tag, content) =>
      `<${tag} dir="auto" style="margin:24px 0 12px;font-size:${HEADINGS[tag] ?? 16}px;line-height:1.3">${content}</${tag}>`,
    bulletList: (items) => `<ul ${LIST}>${items.join('')}</ul>`,
    numberedList: (items, start) => `<ol ${LIST}${start === 1 ? '' : ` start="${start}"`}>${items.join('')}</ol>`,
    item: (blocks) => `<li dir="auto" style="margin:0 0 4px">${blocks.join('')}</li>`,
    quote: (blocks) =>
      `<blockquote style="margin:0 0 16px;padding:0 16px;border-left:3px solid #8a94a0;border-right:0">${blocks.join('')}</blockquote>`,
  };
}

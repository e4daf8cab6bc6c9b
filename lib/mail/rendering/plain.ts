import type { Format } from './markdown.ts';

const keep = (text: string) => text;

/** Plain text of a mail: lists with their markers, quotes with `>`, and behind a link's words its address. */
export const plainFormat: Format = {
  text: keep,
  value: keep,
  link(href, content) {
    const address = href.replace(/^mailto:/, '');
    return [href, address, href.replace(/\/$/, '')].includes(content) ? content : `${content} (${address})`;
  },
  lineBreak: '\n',
  emphasis: {},
  rule: '-'.repeat(40),
  paragraph: keep,
  heading: (_tag, content) => content,
  bulletList: (items) => items.map((item) => indent(item, '- ', '  ')).join('\n'),
  numberedList: (items, start) =>
    items
      .map((item, index) => {
        const marker = `${start + index}. `;
        return indent(item, marker, ' '.repeat(marker.length));
      })
      .join('\n'),
  item: (blocks) => blocks.join('\n'),
  quote: (blocks) => indent(blocks.join('\n\n'), '> ', '> '),
};

function indent(text: string, first: string, others: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? first : others}${line}`.trimEnd())
    .join('\n');
}

import { htmlOf } from './html.ts';
import { portalLink } from './links.ts';
import { parsed, type Token } from './markdown.ts';
import { filled, isMarkOf, marked } from './marks.ts';
import { plainOf } from './plain.ts';
import type { Variables } from './variables.ts';

/** A mail's body in order: words as HTML and as plain text, and buttons into the portal. */
export type Block = { html: string; text: string } | { label: string; href: string };

/** What a button says whose template does not. */
const OPEN: Readonly<Record<string, string>> = { en: 'Open', fr: 'Ouvrir', de: 'Öffnen', es: 'Abrir' };

/** A body with its values. `$portal.link` alone in a paragraph, by itself or under words, is a button. */
export function bodyOf(
  body: string,
  variables: Variables,
  { language, linkColor }: { language: string; linkColor: string },
): Block[] {
  const href = portalLink(variables);
  const blocks: Block[] = [];
  let words: Token[] = [];
  const finish = () => {
    if (words.length > 0) blocks.push({ html: htmlOf(words, variables, linkColor), text: plainOf(words, variables) });
    words = [];
  };
  const tokens = parsed(marked(body));
  for (let index = 0; index < tokens.length; index++) {
    const button = buttonAt(tokens, index, variables);
    if (button === undefined) words.push(...tokens.slice(index, index + 1));
    else {
      finish();
      if (href) blocks.push({ href, label: button || (OPEN[new Intl.Locale(language).language] ?? 'Open') });
      index += 2;
    }
  }
  finish();
  return blocks;
}

/** What the button says that the paragraph at `index` is, empty where it says nothing; undefined where it is none. */
function buttonAt(tokens: readonly Token[], index: number, variables: Variables): string | undefined {
  const [open, inline] = tokens.slice(index, index + 2);
  if (open?.type !== 'paragraph_open' || open.level !== 0 || !inline) return undefined;
  const children = inline.children ?? [];
  const [first] = children;
  if (children.length === 1 && first && isMarkOf('portal.link', first.content.trim())) return '';
  const alone =
    first?.type === 'link_open' && children.findIndex(({ type }) => type === 'link_close') === children.length - 1;
  if (!alone || !isMarkOf('portal.link', String(first.attrGet('href') ?? ''))) return undefined;
  const words = children.map(({ content }) => content).join('');
  const label = filled(words, variables, { words: (text) => text, value: (text) => text }).trim();
  return isMarkOf('portal.link', words) ? '' : label;
}

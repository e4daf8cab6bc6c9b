import { withoutClosing } from '../templates/closing.ts';
import type { RenderedMail, TemplateText } from '../templates/schema.ts';
import { colorOrDefault, readableOn } from './colors.ts';
import { type Block, type Frame, renderFrame } from './frame.ts';
import { htmlFormat } from './html.ts';
import { hrefOf, parseMarkdown, portalLink, type Token, writeBlocks } from './markdown.ts';
import { fillPlaceholders, insertPlaceholders, isPlaceholderOf } from './placeholders.ts';
import { plainFormat } from './plain.ts';
import type { Variables } from './variables.ts';

interface MailContent {
  /** The language that the text is in: BCP 47. */
  language: string;
  text: TemplateText;
  variables: Variables;
  frame: Frame;
}

/** Characters of a subject. Mail programs show fewer, and a header line has a limit. */
const MAX_SUBJECT = 300;

/** The label of a button whose template gives none. */
const OPEN: Readonly<Record<string, string>> = { en: 'Open', fr: 'Ouvrir', de: 'Öffnen', es: 'Abrir' };

/**
 * Renders a mail: a subject of one line without control characters, HTML, and plain text of the same words. Values are
 * always text: they cannot add Markdown, HTML or a header. Variables without a value are left out. Pure.
 */
export function renderMail({ language, text, variables, frame }: MailContent): RenderedMail {
  const color = colorOrDefault(frame.color);
  const subject = renderSubject(text.subject, variables);
  const body = frame.signature?.trim() ? withoutClosing(text.body) : text.body;
  const blocks = renderBody(body, variables, { language, linkColor: readableOn('#ffffff', color) });
  return { subject, ...renderFrame({ subject, blocks, language, color, frame }) };
}

function renderSubject(subject: string, variables: Variables): string {
  const joinLines = (text: string) => text.replace(/\s+/g, ' ');
  const filled = fillPlaceholders(insertPlaceholders(subject), variables, { text: joinLines, value: joinLines });
  const characters = [...joinLines(filled).trim()];
  return characters.length > MAX_SUBJECT ? `${characters.slice(0, MAX_SUBJECT - 1).join('')}…` : characters.join('');
}

/** `$portal.link` that is alone in a paragraph, or the only link there, becomes a button. */
function renderBody(
  body: string,
  variables: Variables,
  { language, linkColor }: { language: string; linkColor: string },
): Block[] {
  const href = portalLink(variables);
  const formats = { html: htmlFormat(linkColor), text: plainFormat };
  const blocks: Block[] = [];
  let words: Token[] = [];
  const finishWords = () => {
    if (words.length > 0)
      blocks.push({
        html: writeBlocks(words, variables, formats.html).join(''),
        text: writeBlocks(words, variables, formats.text).join('\n\n'),
      });
    words = [];
  };
  const tokens = parseMarkdown(insertPlaceholders(body));
  for (let index = 0; index < tokens.length; index++) {
    const label = buttonLabelAt(tokens, index, variables);
    if (label === undefined) words.push(...tokens.slice(index, index + 1));
    else {
      finishWords();
      if (href) blocks.push({ href, label: label || (OPEN[new Intl.Locale(language).language] ?? 'Open') });
      // A paragraph is three tokens: its begin, its content and its end.
      index += 2;
    }
  }
  finishWords();
  return blocks;
}

/** The label of the button that the paragraph at `index` is, empty if it has none; undefined if it is no button. */
function buttonLabelAt(tokens: readonly Token[], index: number, variables: Variables): string | undefined {
  const [open, inline] = tokens.slice(index, index + 2);
  if (open?.type !== 'paragraph_open' || open.level !== 0 || !inline) return undefined;
  const children = inline.children ?? [];
  const [first] = children;
  if (children.length === 1 && first && isPlaceholderOf('portal.link', first.content.trim())) return '';
  const isOneLink =
    first?.type === 'link_open' && children.findIndex(({ type }) => type === 'link_close') === children.length - 1;
  if (!isOneLink || !isPlaceholderOf('portal.link', hrefOf(first))) return undefined;
  const words = children.map(({ content }) => content).join('');
  if (isPlaceholderOf('portal.link', words)) return '';
  return fillPlaceholders(words, variables, { text: (text) => text, value: (value) => value }).trim();
}

import type { Block } from './body.ts';
import { readableOn, textOn, VISIBLE } from './colors.ts';
import { frameHtml } from './frame-html.ts';
import { escaped } from './html.ts';
import { directionOf } from './language.ts';

/** What stands around every mail of a company. */
export interface Frame {
  companyName: string;
  /** `#rrggbb`; our own where the company has none. */
  color?: string | null | undefined;
  /** The effective `emailSignature`: plain text below the body. */
  signature?: string | null | undefined;
}

/** The card's background where the reader's program is dark, as frame.mjml has it. */
const DARK = '#1f252c';
/** Characters of the line that mail programs show beside the subject. */
const PREVIEW = 140;

/** A mail's blocks in the frame of its company, as HTML and as plain text. */
export function inFrame(mail: {
  subject: string;
  blocks: readonly Block[];
  language: string;
  color: string;
  frame: Frame;
}) {
  const { subject, blocks, language, color } = mail;
  const { companyName } = mail.frame;
  const signature = mail.frame.signature?.trim() ?? '';
  const words = blocks.flatMap((block) => ('html' in block ? [block.text] : [])).join(' ');
  const direction = directionOf(language);
  const colorOnDark = readableOn(DARK, color, VISIBLE);
  const everywhere = {
    language: escaped(language),
    direction,
    start: direction === 'rtl' ? 'right' : 'left',
    subject: escaped(subject),
    preview: escaped([...words.replace(/\s+/g, ' ')].slice(0, PREVIEW).join('')),
    companyName: escaped(companyName),
    color,
    textOnColor: textOn(color),
    linkOnDark: readableOn(DARK, color),
    colorOnDark,
    textOnColorOnDark: textOn(colorOnDark),
  };
  const html = [
    fill(frameHtml.before, everywhere),
    ...blocks.map((block) =>
      'html' in block
        ? fill(frameHtml.words, { ...everywhere, words: block.html })
        : fill(frameHtml.button, { ...everywhere, href: escaped(block.href), label: escaped(block.label) }),
    ),
    ...(signature ? [fill(frameHtml.signature, { ...everywhere, signature: linesOf(signature) })] : []),
    fill(frameHtml.after, everywhere),
  ].join('');
  const texts = blocks.map((block) => ('html' in block ? block.text : `${block.label}\n${block.href}`));
  return { html, text: `${[...texts, ...(signature ? [`-- \n${signature}`] : [])].join('\n\n')}\n` };
}

const linesOf = (text: string) => escaped(text).replace(/\r\n|\r|\n/g, '<br>');

/** Puts values in their places in one pass: what looks like a place inside a value stays. */
function fill(html: string, values: Readonly<Record<string, string>>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}

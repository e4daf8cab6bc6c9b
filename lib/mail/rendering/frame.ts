import { readableOn, textOn } from './colors.ts';
import { frameHtml } from './frame-html.ts';
import { escapeHtml } from './html.ts';
import type { FooterPart } from './letterhead.ts';

/** A part of a mail's body: words in both formats, or a button that opens the portal. */
export type Block = { html: string; text: string } | { label: string; href: string };

/** The company's part of each of its mails. */
export interface Frame {
  companyName: string;
  /** `#rrggbb`, or the default. */
  color?: string | null | undefined;
  /** The effective `emailSignature`: plain text below the body, in place of the closing of a built-in text. */
  signature?: string | null | undefined;
  /** The foot: lines of parts. */
  footer?: readonly FooterPart[][] | undefined;
  /** Stands in place of the company's name. */
  logo?: FrameLogo | undefined;
}

/** A picture with the address that its bytes have in the mail, and its size in pixels. */
export interface FrameLogo {
  src: string;
  width: number;
  height: number;
}

/** The box in pixels that a logo is made to fit into. */
const LOGO_BOX = { width: 240, height: 64 };

/** The card's background in dark mode, as in frame.mjml. */
const DARK_BACKGROUND = '#1f252c';
/** Characters of the preview line that mail programs show beside the subject. */
const MAX_PREVIEW = 140;

/** Puts a mail's blocks into the frame of its company, as HTML and as plain text. */
export function renderFrame(mail: {
  subject: string;
  blocks: readonly Block[];
  language: string;
  color: string;
  frame: Frame;
}) {
  const { subject, blocks, language, color } = mail;
  const { companyName, logo, footer = [] } = mail.frame;
  const signature = mail.frame.signature?.trim() ?? '';
  const words = blocks.flatMap((block) => ('html' in block ? [block.text] : [])).join(' ');
  const direction = directionOf(language);
  const colorOnDark = readableOn(DARK_BACKGROUND, color);
  const common = {
    language: escapeHtml(language),
    direction,
    start: direction === 'rtl' ? 'right' : 'left',
    subject: escapeHtml(subject),
    preview: escapeHtml([...words.replace(/\s+/g, ' ')].slice(0, MAX_PREVIEW).join('')),
    companyName: escapeHtml(companyName),
    color,
    linkColor: readableOn('#ffffff', color),
    textOnColor: textOn(color),
    colorOnDark,
    textOnColorOnDark: textOn(colorOnDark),
  };
  const html = [
    fillSlots(frameHtml.before, common),
    logo
      ? fillSlots(frameHtml.logo, { ...common, logoSrc: escapeHtml(logo.src), logoWidth: `${displayedWidth(logo)}` })
      : fillSlots(frameHtml.name, common),
    ...blocks.map((block) =>
      'html' in block
        ? fillSlots(frameHtml.words, { ...common, words: block.html })
        : fillSlots(frameHtml.button, { ...common, href: escapeHtml(block.href), label: escapeHtml(block.label) }),
    ),
    ...(signature ? [fillSlots(frameHtml.signature, { ...common, signature: linesAsHtml(signature) })] : []),
    fillSlots(frameHtml.cardEnd, common),
    ...(footer.length > 0 ? [fillSlots(frameHtml.footer, { ...common, footer: footerAsHtml(footer) })] : []),
    fillSlots(frameHtml.after, common),
  ].join('');
  const texts = blocks.map((block) => ('html' in block ? block.text : `${block.label}\n${block.href}`));
  const foot = footer.map((line) => line.map(({ text }) => text).join(' · ')).join('\n');
  const end = [signature, foot].filter((part) => part !== '').join('\n\n');
  return { html, text: `${[...texts, ...(end ? [`-- \n${end}`] : [])].join('\n\n')}\n` };
}

/** Where the logo fits into its box, no larger than it is. */
function displayedWidth({ width, height }: FrameLogo): number {
  const scale = Math.min(1, LOGO_BOX.width / width, LOGO_BOX.height / height);
  return Math.max(1, Math.round(width * scale));
}

/** Each part in its own direction, because a phone number or a name may run against the language. */
function footerAsHtml(lines: readonly FooterPart[][]): string {
  const partAsHtml = ({ text, href }: FooterPart) =>
    href === undefined
      ? `<span dir="auto">${escapeHtml(text)}</span>`
      : `<a href="${escapeHtml(href)}" style="color:#55606d">${escapeHtml(text)}</a>`;
  return lines.map((line) => line.map(partAsHtml).join(' · ')).join('<br>');
}

const linesAsHtml = (text: string) => escapeHtml(text).replace(/\r\n|\r|\n/g, '<br>');

/** Replaces each `{{slot}}` of the frame in one pass, so that a value that looks like a slot stays as it is. */
function fillSlots(html: string, values: Readonly<Record<string, string>>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}

const RIGHT_TO_LEFT_LANGUAGES = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);
const RIGHT_TO_LEFT_SCRIPTS = new Set(['Arab', 'Hebr', 'Thaa']);

/** The writing direction of a language. */
function directionOf(language: string): 'ltr' | 'rtl' {
  const { language: base, script } = new Intl.Locale(language);
  const isRightToLeft = script === undefined ? RIGHT_TO_LEFT_LANGUAGES.has(base) : RIGHT_TO_LEFT_SCRIPTS.has(script);
  return isRightToLeft ? 'rtl' : 'ltr';
}

import markdownIt from 'markdown-it';
import type { InputFault } from '../../shared/errors.ts';
import { mailKinds, type TemplateKey } from '../kinds.ts';
import { hrefOf, parseMarkdown, type Token } from '../rendering/markdown.ts';
import {
  countLinkPlaceholders,
  fillPlaceholders,
  insertPlaceholders,
  isLinkPlaceholder,
  parseTemplate,
} from '../rendering/placeholders.ts';
import { isLinkVariable, variableNamed } from '../rendering/variables.ts';
import { positionOf } from './position.ts';
import type { TemplateText } from './schema.ts';

/**
 * The faults of the link variables of a text. The holder of such a link may sign in, so it must not become a part of
 * another address, neither in HTML nor where a mail program makes links of plain text. It may be the whole address of a
 * link, or stand between spaces. A mail that exists for its link must have it as a link that people can see.
 */
export function checkLinkVariables(key: TemplateKey, { subject, body }: Partial<TemplateText>): InputFault[] {
  return [
    ...(subject === undefined ? [] : checkSubject(subject)),
    ...(body === undefined || body.trim() === '' ? [] : checkBody(key, body)),
  ];
}

function checkSubject(subject: string): InputFault[] {
  return offsetsOfLinkVariables(subject).map((offset) => ({
    pointer: '/subject',
    code: 'variable-not-here',
    detail: `${positionOf(subject, offset)}: a subject cannot have a link.`,
  }));
}

function checkBody(key: TemplateKey, body: string): InputFault[] {
  const source = insertPlaceholders(body);
  const tokens = parseMarkdown(source, 'all').filter(({ type }) => type === 'inline');
  const placements = tokens.map((token) => ({ line: token.map?.[0] ?? 0, ...placeLinks(token) }));
  const misplaced = placements.filter(({ isMisplaced }) => isMisplaced).map(({ line }) => line);
  if (misplaced.length === 0 && isHidden(source)) misplaced.push(0);
  if (misplaced.length > 0) return misplaced.map((line) => misplacedFault(body, line));
  const needsLink = mailKinds[key].oneTimeLink !== null;
  if (!needsLink || placements.some(({ isUsable }) => isUsable)) return [];
  const detail = `The mail ${key} needs its link: $portal.link between spaces, or [words]($portal.link).`;
  return [{ pointer: '/body', code: 'link-missing', detail }];
}

/** The fault of the first link variable in or after the line, which counts from 0. */
function misplacedFault(body: string, line: number): InputFault {
  const offsets = offsetsOfLinkVariables(body);
  const start = startOfLine(body, line);
  const offset = offsets.find((one) => one >= start) ?? offsets[0] ?? 0;
  return {
    pointer: '/body',
    code: 'link-variable-not-alone',
    detail: `${positionOf(body, offset)}: a link variable stands between spaces, or is the whole address of a link: [words]($portal.link).`,
  };
}

function offsetsOfLinkVariables(template: string): number[] {
  return parseTemplate(template).flatMap((part) => {
    const variable = 'name' in part ? variableNamed(part.name) : undefined;
    return variable && 'name' in part && isLinkVariable(variable) ? [part.offset] : [];
  });
}

function startOfLine(text: string, line: number): number {
  const ends = [...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length);
  return line === 0 ? 0 : (ends[line - 1] ?? 0);
}

interface Placement {
  /** A link variable is a part of something else. */
  isMisplaced: boolean;
  /** A link variable is a link that people can see. */
  isUsable: boolean;
}

/** What stands in the visible text for a link whose address is a link variable. Any letter would do. */
const LINK_WORDS = 'x';
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** How the link variables of a paragraph, a heading or an item are placed. */
function placeLinks({ children }: Token): Placement {
  const placement: Placement = { isMisplaced: false, isUsable: false };
  /** The text outside links, as people see it: emphasis shows in HTML only. */
  let shown = '';
  let link: { href: string; words: string } | undefined;
  for (const token of children ?? []) {
    if (token.type === 'link_open') {
      link = { href: hrefOf(token), words: '' };
      if (countLinkPlaceholders(String(token.attrGet('title') ?? '')) > 0) placement.isMisplaced = true;
    } else if (token.type === 'link_close' && link) {
      // An exclamation mark would make it an image.
      const isWhole = isLinkPlaceholder(link.href) && !shown.endsWith('!');
      if (!isWhole && countLinkPlaceholders(link.href) > 0) placement.isMisplaced = true;
      if (countLinkPlaceholders(link.words) > 0) placement.isMisplaced = true;
      if (isWhole && VISIBLE.test(wordsAtLeast(link.words))) placement.isUsable = true;
      shown += LINK_WORDS;
      link = undefined;
    } else {
      const text = token.type === 'softbreak' || token.type === 'hardbreak' ? '\n' : token.content;
      if (link) link.words += text;
      else shown += text;
    }
  }
  const characters = [...shown];
  for (const [index, character] of characters.entries()) {
    if (!isLinkPlaceholder(character)) continue;
    if (isAlone(characters, index)) placement.isUsable = true;
    else placement.isMisplaced = true;
  }
  return placement;
}

/** The words of a link as they are if no variable has a value but the one that always has. */
function wordsAtLeast(words: string): string {
  return fillPlaceholders(words, { 'company.name': 'company' }, { text: (text) => text, value: (value) => value });
}

/** Spaces that end an address in every mail program. */
const isSpace = (character: string | undefined) => character === undefined || /[ \t\n]/.test(character);

/** Whether spaces surround the character, or a mark follows that ends a sentence or a part of it. */
function isAlone(characters: readonly string[], index: number): boolean {
  const [after, beyond] = characters.slice(index + 1, index + 3);
  const endsPart = after !== undefined && '.,;:!?'.includes(after) && isSpace(beyond);
  return isSpace(characters[index - 1]) && (isSpace(after) || endsPart);
}

/** Markdown with what the Markdown of mails leaves out: code, images, HTML and references. */
const commonMark = markdownIt('commonmark').disable('code');
commonMark.normalizeLink = (href) => href;
commonMark.validateLink = () => true;

/**
 * Whether a link variable is in code, an image, HTML or the definition of a reference, for a reader who knows these. The
 * mail would show their marks as text.
 */
function isHidden(source: string): boolean {
  const environment: { references?: Record<string, { href: string; title: string }> } = {};
  const tokens = commonMark.parse(source, environment).flatMap(({ children }) => children ?? []);
  const definitions = Object.values(environment.references ?? {});
  if (definitions.some(({ href, title }) => countLinkPlaceholders(href + title) > 0)) return true;
  const open = tokens.map((token) => {
    if (token.type === 'link_open') return hrefOf(token);
    return token.type === 'text' ? token.content : '';
  });
  return countLinkPlaceholders(open.join('')) < countLinkPlaceholders(source);
}

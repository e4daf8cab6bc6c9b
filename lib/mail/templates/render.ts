import { bodyOf } from './body.ts';
import { builtInText } from './built-in.ts';
import { colorOrDefault, readableOn } from './colors.ts';
import { type Frame, inFrame } from './frame.ts';
import type { RenderedMail, TemplateKey, TemplateText } from './schema.ts';
import { headerOf } from './subject.ts';
import type { Variables } from './variables.ts';

export interface MailRequest {
  key: TemplateKey;
  /** The language that the text is in: BCP 47. */
  language: string;
  /** Left out, it is the text that is built in. */
  text?: TemplateText | undefined;
  variables: Variables;
  frame: Frame;
}

/**
 * A mail as it is sent: a subject of one line without control characters, HTML, and plain text of the same words. Values are
 * text wherever they stand: no Markdown, no HTML, no second header comes of them. Pure; variables that a text names but the
 * mail does not have are left out.
 */
export function renderMail({ key, language, text, variables, frame }: MailRequest): RenderedMail {
  const { subject, body } = text ?? builtInText(key, language);
  const color = colorOrDefault(frame.color);
  const header = headerOf(subject, variables);
  const blocks = bodyOf(body, variables, { language, linkColor: readableOn('#ffffff', color) });
  return { subject: header, ...inFrame({ subject: header, blocks, language, color, frame }) };
}

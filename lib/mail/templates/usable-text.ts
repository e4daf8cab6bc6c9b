import type { TemplateKey } from '../kinds.ts';
import { builtInText } from './built-in.ts';
import { languageChain } from './language.ts';
import { checkLinkVariables } from './link-checks.ts';
import type { TemplateText } from './schema.ts';

interface TextInLanguage {
  text: TemplateText;
  language: string;
}

/**
 * The text that a mail is sent with: the given one, or the built-in one if its link variables do not stand by themselves. Such
 * a text was saved by a version that did not check this.
 */
export function usableText(key: TemplateKey, given: TextInLanguage, languages: readonly string[]): TextInLanguage {
  const hasFaults = checkLinkVariables(key, given.text).length > 0;
  return hasFaults ? builtInTextIn(key, [given.language, ...languages]) : given;
}

/** The built-in text in the first of these languages that has one, else in English. */
export function builtInTextIn(key: TemplateKey, languages: readonly string[]): TextInLanguage {
  for (const language of languageChain(languages)) {
    const text = builtInText(key, language);
    if (text) return { text, language };
  }
  throw new Error(`there is no built-in text for ${key}`);
}

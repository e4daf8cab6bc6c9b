import { german } from './built-in/de.ts';
import { english } from './built-in/en.ts';
import { spanish } from './built-in/es.ts';
import { french } from './built-in/fr.ts';
import type { TemplateKey, TemplateText } from './schema.ts';

const texts: Readonly<Record<string, Record<TemplateKey, TemplateText>>> = {
  en: english,
  fr: french,
  de: german,
  es: spanish,
};

/** The languages that every text is built in for. */
export const BUILT_IN_LANGUAGES: readonly string[] = Object.keys(texts);

/** The text that is built in, in exactly this language; undefined where there is none. */
export function ownBuiltInText(key: TemplateKey, language: string): TemplateText | undefined {
  return Object.hasOwn(texts, language) ? texts[language]?.[key] : undefined;
}

/** The text that is built in, in the base of this language; in English where there is none. */
export function builtInText(key: TemplateKey, language: string): TemplateText {
  const [base = ''] = language.split('-');
  return ownBuiltInText(key, base) ?? english[key];
}

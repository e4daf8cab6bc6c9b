import type { TemplateKey } from '../kinds.ts';
import { german } from './built-in/de.ts';
import { english } from './built-in/en.ts';
import { spanish } from './built-in/es.ts';
import { french } from './built-in/fr.ts';
import type { TemplateText } from './schema.ts';

const texts: Readonly<Record<string, Record<TemplateKey, TemplateText>>> = {
  en: english,
  fr: french,
  de: german,
  es: spanish,
};

/** The languages that have a built-in text for every mail. */
export const BUILT_IN_LANGUAGES: readonly string[] = Object.keys(texts);

/** The built-in text in exactly this language; undefined if there is none. */
export function builtInText(key: TemplateKey, language: string): TemplateText | undefined {
  return Object.hasOwn(texts, language) ? texts[language]?.[key] : undefined;
}

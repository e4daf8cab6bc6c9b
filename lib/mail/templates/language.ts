/** The languages to look for a text in, in order: each one, then its base languages, and English at the end. */
export function languageChain(languages: readonly string[]): string[] {
  const chain = languages.flatMap((tag) => {
    const parts = tag.split('-');
    return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
  });
  // A language tag cannot end with a single letter, as `en-x` of `en-x-private` would.
  return [...new Set([...chain.filter((tag) => !/-\w$/.test(tag)), 'en'])];
}

/** Whether a text in `textLanguage` is one in `language`: the same language, or its base. */
export function isInLanguage(textLanguage: string, language: string): boolean {
  return textLanguage === language || language.startsWith(`${textLanguage}-`);
}

/** Languages in which a text is looked for, the best first: each with its base language after it, and English last. */
export function languageChain(languages: readonly string[]): string[] {
  const chain = languages.flatMap((tag) => {
    const parts = tag.split('-');
    return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
  });
  // A singleton (`x` of `en-x-private`) is no end of a language tag.
  return [...new Set([...chain.filter((tag) => !/-\w$/.test(tag)), 'en'])];
}

/** Whether a text in `other` is one in `language`: the same, or its base. */
export function isInLanguage(other: string, language: string): boolean {
  return other === language || language.startsWith(`${other}-`);
}

const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction that a language is written in. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  const { language: base, script } = new Intl.Locale(language);
  if (script !== undefined) return ['Arab', 'Hebr', 'Thaa'].includes(script) ? 'rtl' : 'ltr';
  return RIGHT_TO_LEFT.has(base) ? 'rtl' : 'ltr';
}

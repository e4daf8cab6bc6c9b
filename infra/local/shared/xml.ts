const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes text for XML. Control characters, which XML cannot hold, become references, as S3 writes them. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys of S3 may hold them
  return text.replace(/[&<>"\u0000-\u001f]/g, (character) => references[character] ?? `&#${character.charCodeAt(0)};`);
}

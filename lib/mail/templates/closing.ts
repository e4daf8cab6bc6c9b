/** How the built-in texts close. A unit test holds that each of them ends with one of these. */
export const CLOSINGS: readonly string[] = [
  'Kind regards,',
  'Cordialement,',
  'Mit freundlichen Grüßen',
  'Atentamente,',
].map((greeting) => `${greeting}\n$company.name`);

/**
 * A text without the closing of the built-in texts, for mails that end with a signature: they would close twice. Own texts
 * often begin as a copy of a built-in one, so it makes no difference whose text it is.
 */
export function withoutClosing(body: string): string {
  const text = body.replace(/\r\n?/g, '\n').trimEnd();
  const closing = CLOSINGS.find((one) => text.endsWith(`\n\n${one}`));
  return closing === undefined ? body : text.slice(0, -closing.length).trimEnd();
}

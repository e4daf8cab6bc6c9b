import type { Finding } from './finding.ts';

/** The code of an error of AWS, or of a connection: `AccessDeniedException`, `ENOTFOUND`. */
export function codeOf(error: unknown): string {
  const { name = 'Error', code = name } = Object(error);
  return String(code);
}

/** A check that failed is no reason to stop: the credentials may deploy without reading this. */
export function notChecked(what: string, error: unknown): Finding {
  return { level: 'warning', fact: `It could not be checked ${what} (${codeOf(error)}).` };
}

/** A strong entity tag of a version (RFC 9110, 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}

const TAG = /(W\/)?"([^"]*)"/g;

/**
 * The versions that an If-Match header accepts; undefined where it was not sent or is `*`.
 * Weak and foreign tags match nothing, as RFC 9110 wants of a strong comparison.
 */
export function acceptedVersions(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return [...header.matchAll(TAG)].flatMap(([, weak, tag = '']) =>
    !weak && /^\d{1,15}$/.test(tag) ? [Number(tag)] : [],
  );
}

/** Whether an If-None-Match header names the tag, compared weakly (RFC 9110, 13.1.2). */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(TAG)].some(([, , value]) => `"${value}"` === tag);
}

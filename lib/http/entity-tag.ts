/** The strong entity tag of a version (RFC 9110, 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}

const TAG = /(W\/)?"([^"]*)"/g;

/**
 * The versions that an If-Match header accepts; undefined if there is no header, or if it is `*`.
 * Weak and unknown tags match no version, as RFC 9110 requires of a strong comparison.
 */
export function acceptedVersions(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return [...header.matchAll(TAG)].flatMap(([, weak, tag = '']) =>
    !weak && /^\d{1,15}$/.test(tag) ? [Number(tag)] : [],
  );
}

/** Whether an If-None-Match header contains the tag, by weak comparison (RFC 9110, 13.1.2). */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(TAG)].some(([, , value]) => `"${value}"` === tag);
}

import { createHash } from 'node:crypto';

/** The strong entity tag of a version (RFC 9110, 8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** The strong entity tag of a content that has no version. */
export function contentTag(content: string): string {
  return `"${createHash('sha256').update(content).digest('base64url')}"`;
}

const TAG = /(W\/)?"([^"]*)"/g;
/** Characters of a header that is read: hundreds of tags. */
const MAX_HEADER = 4096;

/** The tags of a header; none if it is too long. */
function tagsIn(header: string): { isWeak: boolean; tag: string }[] {
  if (header.length > MAX_HEADER) return [];
  return [...header.matchAll(TAG)].map(([, weak, tag = '']) => ({ isWeak: weak !== undefined, tag }));
}

/**
 * The versions that an If-Match header accepts; undefined if there is no header, or if it is `*`.
 * Weak and unknown tags match no version, as RFC 9110 requires of a strong comparison.
 */
export function acceptedVersions(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return tagsIn(header).flatMap(({ isWeak, tag }) => (!isWeak && /^\d{1,15}$/.test(tag) ? [Number(tag)] : []));
}

/** Whether an If-None-Match header contains the tag, by weak comparison (RFC 9110, 13.1.2). */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return tagsIn(header).some((known) => `"${known.tag}"` === tag);
}

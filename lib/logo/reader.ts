import type { ObjectStorage } from '../aws/object-storage.ts';
import { type LogoRef, logoKey } from './object-key.ts';

/** Logos that a process keeps: at most 10 MB. */
const MAX_KEPT = 20;

/** Reads the bytes of a version of a logo. @throws Error if they are gone, or S3 fails */
export type ReadLogo = (ref: LogoRef, versionId: string) => Promise<Uint8Array>;

/**
 * A reader that keeps the logos that it read last, because mails of a company often follow one another. A failure is not
 * kept. `storage` is called when the first logo is read.
 */
export function logoReader(storage: () => Promise<Pick<ObjectStorage, 'getBytes'>>): ReadLogo {
  const kept = new Map<string, Uint8Array>();

  return async (ref, versionId) => {
    const key = logoKey(ref);
    const name = `${key} ${versionId}`;
    const known = kept.get(name);
    if (known) return known;
    const bytes = await (await storage()).getBytes(key, versionId);
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= MAX_KEPT) kept.delete(oldest);
    kept.set(name, bytes);
    return bytes;
  };
}

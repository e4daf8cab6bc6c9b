import type { StoredContact } from '../schema.ts';

/**
 * The contact as it is shown at a time. While sign-ins to its account are refused after wrong passwords, its status is
 * `locked`; stored is the end of the lock, so that nothing has to be written when it is over.
 */
export function withLock<C extends Pick<StoredContact, 'portal'>>(contact: C, now: Date): C {
  const { portal } = contact;
  if (portal.lockedUntil === null) return contact;
  const isLocked = portal.status === 'active' && portal.lockedUntil > now.toISOString();
  return { ...contact, portal: isLocked ? { ...portal, status: 'locked' } : { ...portal, lockedUntil: null } };
}

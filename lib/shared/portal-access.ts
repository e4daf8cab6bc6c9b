/** Whether contacts of the client may use the portal. A closed portal ends their sessions with the next request. */
export function isPortalOpen({ status, archivedAt }: { status: string; archivedAt: string | null }): boolean {
  return status === 'active' && archivedAt === null;
}

/** Whether contacts of the client may use the portal. When it closes, their sessions end with the next request. */
export function isPortalOpen({ status, archivedAt }: { status: string; archivedAt: string | null }): boolean {
  return status === 'active' && archivedAt === null;
}

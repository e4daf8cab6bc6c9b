/** Whether contacts of the client may use the portal: what closes it closes their sessions at once. */
export function isOpen({ status, archivedAt }: { status: string; archivedAt: string | null }): boolean {
  return status === 'active' && archivedAt === null;
}

import type { Cursors } from './contract.ts';

/** The reply of a route that has nothing to tell. */
export const emptyReply = { body: undefined } as const;

/** A record with its ETag. */
export function versionedReply<T extends { readonly version: number }>(record: T) {
  return { body: record, version: record.version };
}

/** A new record with its ETag and Location, which is `collection` and its id. */
export function createdReply(collection: string) {
  return <T extends { readonly id: string; readonly version: number }>(record: T) => ({
    ...versionedReply(record),
    location: `${collection}/${record.id}`,
  });
}

/** A page of a list. `next` is the position that the next page starts after; undefined on the last page. */
export async function pageReply<T>(cursor: Cursors, data: T[], next: Record<string, string> | undefined) {
  return { body: { data, nextCursor: await cursor.seal(next) } };
}

import type { Cursors } from './contract.ts';

/** The reply of a route without a body. */
export const emptyReply = { body: undefined } as const;

/** A record with its ETag. */
export function versionedReply<T extends { readonly version: number }>(record: T) {
  return { body: record, version: record.version };
}

/** A new record with its ETag and Location: the path of the collection and the record's id. */
export function createdReply(collection: string) {
  return <T extends { readonly id: string; readonly version: number }>(record: T) => ({
    ...versionedReply(record),
    location: `${collection}/${record.id}`,
  });
}

/** A page of a list. `next` is the position after which the next page starts; undefined on the last page. */
export async function pageReply<T>(cursor: Cursors, data: T[], next: Record<string, string> | undefined) {
  return { body: { data, nextCursor: await cursor.seal(next) } };
}

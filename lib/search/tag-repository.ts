import type { CompanyId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { countNameOf, ranges } from '../table/keys.ts';
import { type Position, positionOf, queryPage } from '../table/query.ts';
import { COUNT_SHARDS } from './index-lease.ts';
import { clientCountEntity, type ListedTag } from './schema.ts';

/** The most Queries of one page. Only tags that no client has any more make a second one necessary. */
const MAX_QUERIES = 5;

/** The tags of a company with the number of clients that have each. */
export function tagRepository(table: Table) {
  /** The tags of a range of counts in their order, with the position of each. The last one may lack shards. */
  async function read(company: CompanyId, limit: number, after: Position | undefined) {
    const range = ranges.clientCounts(company, 'tag');
    const { items, next } = await queryPage(table, { range, limit: (limit + 1) * COUNT_SHARDS, after });
    const shards = new Map<string, Item[]>();
    for (const item of items) {
      const name = countNameOf(String(item.SK));
      shards.set(name, [...(shards.get(name) ?? []), item]);
    }
    const tags = [...shards.values()].map((ofTag) => ({ ...sumOf(ofTag), at: positionOf(ofTag.at(-1) ?? {}, range) }));
    // More shards of the last tag may follow, and it stands after the page.
    return { tags: next === undefined ? tags : tags.slice(0, -1), isLast: next === undefined };
  }

  return {
    /**
     * A page of the tags of clients that are not archived, by name. One Query of up to eight items for each tag;
     * further ones, five at most, if many tags have no client any more.
     */
    async list(company: CompanyId, limit: number, after: Position | undefined) {
      const found: ListedTag[] = [];
      let position = after;
      for (let query = 1; query <= MAX_QUERIES; query++) {
        const { tags, isLast } = await read(company, limit, position);
        for (const [index, { tag, clients, at }] of tags.entries()) {
          if (clients > 0) found.push({ tag, clients });
          position = at;
          const isEnd = isLast && index === tags.length - 1;
          if (found.length === limit) return { tags: found, next: isEnd ? undefined : at };
        }
        if (isLast) return { tags: found, next: undefined };
      }
      return { tags: found, next: position };
    },
  };
}

/** A tag in its first spelling, with the number of clients. */
function sumOf(shards: readonly Item[]): ListedTag {
  const counts = shards.map((item) => readItem(clientCountEntity, item));
  const labels = counts.flatMap(({ label, labelledAt = '' }) => (label === undefined ? [] : [{ label, labelledAt }]));
  const [first] = labels.sort((a, b) => (a.labelledAt < b.labelledAt ? -1 : a.labelledAt > b.labelledAt ? 1 : 0));
  return { tag: first?.label ?? '', clients: counts.reduce((sum, { clients }) => sum + clients, 0) };
}

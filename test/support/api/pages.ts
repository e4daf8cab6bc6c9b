import { expect, vi } from 'vitest';
import { send } from './client.ts';

export interface Listed {
  id: string;
  number: string;
  displayName: string;
  createdAt: string;
}

/** Every page of a list, by its cursors. */
export async function walk(token: string, query: string): Promise<Listed[][]> {
  const pages: Listed[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await send(`/v1/clients?${query}${cursor && `&cursor=${cursor}`}`, { token });
    if (answer.status !== 200) throw new Error(answer.text);
    pages.push(answer.json.data);
    cursor = answer.json.nextCursor;
  }
  return pages;
}

/**
 * Waits until the list, which is eventually consistent, has that many clients. The benchmark measures how long that
 * takes.
 */
export function listedInTime(token: string, count: number, query = 'archived=any'): Promise<Listed[]> {
  return vi.waitFor(
    async () => {
      const clients = (await walk(token, `limit=200&${query}`)).flat();
      expect(clients).toHaveLength(count);
      return clients;
    },
    { timeout: 30_000, interval: 100 },
  );
}

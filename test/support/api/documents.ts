import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { send } from './client.ts';

export interface Upload {
  method: string;
  url: string;
  headers: Record<string, string>;
}

export type Bytes = string | Uint8Array<ArrayBuffer>;

/** What a caller says of bytes before it sends them. */
export function announcementOf(bytes: Bytes, more: Record<string, unknown> = {}) {
  return {
    name: 'Contract.pdf',
    contentType: 'application/pdf',
    size: Buffer.byteLength(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...more,
  };
}

export async function announce(token: string, client: string, bytes: Bytes, more: Record<string, unknown> = {}) {
  const answer = await send(`/v1/clients/${client}/documents`, { token, body: announcementOf(bytes, more) });
  if (answer.status !== 201) throw new Error(`not announced: ${answer.text}`);
  return answer.json;
}

/** Sends bytes to where the upload says; answers the status. */
export async function put({ method, url, headers }: Upload, body: Bytes): Promise<number> {
  const answer = await fetch(url, { method, headers, body });
  await answer.text();
  return answer.status;
}

/** Waits until the document has arrived, which is within seconds; answers it. */
export function arrived(token: string, client: string, id: string) {
  return vi.waitFor(
    async () => {
      const { json } = await send(`/v1/clients/${client}/documents/${id}`, { token });
      expect(json.status).toBe('available');
      return json;
    },
    { timeout: 30_000, interval: 100 },
  );
}

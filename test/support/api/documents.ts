import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { send } from './client.ts';

export interface Upload {
  method: string;
  url: string;
  headers: Record<string, string>;
}

export type Bytes = string | Uint8Array<ArrayBuffer>;

/** The request body that creates a document with these bytes. */
export function documentInputOf(bytes: Bytes, more: Record<string, unknown> = {}) {
  return {
    name: 'Contract.pdf',
    contentType: 'application/pdf',
    size: Buffer.byteLength(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...more,
  };
}

export async function createDocument(token: string, client: string, bytes: Bytes, more: Record<string, unknown> = {}) {
  const answer = await send(`/v1/clients/${client}/documents`, { token, body: documentInputOf(bytes, more) });
  if (answer.status !== 201) throw new Error(`the document was not created: ${answer.text}`);
  return answer.json;
}

/** Uploads bytes with the presigned request. Returns the status. */
export async function put({ method, url, headers }: Upload, body: Bytes): Promise<number> {
  const answer = await fetch(url, { method, headers, body });
  await answer.text();
  return answer.status;
}

/** Waits until the document is available, and returns it. */
export function waitUntilAvailable(token: string, client: string, id: string) {
  return vi.waitFor(
    async () => {
      const { json } = await send(`/v1/clients/${client}/documents/${id}`, { token });
      expect(json.status).toBe('available');
      return json;
    },
    { timeout: 30_000, interval: 100 },
  );
}

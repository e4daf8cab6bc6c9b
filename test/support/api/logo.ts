import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { pngOf } from '../pictures.ts';
import { send } from './client.ts';
import { put } from './documents.ts';

export const LOGO = '/v1/company/logo';

/** The request body that announces these bytes. */
export function logoInputOf(bytes: Uint8Array, more: Record<string, unknown> = {}) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { contentType: 'image/png', size: bytes.length, sha256, ...more };
}

/** Requests an upload and sends the bytes. Returns the id that the logo will have. */
export async function uploadLogo(token: string, bytes = pngOf(480, 128), more: Record<string, unknown> = {}) {
  const { status, json, text } = await send(LOGO, { token, body: logoInputOf(bytes, more) });
  if (status !== 201) throw new Error(`the upload was not created: ${text}`);
  expect(await put(json.upload, bytes)).toBe(200);
  return String(json.id);
}

/** Waits until this is the logo, and returns it. */
export function waitForLogo(token: string, id: string) {
  return vi.waitFor(
    async () => {
      const { json } = await send(LOGO, { token });
      expect(json.id).toBe(id);
      return json;
    },
    { timeout: 30_000, interval: 100 },
  );
}

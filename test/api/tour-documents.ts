import { expect, vi } from 'vitest';
import { send } from '../support/api/client.ts';
import { createDocument, put, waitUntilAvailable } from '../support/api/documents.ts';

/** Uses each permission that documents need. */
export async function tourOfDocuments(token: string, client: string): Promise<void> {
  const documentsPath = `/v1/clients/${client}/documents`;
  const { document, upload } = await createDocument(token, client, 'toured');
  await put(upload, 'toured');
  await waitUntilAvailable(token, client, document.id);
  const documentPath = `${documentsPath}/${document.id}`;
  await send(documentPath, { method: 'PATCH', token, body: { visibility: 'portal' } });
  // Bytes that arrive for a deleted document are removed.
  const { document: deletedEarly, upload: lateUpload } = await createDocument(token, client, 'late');
  for (const path of [`${documentsPath}?limit=1`, `/v1/clients/${client}?include=documents`])
    await send(path, { token });
  const headers = { 'idempotency-key': 'tour-of-documents' };
  const { json } = await send(`${documentPath}/download`, { token, body: {}, headers });
  expect(await (await fetch(json.url)).text()).toBe('toured');
  for (const id of [document.id, deletedEarly.id]) await send(`${documentsPath}/${id}`, { method: 'DELETE', token });
  await put(lateUpload, 'late');
  await vi.waitFor(
    async () => {
      const { json: logs } = await send(`/v1/clients/${client}/system-logs?category=document`, { token });
      const deleted = logs.data.filter(
        ({ event, outcome }: Record<string, string>) => event === 'document.deleted' && outcome === 'success',
      );
      expect(deleted).toHaveLength(2);
    },
    { timeout: 30_000, interval: 100 },
  );
  for (const path of [`${client}/system-logs?limit=1`, 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA/system-logs'])
    await send(`/v1/clients/${path}`, { token });
}

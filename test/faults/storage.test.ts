import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { documentStorage } from '../../lib/documents/storage.ts';

/** A storage whose answers come one after the other, null for a connection that breaks. */
async function failingStorage(...answers: ({ status: number; body?: string } | null)[]) {
  const waits: number[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method}`);
    const answer = answers.shift();
    if (!answer) return void request.socket.destroy();
    response.writeHead(answer.status).end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const storage = documentStorage(
    async () => ({ url, expiresAt: new Date() }),
    async (attempt) => void waits.push(attempt),
  );
  return { storage, asked, waits, [Symbol.dispose]: () => void server.close() };
}

const NONE = '<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>';

it('a storage that is busy or breaks off is asked again', async () => {
  using busy = await failingStorage({ status: 503 }, null, { status: 200, body: NONE });
  expect(await busy.storage.versions('key')).toEqual([]);
  expect(busy.waits).toEqual([1, 2]);
});

it.each([
  ['is busy', { status: 503 }],
  ['breaks off', null],
])('a storage that %s each time is given up, for whoever delivers to try later', async (_, answer) => {
  using busy = await failingStorage(answer, answer, answer, answer);
  await expect(busy.storage.remove('key', 'v')).rejects.toThrow('the storage');
  expect(busy.asked).toEqual(['DELETE', 'DELETE', 'DELETE']);
});

it('a refusal, and an answer that is none, never pass for an empty list or a removal', async () => {
  using refusing = await failingStorage({ status: 403 }, { status: 403 }, { status: 403 });
  await expect(refusing.storage.versions('key')).rejects.toThrow('403');
  await expect(refusing.storage.remove('key', 'v')).rejects.toThrow('403');
  await expect(refusing.storage.object('key', 'v')).rejects.toThrow('403');
  expect(refusing.asked).toHaveLength(3);
  using strange = await failingStorage({ status: 200, body: '<html></html>' });
  await expect(strange.storage.versions('key')).rejects.toThrow('no list');
});

it('a version that is gone already is removed', async () => {
  using gone = await failingStorage({ status: 404 });
  await gone.storage.remove('key', 'v');
});

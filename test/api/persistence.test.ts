import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it, vi } from 'vitest';
import { PASSWORD, send, signIn, signUp, useApi } from '../support/api/client.ts';
import { listedInTime } from '../support/api/pages.ts';
import { TEST_ASSEMBLY } from '../support/assembly.ts';

const data = inject('apiIsLocal') ? mkdtempSync(join(tmpdir(), 'clientele-kill-')) : '';
const running = new Set<ChildProcess>();

interface Started {
  child: ChildProcess;
  url: string;
  exited: Promise<unknown>;
}

/** Runs `npm start` on the data folder, and waits until it is ready. */
async function start(port: string): Promise<Started> {
  const options = ['--port', port, '--data', data, '--empty', '--assembly', TEST_ASSEMBLY];
  const child = spawn(process.execPath, ['infra/local/cli/main.ts', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const { promise: exited, resolve: exit } = Promise.withResolvers<unknown>();
  child.once('close', exit);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        const [, found] = /^Clientele is ready at (http:\S+)$/m.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      });
    void exited.then(() => reject(new Error(output)));
  });
  return { child, url, exited };
}

async function end({ child, exited }: Started, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await exited;
  running.delete(child);
}

afterAll(() => {
  useApi();
  for (const child of running) child.kill('SIGKILL');
  if (data !== '') rmSync(data, { recursive: true, force: true });
});

describe.skipIf(!inject('apiIsLocal'))('kill -9 of the local stack (only local: needs its process)', () => {
  it('a kill loses no acknowledged write, doubles no retried one, and lifts no lock', async () => {
    const first = await start('0');
    useApi(first.url);
    const company = await signUp();
    const victim = await signUp();
    const guess = () =>
      send('/v1/auth/sign-in', { body: { company: victim.slug, email: victim.email, password: 'a guess' } });
    for (let attempt = 1; attempt <= 5; attempt++) expect((await guess()).status).toBe(401);

    const create = (key: string) =>
      send('/v1/clients', { token: company.token, body: { name: key }, headers: { 'idempotency-key': key } });
    const keys = Array.from({ length: 60 }, (_, index) => `client-${index}`);
    const acknowledged = new Map<string, string>();
    const killed = Promise.withResolvers<void>();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (const key of keys.filter((_, index) => index % 4 === writer)) {
        const answer = await create(key).catch(() => undefined);
        if (answer?.status === 201) acknowledged.set(key, answer.text);
        if (acknowledged.size >= 30) killed.resolve();
      }
    });
    await killed.promise;
    await end(first, 'SIGKILL');
    await Promise.all(writers);
    expect(acknowledged.size).toBeGreaterThanOrEqual(30);
    expect(acknowledged.size).toBeLessThan(keys.length);

    const second = await start(new URL(first.url).port);
    for (const text of acknowledged.values()) {
      const client = JSON.parse(text);
      expect((await send(`/v1/clients/${client.id}`, company)).json).toEqual(client);
    }
    for (const key of keys) {
      const answer = await vi.waitFor(
        async () => {
          const again = await create(key);
          expect(again.status, again.text).toBe(201);
          return again;
        },
        { timeout: 20_000, interval: 250 },
      );
      if (acknowledged.has(key)) expect(answer.text).toBe(acknowledged.get(key));
    }
    const listed = await listedInTime(company.token, keys.length);
    expect(new Set(listed.map(({ displayName }) => displayName))).toEqual(new Set(keys));
    expect(new Set(listed.map(({ number }) => number)).size).toBe(keys.length);

    await signIn(company.slug, company.email, PASSWORD);
    expect((await guess()).status).toBe(429);
    await end(second, 'SIGTERM');
  });
});

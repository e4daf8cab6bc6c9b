import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { startLocal } from '../../infra/local/cli/start.ts';
import { type Figure, median } from './figures.ts';

const CLIENTS = 40;
/** Longer than this nobody waits: it counts as not found. */
const PATIENCE = 10_000;
const BAR = 2;

/** How long after the answer to a creation, or to a change, search finds the client in the local stack (spec 3). */
export async function foundAfterFigures(assembly: string, data: string): Promise<Figure[]> {
  const stack = await startLocal({ assembly, data, port: 0 });
  try {
    const send = await owner(stack.url);
    const created: number[] = [];
    const changed: number[] = [];
    for (let index = 0; index < CLIENTS; index++) {
      const [first, second] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
      const { id } = await send('POST', '/v1/clients', { name: `${first} Client` });
      created.push(await secondsUntil(async () => (await send('GET', `/v1/clients?q=${first}`)).data?.length === 1));
      await send('PATCH', `/v1/clients/${id}`, { name: `${second} Client` });
      changed.push(await secondsUntil(async () => (await send('GET', `/v1/clients?q=${second}`)).data?.length === 1));
    }
    return [figure('a new client', created), figure('a changed client', changed)];
  } finally {
    await stack.stop();
  }
}

function figure(name: string, seconds: readonly number[]): Figure {
  return {
    group: `Found by search after the answer, one at a time (worst of ${CLIENTS})`,
    name,
    value: Math.max(...seconds),
    unit: 's',
    most: BAR,
    detail: `median ${median(seconds).toFixed(2)} s`,
  };
}

const Answer = z.object({ id: z.string(), data: z.array(z.unknown()), accessToken: z.string() }).partial();
type Send = (method: string, path: string, body?: unknown) => Promise<z.infer<typeof Answer>>;

/** Signs a company up; answers how its owner sends requests. */
async function owner(url: string): Promise<Send> {
  const slug = `bench-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const email = 'owner@bench.example';
  const request = async (method: string, path: string, body: unknown, authorization?: string) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(authorization !== undefined && { authorization }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return Answer.parse(await answer.json());
  };
  await request('POST', '/v1/companies', {
    company: { name: 'Bench', slug, currency: 'EUR', language: 'en', country: 'DE', timezone: 'Europe/Berlin' },
    owner: { email, name: 'Owner', password },
  });
  const { accessToken } = await request('POST', '/v1/auth/sign-in', { company: slug, email, password });
  return (method, path, body) => request(method, path, body, `Bearer ${accessToken}`);
}

async function secondsUntil(found: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < PATIENCE) {
    if (await found()) return (performance.now() - start) / 1000;
    await pause(5);
  }
  return Number.POSITIVE_INFINITY;
}

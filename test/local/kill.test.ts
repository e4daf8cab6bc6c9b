import { afterEach, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { commandLineOf, endProcess } from '../../infra/local/shared/processes.ts';
import { synthesizeForTests } from '../support/assembly.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { temporaryFolder } from './fixture-stack.ts';

const CONNECTIONS = 16;
/** So many creations are acknowledged before the host is killed. */
const ACKNOWLEDGED = 30;

const ListedClient = z.object({ id: z.string(), displayName: z.string() });
const Page = z.object({ data: z.array(ListedClient), nextCursor: z.string().nullable() });
const Profile = z.object({ id: z.string(), name: z.string(), contacts: z.array(z.object({ email: z.string() })) });

let assembly: string;
beforeAll(async () => {
  assembly = await synthesizeForTests();
});

const started: StackProcess[] = [];
afterEach(async () => {
  for (const { kill } of started) await kill();
  for (const { engine } of started.splice(0))
    if (engine !== undefined && commandLineOf(engine)?.includes('clientele-test-')) await endProcess(engine);
});

async function start(data: string): Promise<StackProcess> {
  const stack = await startStackProcess({ assembly, data });
  started.push(stack);
  return stack;
}

type Send = (method: string, path: string, body?: object) => Promise<unknown>;

/** Sends requests with a bearer token. @throws Error if the answer is no success, or the stack is gone */
function sender(url: string, token?: string): Send {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** Signs a company up. Returns the secret of an API token, which no restart invalidates. */
async function signUp(url: string): Promise<string> {
  const send = sender(url);
  const account = { company: 'killed', email: 'owner@killed.example', password: 'correct horse battery staple' };
  await send('POST', '/v1/companies', {
    company: { name: 'K', slug: 'killed', currency: 'EUR', language: 'en', country: 'DE', timezone: 'Europe/Berlin' },
    owner: { email: account.email, name: 'Owner', password: account.password },
  });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(await send('POST', '/v1/auth/sign-in', account));
  const created = await sender(url, accessToken)('POST', '/v1/api-tokens', { name: 'K', role: 'admin' });
  return z.object({ secret: z.string() }).parse(created).secret;
}

/**
 * Creates clients over all connections until the stack is killed, which happens in the middle of further creations once
 * enough are acknowledged. Returns the word in the name of each acknowledged client by its id.
 */
async function createUntilKilled(stack: StackProcess, token: string, prefix: string): Promise<Map<string, string>> {
  const send = sender(stack.url, token);
  const acknowledged = new Map<string, string>();
  let next = 0;
  let killed: Promise<void> | undefined;
  const connection = async () => {
    for (;;) {
      const word = `${prefix}${next++}x`;
      const client = { name: `${word} Client`, contacts: [{ email: `ada@${word}.example` }] };
      const answer = await send('POST', '/v1/clients', client).catch(() => undefined);
      if (answer !== undefined) acknowledged.set(Profile.parse(answer).id, word);
      else if (killed !== undefined) return;
      else throw new Error('a creation failed before the kill');
      if (acknowledged.size === ACKNOWLEDGED) killed ??= stack.kill();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  await killed;
  return acknowledged;
}

async function allClients(send: Send): Promise<z.infer<typeof ListedClient>[]> {
  const clients: z.infer<typeof ListedClient>[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = Page.parse(await send('GET', `/v1/clients?limit=200&sort=name${query}`));
    clients.push(...page.data);
    cursor = page.nextCursor;
  }
  return clients;
}

/** A client is whole if it has the contact that it was created with. */
async function expectWholeAndFound(
  send: Send,
  { id, displayName }: z.infer<typeof ListedClient>,
  acknowledgedWord: string | undefined,
): Promise<void> {
  const [word = ''] = displayName.split(' ');
  const { name, contacts } = Profile.parse(await send('GET', `/v1/clients/${id}`));
  expect({ name, contacts }).toEqual({ name: `${word} Client`, contacts: [{ email: `ada@${word}.example` }] });
  expect(word).toBe(acknowledgedWord ?? word);
  const found = Page.parse(await send('GET', `/v1/clients?q=${word}`));
  expect(found.data.map((client) => client.id)).toEqual([id]);
}

it('kill -9 in the middle of creations loses no acknowledged client, leaves none half written, and the index completes', async () => {
  const data = temporaryFolder();
  const first = await start(data);
  const token = await signUp(first.url);
  const acknowledged = new Map<string, string>();
  for (const [id, word] of await createUntilKilled(first, token, 'first')) acknowledged.set(id, word);
  const second = await start(data);
  for (const [id, word] of await createUntilKilled(second, token, 'second')) acknowledged.set(id, word);
  expect(acknowledged.size).toBeGreaterThanOrEqual(2 * ACKNOWLEDGED);

  const third = await start(data);
  const send = sender(third.url, token);
  await send('POST', '/_local/streams/drain');
  const listed = await allClients(send);
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([...acknowledged.keys()]));
  // Others were written, but their answers were lost. They must be whole as well.
  const unchecked = [...listed];
  const checkOneByOne = async () => {
    for (let client = unchecked.pop(); client !== undefined; client = unchecked.pop())
      await expectWholeAndFound(send, client, acknowledged.get(client.id));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, checkOneByOne));
  expect(await send('GET', '/_local/dead-letters')).toEqual([]);
  await third.stop();
});

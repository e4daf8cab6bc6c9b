import * as z from 'zod';
import type { Api } from './api.ts';
import { drive } from './drive.ts';
import type { ClientRecord, Ledger } from './ledger.ts';

const Client = z.object({
  name: z.string(),
  version: z.int(),
  archivedAt: z.string().nullable(),
  contacts: z.array(z.object({ id: z.string() })),
});
const Document = z.object({ status: z.string() });
const Mails = z.array(z.object({ to: z.array(z.string()) }));

/**
 * Compares what was acknowledged with what the API answers now that everything is delivered: every client with its
 * version, name, state and contacts, and found by search; every document available; one mail for each invitation; no dead
 * letter. Returns a sentence for each difference.
 */
export async function findLosses(api: Api, { clients, documents }: Ledger, connections: number): Promise<string[]> {
  const checks = [
    ...clients.map((client) => () => checkClient(api, client)),
    ...documents.map((document) => () => checkDocument(api, document)),
  ];
  const { errors } = await drive(
    connections,
    () => checks.length > 0,
    async () => checks.pop()?.(),
  );
  return [...errors, ...(await mailDifferences(api, clients)), ...(await deadLetters(api))];
}

async function checkClient(api: Api, client: ClientRecord): Promise<void> {
  const { id, word, version, archived, contacts } = client;
  const now = Client.parse(JSON.parse(await api.send('GET', `/v1/clients/${id}`)));
  const expected = [`${word} Client`, version, archived, contacts.map((contact) => contact.id).sort()];
  const found = [now.name, now.version, now.archivedAt !== null, now.contacts.map((contact) => contact.id).sort()];
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${id} is ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  const results = await api.send('GET', `/v1/clients?archived=any&q=${word}`);
  if (!results.includes(`"${id}"`)) throw new Error(`search does not find ${id} by ${word}`);
}

async function checkDocument(api: Api, { client, id }: Ledger['documents'][number]): Promise<void> {
  const { status } = Document.parse(JSON.parse(await api.send('GET', `/v1/clients/${client}/documents/${id}`)));
  if (status !== 'available') throw new Error(`the document ${id} is ${status}`);
}

async function mailDifferences(api: Api, clients: readonly ClientRecord[]): Promise<string[]> {
  const sent = Mails.parse(JSON.parse(await api.send('GET', '/_local/mail'))).flatMap(({ to }) => to);
  const counts = new Map(
    [...Map.groupBy(sent, (address) => address)].map(([address, mails]) => [address, mails.length]),
  );
  return clients
    .flatMap(({ contacts }) => contacts)
    .filter(({ email, invited }) => (counts.get(email) ?? 0) !== (invited ? 1 : 0))
    .map(({ email }) => `${email} got ${counts.get(email) ?? 0} mails`);
}

async function deadLetters(api: Api): Promise<string[]> {
  const letters = z.array(z.unknown()).parse(JSON.parse(await api.send('GET', '/_local/dead-letters')));
  return letters.map((letter) => `dead letter: ${JSON.stringify(letter).slice(0, 300)}`);
}

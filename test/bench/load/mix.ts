import { createHash } from 'node:crypto';
import { request } from 'undici';
import * as z from 'zod';
import type { Api } from './api.ts';
import { clientInput } from './company.ts';
import { type ClientRecord, changeOne, type Ledger } from './ledger.ts';
import { pick, pickWeighted, type Random, randomWord } from './random.ts';

/** Who does the mixed load: over which connections, and where the acknowledgements are written down. */
export interface Mixer {
  api: Api;
  ledger: Ledger;
  random: Random;
}

const Versioned = z.object({ version: z.int() });
const Contact = z.object({ id: z.string(), email: z.string() });
const Client = Versioned.extend({ id: z.string(), contacts: z.array(Contact) });
const Identified = z.object({ id: z.string() });
const CreatedDocument = z.object({
  document: Identified,
  upload: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
});

/** Of a hundred requests, so many are of each kind. */
const shares = new Map([
  ['read', 42],
  ['list', 15],
  ['search', 20],
  ['create', 8],
  ['change', 6],
  ['add a contact', 3],
  ['archive or restore', 2],
  ['upload a document', 2],
  ['invite', 1],
  ['change a group', 1],
] as const);

type Kind = typeof shares extends Map<infer Name, number> ? Name : never;

const operations: Record<Kind, (mixer: Mixer) => Promise<unknown>> = {
  read: ({ api, ledger, random }) => api.send('GET', `/v1/clients/${pick(ledger.clients, random).id}`),
  list: ({ api }) => api.send('GET', '/v1/clients?limit=50&sort=name'),
  search: ({ api, ledger, random }) => api.send('GET', `/v1/clients?q=${pick(ledger.clients, random).word}`),
  create: createClient,
  change: (mixer) => changeOne(mixer.ledger, mixer.random, (client) => changeClient(mixer, client)),
  'add a contact': (mixer) => changeOne(mixer.ledger, mixer.random, (client) => addContact(mixer, client)),
  'archive or restore': (mixer) => changeOne(mixer.ledger, mixer.random, (client) => archiveOrRestore(mixer, client)),
  'upload a document': uploadDocument,
  invite: (mixer) => changeOne(mixer.ledger, mixer.random, (client) => invite(mixer, client)),
  'change a group': ({ api, ledger, random }) =>
    api.send('PATCH', `/v1/groups/${pick(ledger.groups, random)}`, {
      settings: { paymentTermsDays: Math.floor(random() * 60) },
    }),
};

/** Does one request, of a kind that chance decides. A document takes two: its creation and its upload. */
export async function mixedRequest(mixer: Mixer): Promise<void> {
  await operations[pickWeighted<Kind>(shares, mixer.random)](mixer);
}

export async function createGroup({ api, ledger, random }: Mixer): Promise<void> {
  const created = await api.send('POST', '/v1/groups', { name: `${randomWord(random)} Group ${ledger.groups.length}` });
  ledger.groups.push(Identified.parse(JSON.parse(created)).id);
}

/** Returns the record of the new client. If it is `busy`, nothing changes it until its caller says otherwise. */
export async function createClient({ api, ledger, random }: Mixer, busy = false): Promise<ClientRecord> {
  const word = randomWord(random);
  const created = Client.parse(JSON.parse(await api.send('POST', '/v1/clients', clientInput(word, random))));
  const contacts = created.contacts.map((contact) => ({ ...contact, invited: false }));
  const client = { id: created.id, word, version: created.version, archived: false, contacts, busy };
  ledger.clients.push(client);
  return client;
}

/** Renames the client, or moves it to another group. */
async function changeClient({ api, ledger, random }: Mixer, client: ClientRecord): Promise<void> {
  const word = random() < 0.5 ? randomWord(random) : client.word;
  const change = word === client.word ? { groupId: pick(ledger.groups, random) } : { name: `${word} Client` };
  const answer = await api.send('PATCH', `/v1/clients/${client.id}`, change);
  client.word = word;
  client.version = Versioned.parse(JSON.parse(answer)).version;
}

/** The answer has the version of the contact; that of its client grows by one. */
async function addContact({ api, random }: Mixer, client: ClientRecord): Promise<void> {
  const word = randomWord(random);
  const contact = { firstName: 'Ben', lastName: word, email: `ben@${word}.example` };
  const answer = await api.send('POST', `/v1/clients/${client.id}/contacts`, contact);
  client.contacts.push({ ...Contact.parse(JSON.parse(answer)), invited: false });
  client.version++;
}

async function archiveOrRestore({ api }: Mixer, client: ClientRecord): Promise<void> {
  const answer = await api.send('POST', `/v1/clients/${client.id}/${client.archived ? 'restore' : 'archive'}`);
  client.archived = !client.archived;
  client.version = Versioned.parse(JSON.parse(answer)).version;
}

/**
 * Invites a contact that has had no mail yet, so that each address gets one mail. Does nothing if there is none, or the
 * portal is closed, because the client is archived.
 */
async function invite({ api }: Mixer, client: ClientRecord): Promise<void> {
  const contact = client.contacts.find(({ invited }) => !invited);
  if (contact === undefined || client.archived) return;
  await api.send('POST', `/v1/clients/${client.id}/contacts/${contact.id}/invitation`);
  contact.invited = true;
  client.version++;
}

async function uploadDocument({ api, ledger, random }: Mixer): Promise<void> {
  const { id } = pick(ledger.clients, random);
  const bytes = Buffer.from(randomWord(random).repeat(1 + Math.floor(random() * 4000)));
  const answer = await api.send('POST', `/v1/clients/${id}/documents`, {
    name: 'Contract.txt',
    contentType: 'text/plain',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const { document, upload } = CreatedDocument.parse(JSON.parse(answer));
  const { statusCode, body } = await request(upload.url, { method: 'PUT', headers: upload.headers, body: bytes });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`the upload was answered ${statusCode}: ${text.slice(0, 300)}`);
  ledger.documents.push({ client: id, id: document.id });
}

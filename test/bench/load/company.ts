import * as z from 'zod';
import type { Api } from './api.ts';
import { pick, type Random, randomWord } from './random.ts';

/** A client that the API has acknowledged. */
export interface MadeClient {
  id: string;
  /** A word of its name that no other client has. */
  word: string;
}

/** A company with the clients that were created in it, in the order of the answers. */
export interface Company {
  api: Api;
  clients: MadeClient[];
  /** How many of the first clients search is known to find. */
  findable: number;
  random: Random;
}

const CITIES = ['Bonn', 'Lyon', 'Leeds', 'Porto', 'Gdańsk', 'Turin', 'Graz', 'Malmö'];
const COUNTRIES = ['DE', 'FR', 'GB', 'PT', 'PL', 'IT', 'AT', 'SE'];
const Created = z.object({ id: z.string() });

/** A client like any other: a name that sorts anywhere, a city among a few, a contact with an address. */
export function clientInput(word: string, random: Random) {
  return {
    name: `${word} Client`,
    billingAddress: { city: pick(CITIES, random), country: pick(COUNTRIES, random) },
    contacts: [{ firstName: 'Ada', lastName: `L${word}`, email: `ada@${word}.example` }],
  };
}

export async function createClient({ api, clients, random }: Company): Promise<void> {
  const word = randomWord(random);
  const answer = await api.send('POST', '/v1/clients', clientInput(word, random));
  clients.push({ id: Created.parse(JSON.parse(answer)).id, word });
}

export async function readClient({ api, clients, random }: Company): Promise<void> {
  await api.send('GET', `/v1/clients/${pick(clients, random).id}`);
}

/** The first page by name. @throws Error if it is not full */
export async function listClients({ api }: Company): Promise<void> {
  const page = await api.send('GET', '/v1/clients?limit=50&sort=name');
  if (page.endsWith('"nextCursor":null}')) throw new Error('the page of clients is the last');
}

/** Searches for a client that the index has. @throws Error if it is not found */
export async function searchClient({ api, clients, findable, random }: Company): Promise<void> {
  const client = clients[Math.floor(random() * findable)];
  if (client === undefined) throw new Error('search finds no client yet');
  if (!(await isFound(api, client))) throw new Error(`search does not find ${client.id} by ${client.word}`);
}

/** Whether search finds the client by its word. */
export async function isFound(api: Api, { id, word }: MadeClient): Promise<boolean> {
  return (await api.send('GET', `/v1/clients?q=${word}`)).includes(`"${id}"`);
}

import { startStackProcess } from '../../support/stack-process.ts';
import type { Figure } from '../figures.ts';
import { openApi, signUpWithToken } from './api.ts';
import { type Company, createClient, isFound, listClients, readClient, searchClient } from './company.ts';
import { drive, type Outcome } from './drive.ts';
import { growTo, measureOperation, type Operation, type Stack, settle } from './phases.ts';
import { sample, seededRandom } from './random.ts';
import { foundFigure, growthFigures, operationFigures } from './report.ts';

const CONNECTIONS = 16;
const SEED = 9;
/** Without --full so many clients stand for all when search is checked. */
const SAMPLE = 500;

const OPERATIONS: readonly Operation[] = [
  { name: 'read', request: readClient, least: 600, writes: false },
  { name: 'list of 50', request: listClients, least: 250, writes: false },
  { name: 'search', request: searchClient, least: 300, writes: false },
  { name: 'create', request: createClient, least: 130, writes: true },
];

export interface LoadOptions {
  assembly: string;
  /** The data folder of the stack. */
  data: string;
  /** The numbers of clients at which the operations are measured, ascending. */
  sizes: readonly number[];
  /** The most seconds that the creations up to one size may take; then it is measured with fewer. */
  patience: number;
  /** Whether search must find every client at the end, not only a sample. */
  checkAll: boolean;
}

/**
 * What the running stack carries: a company grows through the API, and at each size all connections do one kind of request
 * after the other. The load comes from this process and shares the cores with the stack.
 */
export async function loadFigures({ assembly, data, sizes, patience, checkAll }: LoadOptions): Promise<Figure[]> {
  const processes = await startStackProcess({ assembly, data });
  try {
    const token = await signUpWithToken(processes.url);
    const api = openApi({ url: processes.url, connections: CONNECTIONS, token });
    const company: Company = { api, clients: [], findable: 0, random: seededRandom(SEED) };
    const stack: Stack = { ...processes, token, connections: CONNECTIONS };
    const figures: Figure[] = [];
    for (const size of sizes) {
      const growth = await growTo(size, stack, company, patience);
      const made = company.clients.length;
      figures.push(...growthFigures(growth, size, made));
      for (const operation of OPERATIONS)
        figures.push(...operationFigures(operation, await measureOperation(operation, stack, company), made));
    }
    await settle(stack, company);
    figures.push(foundFigure(await findAll(company, checkAll), company.clients.length));
    await api.close();
    return figures;
  } finally {
    await processes.stop();
  }
}

/** Searches for every client, or a sample of them, each once. One that is not found is an error of the outcome. */
async function findAll({ api, clients, random }: Company, checkAll: boolean): Promise<Outcome> {
  const wanted = checkAll ? [...clients] : sample(clients, SAMPLE, random);
  return drive(
    CONNECTIONS,
    () => wanted.length > 0,
    async () => {
      const client = wanted.pop();
      if (client && !(await isFound(api, client))) throw new Error(`search does not find ${client.word}`);
    },
  );
}

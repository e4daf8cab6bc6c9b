import { setTimeout as pause } from 'node:timers/promises';
import { openApi } from './api.ts';
import { type Company, createClient, isFound, listClients, readClient, searchClient } from './company.ts';
import { drive, forSeconds, type Outcome } from './drive.ts';
import { type IndexLag, indexLag } from './index-lag.ts';
import { type CpuTime, cpuSpent, cpuTime, type Processes, watchMemory } from './processes.ts';

const WARM_UP_SECONDS = 2;
const SECONDS = 8;
/** Longer than these seconds nobody waits for the index. */
export const INDEX_PATIENCE = 30;
/** Milliseconds between two requests of the user who looks on during the creations. */
const PROBE_INTERVAL = 100;

/** A running stack, and how it is loaded. */
export interface Stack extends Processes {
  url: string;
  token: string;
  connections: number;
}

/** One kind of request. */
export interface Operation {
  name: string;
  request: (company: Company) => Promise<void>;
  /** The least requests a second. */
  least: number;
  /** Whether it leaves work for the index. */
  writes: boolean;
}

/** What was measured while all connections did one thing. */
export interface Measured extends Outcome {
  /** CPU milliseconds of the stack, until the index has caught up. */
  cpu: CpuTime;
  /** CPU milliseconds until the last answer, and those of this process, which is the load. */
  busy: CpuTime & { load: number };
  /** The most memory of the stack, in megabytes. */
  peak: number;
  /** How long the index took to catch up. Only where the requests left work for it. */
  lag: IndexLag | undefined;
}

/** What was measured while the clients were created. */
export interface Growth extends Measured {
  /** Reads, lists and searches of one more connection meanwhile. */
  probes: Outcome;
}

/** Creates clients until there are so many, or the seconds are over, while one more connection reads, lists and searches. */
export async function growTo(size: number, stack: Stack, company: Company, seconds: number): Promise<Growth> {
  const inTime = forSeconds(seconds);
  let left = size - company.clients.length;
  const created = new AbortController();
  const probes = onlook(stack, company, created.signal);
  const measured = await measure(stack, company, {
    more: () => inTime() && left-- > 0,
    request: () => createClient(company),
    writes: true,
    onAnswered: () => created.abort(),
  });
  return { ...measured, probes: await probes };
}

/** Warms an operation up, then measures it for some seconds. */
export async function measureOperation(operation: Operation, stack: Stack, company: Company): Promise<Measured> {
  const request = () => operation.request(company);
  await drive(stack.connections, forSeconds(WARM_UP_SECONDS), request);
  if (operation.writes) await settle(stack, company);
  return measure(stack, company, { more: forSeconds(SECONDS), request, writes: operation.writes });
}

/** Waits until the index has caught up. From then on, search has to find all clients. */
export async function settle({ url }: Stack, company: Company): Promise<IndexLag> {
  const last = company.clients.at(-1);
  const count = company.clients.length;
  const lag = await indexLag(url, async () => last === undefined || isFound(company.api, last), INDEX_PATIENCE);
  if (lag.drained < Number.POSITIVE_INFINITY) company.findable = count;
  return lag;
}

interface Load {
  more: () => boolean;
  request: () => Promise<void>;
  writes: boolean;
  /** Called when the last request has been answered, before the index has caught up. */
  onAnswered?: () => void;
}

async function measure(stack: Stack, company: Company, { more, request, writes, onAnswered }: Load): Promise<Measured> {
  const memory = watchMemory(stack);
  const before = cpuTime(stack);
  const loadBefore = process.cpuUsage();
  const outcome = await drive(stack.connections, more, request);
  const { user, system } = process.cpuUsage(loadBefore);
  const answered = cpuTime(stack);
  onAnswered?.();
  const lag = writes ? await settle(stack, company) : undefined;
  const after = cpuTime(stack);
  memory.stop();
  return {
    ...outcome,
    cpu: cpuSpent(before, after),
    busy: { ...cpuSpent(before, answered), load: (user + system) / 1000 },
    peak: memory.peak(),
    lag,
  };
}

/** A user who looks on: reads, lists and searches in turn until the signal, if there is something to find already. */
async function onlook({ url, token }: Stack, company: Company, until: AbortSignal): Promise<Outcome> {
  if (company.findable === 0) return { samples: [], seconds: 0, errors: [] };
  const api = openApi({ url, connections: 1, token });
  const onlooker = { ...company, api };
  const requests = [readClient, listClients, searchClient];
  let turn = 0;
  const more = async () => {
    await pause(PROBE_INTERVAL);
    return !until.aborted;
  };
  const outcome = await drive(1, more, async () => requests[turn++ % requests.length]?.(onlooker));
  await api.close();
  return outcome;
}

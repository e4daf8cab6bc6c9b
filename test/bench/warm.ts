import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { committing } from '../../lib/table/transaction.ts';
import type { BenchTable } from './bench-table.ts';
import type { Subject } from './bundles.ts';
import { askChild } from './child.ts';
import { type Figure, median } from './figures.ts';
import { sampleClient } from './generate.ts';
import { startStub } from './stub.ts';

const TURNS = 5;
const WARM_UP = 300;
const ROUNDS = 400;

const Measured = z.object({ microseconds: z.number(), status: z.int(), bytes: z.int() });

/**
 * CPU time of a request in the clients function, against the floor function on the same database that answers at once. Each
 * turn runs every function in a process of its own, one right after the other, and compares the times of this turn only:
 * what slows the machine down slows both.
 */
export async function warmFigures(
  bench: BenchTable,
  endpoint: string,
  floor: Subject,
  clients: Subject,
): Promise<Figure[]> {
  const { id } = await bench.clients.create(bench.principal, sampleClient(), committing(bench.table));
  const event = eventsOf(bench);
  const floorKey = `${bench.principal.companyId}#${id}`;
  const requests: { name: string; subject: Subject; event: object; most?: number }[] = [
    { name: 'floor', subject: floor, event: { pathParameters: { clientId: floorKey } } },
    { name: 'getClient', subject: clients, event: event('GET', '/v1/clients/{clientId}', { clientId: id }), most: 1.3 },
    { name: 'listClients, 50 of them', subject: clients, event: event('GET', '/v1/clients'), most: 2.5 },
    {
      name: 'createClient, one contact',
      subject: clients,
      event: event('POST', '/v1/clients', {}, { name: 'Bench', contacts: [{ email: 'ada@bench.example' }] }),
      most: 2.5,
    },
  ];
  const stub = await startStub(endpoint);
  try {
    const times = new Map<string, number[]>(requests.map(({ name }) => [name, []]));
    for (let turn = 0; turn < TURNS; turn++)
      for (const { name, subject, event } of requests)
        times
          .get(name)
          ?.push(await cpuTime(subject, event, { AWS_ENDPOINT_URL: stub.url, TABLE_NAME: bench.table.name }));
    const timesOf = (name: string) => times.get(name) ?? [];
    const floors = timesOf('floor');
    return requests.map(({ name, most }) => {
      const ratios = timesOf(name).map((time, turn) => time / (floors[turn] ?? Number.NaN));
      return {
        group: `Warm overhead: CPU time of a request, × floor (medians of ${TURNS} turns)`,
        name,
        value: median(ratios),
        unit: '×',
        detail: `${(median(timesOf(name)) / 1000).toFixed(2)} ms; ${rangeOf(ratios)}`,
        ...(most !== undefined && { most }),
      };
    });
  } finally {
    stub.close();
  }
}

function rangeOf(ratios: readonly number[]): string {
  return `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} ×`;
}

async function cpuTime(subject: Subject, event: object, environment: Record<string, string>): Promise<number> {
  const args = [pathToFileURL(subject.file).href, JSON.stringify(event), String(WARM_UP), String(ROUNDS)];
  const answer = await askChild(join(import.meta.dirname, 'invoke.mjs'), args, {
    ...subject.environment,
    ...environment,
  });
  const { microseconds, status, bytes } = Measured.parse(answer);
  if (status >= 300 || bytes === 0) throw new Error(`${subject.name} answered ${status}`);
  return microseconds;
}

/** Requests as API Gateway hands them to a function. */
function eventsOf({ bearer }: BenchTable) {
  return (method: string, path: string, pathParameters: Record<string, string> = {}, body?: object) => ({
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    pathParameters,
    requestContext: {
      requestId: 'bench',
      http: { method, path, sourceIp: '127.0.0.1' },
    },
    isBase64Encoded: false,
    ...(body && { body: JSON.stringify(body) }),
  });
}

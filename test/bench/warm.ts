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

const PROCESSES = 3;
const WARM_UP = 300;
const ROUNDS = 600;
const BAR = 3;

const Measured = z.object({ microseconds: z.number(), status: z.int(), bytes: z.int() });

/** CPU time of a request in the clients function, against the floor function on the same database that answers at once. */
export async function warmFigures(
  bench: BenchTable,
  endpoint: string,
  floor: Subject,
  clients: Subject,
): Promise<Figure[]> {
  const { id } = await bench.clients.create(bench.principal, sampleClient(), committing(bench.table));
  const event = eventsOf(bench);
  const floorKey = `${bench.principal.companyId}#${id}`;
  const requests: { name: string; subject: Subject; event: object; bar?: number }[] = [
    { name: 'floor', subject: floor, event: { pathParameters: { clientId: floorKey } } },
    { name: 'getClient', subject: clients, event: event('GET', '/v1/clients/{clientId}', { clientId: id }), bar: BAR },
    { name: 'listClients, 50 of them', subject: clients, event: event('GET', '/v1/clients') },
    {
      name: 'createClient, one contact',
      subject: clients,
      event: event('POST', '/v1/clients', {}, { name: 'Bench', contacts: [{ email: 'ada@bench.example' }] }),
    },
  ];
  const stub = await startStub(endpoint);
  try {
    const times = new Map<string, number[]>(requests.map(({ name }) => [name, []]));
    for (let process = 0; process < PROCESSES; process++)
      for (const { name, subject, event } of requests)
        times
          .get(name)
          ?.push(await cpuTime(subject, event, { AWS_ENDPOINT_URL: stub.url, TABLE_NAME: bench.table.name }));
    const middle = (name: string) => median(times.get(name) ?? []);
    return requests.map(({ name, bar }) => ({
      group: 'Warm overhead: CPU time of a request, × floor',
      name,
      value: middle(name) / middle('floor'),
      unit: '×',
      detail: `${(middle(name) / 1000).toFixed(2)} ms`,
      ...(bar !== undefined && { bar }),
    }));
  } finally {
    stub.close();
  }
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

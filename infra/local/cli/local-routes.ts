import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StreamPump } from '../dynamodb/stream-pump.ts';
import type { CallRecord } from '../endpoint/calls.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { inboxPage, inboxSecurityPolicy } from '../ses/inbox.ts';
import { type MailBox, readMailAccount, readMailFault } from '../ses/ses.ts';
import { asObject, asString, asStrings, parseJson } from '../shared/json.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import type { QueuePump } from '../sqs/pump.ts';
import type { Queues } from '../sqs/queues.ts';
import { linkPage, linkPageSecurityPolicy } from './link-page.ts';
import type { Streams } from './streams.ts';

export type LocalServices = {
  mail: MailBox;
  calls: CallRecord;
  deadLetters: DeadLetters;
  functions: ReadonlyMap<string, LambdaFunction>;
  streams: Streams;
  queues: Queues;
  queuePumps: readonly QueuePump[];
  bus: EventBus;
};

type Reply = { status: number; json?: unknown; html?: string; securityPolicy?: string };
type Route = { method: string; path: RegExp; run(services: LocalServices, call: LocalCall): Reply | Promise<Reply> };
type LocalCall = { name: string; query: URLSearchParams; body: string };

const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/_local\/mail$/,
    run: ({ mail }, { query }) => ok(mail.list(query.get('to') ?? undefined)),
  },
  { method: 'DELETE', path: /^\/_local\/mail$/, run: ({ mail }) => done(mail.clear()) },
  { method: 'POST', path: /^\/_local\/mail\/faults$/, run: failMail },
  {
    method: 'PUT',
    path: /^\/_local\/mail\/account$/,
    run: ({ mail }, { body }) => done(mail.setAccount(readMailAccount(parseJson(body)))),
  },
  {
    method: 'GET',
    path: /^\/_local\/inbox$/,
    run: ({ mail }, { query }) => ({
      status: 200,
      html: inboxPage(mail.list(), query.get('mail')),
      securityPolicy: inboxSecurityPolicy,
    }),
  },
  { method: 'GET', path: /^\/_local\/pages\/([^/]+\/[^/]+\/[^/]+)$/, run: (_, { name }) => showLink(name) },
  {
    method: 'GET',
    path: /^\/_local\/calls$/,
    run: ({ calls }, { query }) => ok(calls.list(query.get('function') ?? undefined)),
  },
  { method: 'DELETE', path: /^\/_local\/calls$/, run: ({ calls }) => done(calls.clear()) },
  { method: 'GET', path: /^\/_local\/dead-letters$/, run: ({ deadLetters }) => ok(deadLetters.list()) },
  { method: 'DELETE', path: /^\/_local\/dead-letters$/, run: ({ deadLetters }) => done(deadLetters.clear()) },
  {
    method: 'POST',
    path: /^\/_local\/dead-letters\/redrive$/,
    run: ({ deadLetters }) => ok(deadLetters.redrive()),
  },
  {
    method: 'GET',
    path: /^\/_local\/queues$/,
    run: ({ queues }) => ok(queues.models.map(({ name, arn }) => ({ name, arn, ...queues.count(arn) }))),
  },
  { method: 'GET', path: /^\/_local\/events$/, run: ({ bus }) => ok(eventSummary(bus)) },
  { method: 'POST', path: /^\/_local\/events$/, run: publish },
  {
    method: 'GET',
    path: /^\/_local\/streams$/,
    run: ({ streams }) => ok(streams.pumps.map(streamSummary)),
  },
  { method: 'POST', path: /^\/_local\/streams\/drain$/, run: drain },
  { method: 'POST', path: /^\/_local\/functions\/([^/]+)$/, run: invoke },
  { method: 'POST', path: /^\/_local\/expire$/, run: async ({ streams }) => done(await streams.expireNow()) },
];

/** Serves requests under `/_local`: the controls and records of the local stack. */
export async function handleLocalRoute(
  services: LocalServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  const reply = isForeign(request)
    ? problem(403, 'Only pages of this stack may use /_local.')
    : await dispatch(services, request, url);
  const html = reply.html !== undefined;
  const body = Buffer.from(reply.html ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)));
  response.writeHead(reply.status, {
    'content-type': html ? 'text/html; charset=utf-8' : 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.securityPolicy === undefined ? {} : { 'content-security-policy': reply.securityPolicy }),
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Mails contain sign-in links: pages of other origins, and other host names that resolve to this address, are refused. */
function isForeign({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return (
    !['127.0.0.1', 'localhost', '[::1]'].includes(host) ||
    (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
  );
}

async function dispatch(services: LocalServices, request: IncomingMessage, url: URL): Promise<Reply> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(url.pathname) : null;
    if (match === null) continue;
    const name = decodeName(match[1] ?? '');
    if (name === undefined) return problem(400, 'The name is not valid.');
    return await route.run(services, { name, query: url.searchParams, body: await readText(request) });
  }
  return problem(404, `There is no ${request.method} ${url.pathname} here.`);
}

function decodeName(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > 1024 * 1024) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}

function done(_finished: unknown): Reply {
  return { status: 204 };
}

function problem(status: number, message: string): Reply {
  return { status, json: { message } };
}

function showLink(name: string): Reply {
  const [audience = '', company = '', page = ''] = name.split('/');
  const html = linkPage(audience, company, page);
  return html === undefined
    ? problem(404, 'No mail has such a link.')
    : { status: 200, html, securityPolicy: linkPageSecurityPolicy };
}

/** Invokes a function as `aws lambda invoke` does. Its folder in `functions/` is accepted as its name. */
async function invoke({ functions }: LocalServices, { name, body }: LocalCall): Promise<Reply> {
  const called =
    functions.get(name) ??
    [...functions.values()].find(({ model }) => model.environment.POWERTOOLS_SERVICE_NAME === name);
  if (called === undefined) return problem(404, `There is no function ${name}.`);
  const outcome = await called.invoke(body === '' ? '{}' : body);
  return outcome.ok ? ok(parseJson(outcome.result)) : { status: 502, json: outcome };
}

/** Applies faults to the next calls to SES, one each; an empty list removes them. */
function failMail({ mail }: LocalServices, { body }: LocalCall): Reply {
  const faults = parseJson(body);
  if (!Array.isArray(faults))
    return problem(400, 'The body must be a list of { "error"?, "status"?, "delay"?, "taken"?, "silent"? }.');
  mail.fail(faults.map(readMailFault));
  return { status: 204 };
}

/** Publishes an event to the bus as a service would, for instance to deliver one twice. */
function publish({ bus }: LocalServices, { body }: LocalCall): Reply {
  const event = asObject(parseJson(body));
  const [source, detailType] = [asString(event.source), asString(event['detail-type'])];
  if (source === undefined || detailType === undefined)
    return problem(400, 'The body must be { "source", "detail-type", "detail", "resources"? }.');
  bus.publish({
    source,
    detailType,
    detail: asObject(event.detail),
    resources: asStrings(event.resources),
    time: new Date(),
  });
  return { status: 202 };
}

/**
 * Waits until streams, queues and the event bus have delivered everything, including what their consumers write in turn. Does not
 * wait for hidden and delayed messages.
 */
async function drain({ streams: { pumps }, queuePumps, bus }: LocalServices): Promise<Reply> {
  const progress = () =>
    [...pumps.map((pump) => pump.position() ?? ''), ...queuePumps.map((pump) => String(pump.delivered()))].join();
  let before: string;
  do {
    before = progress();
    await Promise.all([...pumps, bus].map((one) => one.caughtUp()));
    await Promise.all(queuePumps.map((pump) => pump.idle()));
  } while (before !== progress() || bus.pending() > 0);
  return { status: 204 };
}

function eventSummary(bus: EventBus): object {
  const rules = bus.rules.map(({ name, pattern, functionNames, queueArns }) => ({
    name,
    pattern,
    functions: functionNames,
    queues: queueArns,
  }));
  return { pending: bus.pending(), rules };
}

function streamSummary(pump: StreamPump): object {
  const { id, functionName, tableName, batchSize, parallelizationFactor } = pump.mapping;
  const checkpoint = pump.position() ?? null;
  return { id, function: functionName, table: tableName, batchSize, parallelizationFactor, checkpoint };
}

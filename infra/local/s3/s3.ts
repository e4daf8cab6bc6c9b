import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { BucketModel } from '../assembly/s3.ts';
import type { Place } from '../assembly/template.ts';
import { close, listen } from '../cli/listeners.ts';
import { type Call, type CallRecord, createCallRecord } from '../endpoint/calls.ts';
import { type Attempt, isAllowed } from '../endpoint/policies.ts';
import type { ServiceEvent } from '../events/event-bus.ts';
import { messageOf } from '../shared/problem.ts';
import { receiveBody } from './body.ts';
import type { S3Answer, S3Call, S3Operation } from './call.ts';
import { corsHeaders } from './cors.ts';
import { accessDenied, S3Error } from './error.ts';
import { eventNote, readNote } from './events.ts';
import { readOperation } from './operations.ts';
import { readS3Request, type S3Request } from './request.ts';
import { type S3Caller, type Verified, verifySignature } from './signature.ts';
import { type ObjectStore, openObjectStore } from './store.ts';
import { xmlError } from './xml.ts';

export type { S3Caller } from './signature.ts';

export type S3Settings = {
  /** The folder of the objects, created if missing. */
  folder: string;
  /** 0, the default, for any free port of 127.0.0.1. */
  port?: number;
  place: Place;
  buckets: readonly BucketModel[];
  /** The callers by their credentials, with the statements of their policies. */
  callers: readonly S3Caller[];
  /** Records every call with a valid signature; a call by presigned URL belongs to the function that signed it. */
  calls?: CallRecord;
  /** Receives the events "Object Created" and "Object Deleted"; must have them on disk when it returns. */
  publish?: (event: ServiceEvent) => void;
  /** The clock that signatures and their expiry are checked against. */
  now?: () => Date;
  log?: (line: string) => void;
};

export type S3Endpoint = { url: string; calls: CallRecord; stop(): Promise<void> };

type Services = Required<Pick<S3Settings, 'place' | 'calls' | 'publish' | 'now' | 'log'>> & {
  store: ObjectStore;
  buckets: ReadonlyMap<string, BucketModel>;
  callers: ReadonlyMap<string, S3Caller>;
};

/** The rest of a refused body is still read up to this size, because a client reads the response only after sending its body. */
const discardedBytes = 64 * 1024 * 1024;

/**
 * S3 on this machine, for the stack and by itself for tests:
 *
 *     const s3 = await startS3({
 *       folder, place: { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Test' },
 *       buckets: [{ name: 'documents', arn: 'arn:aws:s3:::documents', sendsEvents: true, cors: [] }],
 *       callers: [{ name: 'test', accessKey: 'AKIATEST', secretKey: 'secret', statements }],
 *       publish: (event) => events.push(event),
 *     });
 *     new S3Client({ endpoint: s3.url, region: 'eu-west-1', credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } });
 *
 * Every request must be signed, by headers or as a presigned URL. An upload is visible only when all of it was checked and is on disk.
 */
export async function startS3(settings: S3Settings): Promise<S3Endpoint> {
  const services: Services = {
    place: settings.place,
    calls: settings.calls ?? createCallRecord(),
    publish: settings.publish ?? (() => undefined),
    now: settings.now ?? (() => new Date()),
    log: settings.log ?? (() => undefined),
    store: openObjectStore(settings.folder),
    buckets: new Map(settings.buckets.map((bucket) => [bucket.name, bucket])),
    callers: new Map(settings.callers.map((caller) => [caller.accessKey, caller])),
  };
  publishEvents(services);
  const handle = (request: IncomingMessage, response: ServerResponse) => void answer(services, request, response);
  const server = createServer({ requestTimeout: 0 }, handle);
  // A client that sends `Expect: 100-continue` is asked for the body only after its headers were checked.
  server.on('checkContinue', handle);
  await listen(server, settings.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: services.calls,
    async stop() {
      await close(server);
      services.store.close();
    },
  };
}

/** Publishes the events of the store's outbox; they stay there until `publish` has succeeded. */
function publishEvents({ store, publish, log }: Services): void {
  try {
    store.publishEvents((note) => publish(readNote(note)));
  } catch (error) {
    log(`An event of S3 could not be published yet: ${messageOf(error)}`);
  }
}

async function answer(services: Services, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  let cors: Record<string, string> = {};
  let reply: S3Answer;
  try {
    const request = readS3Request(incoming);
    cors = corsOf(services, request);
    reply =
      request.method === 'OPTIONS' ? preflight(cors) : await perform(services, incoming, response, request, requestId);
  } catch (error) {
    reply = refusal(services, error, incoming.url ?? '/', requestId);
  }
  publishEvents(services);
  await send(incoming, response, { ...reply, headers: { ...reply.headers, ...cors } }, requestId).catch(() =>
    response.destroy(),
  );
}

async function perform(
  services: Services,
  incoming: IncomingMessage,
  response: ServerResponse,
  request: S3Request,
  requestId: string,
): Promise<S3Answer> {
  const started = performance.now();
  const verified = verifySignature(request, services.callers, services.place, services.now());
  const bucket = services.buckets.get(request.bucket);
  if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  const operation = readOperation(request, verified.headers, bucket);
  const authorizations: Call['authorizations'] = [];
  const may = ({ action, resource, context }: Attempt) => {
    const authType = { 's3:authType': [verified.authType] };
    const allowed = isAllowed(verified.caller.statements, { action, resource, context: { ...authType, ...context } });
    authorizations.push({ action, resource, allowed });
    return allowed;
  };
  const call: S3Call = {
    request,
    headers: verified.headers,
    payloadHash: verified.payloadHash,
    bucket,
    store: services.store,
    now: services.now,
    may,
    receive(write) {
      if (incoming.headers.expect !== undefined) response.writeContinue();
      return receiveBody(chunksOf(incoming), verified.headers, verified.payloadHash, write);
    },
    note: (detailType, detail) => eventNote(bucket, { detailType, detail, requestId }, services),
  };
  const outcome = await runIfAllowed(operation, call).catch((error: unknown) => error as Error);
  record(services.calls, verified, operation, authorizations, outcome, started);
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

async function* chunksOf(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw new S3Error(400, 'IncompleteBody', 'The connection ended before the body did.');
  }
}

async function runIfAllowed(operation: S3Operation, call: S3Call): Promise<S3Answer> {
  for (const attempt of operation.attempts) if (!call.may(attempt)) throw accessDenied();
  return await operation.run(call);
}

function record(
  calls: CallRecord,
  { caller }: Verified,
  { name }: S3Operation,
  authorizations: Call['authorizations'],
  outcome: S3Answer | Error,
  started: number,
): void {
  const refused = outcome instanceof S3Error ? outcome : undefined;
  calls.add({
    function: caller.name,
    time: new Date().toISOString(),
    service: 's3',
    action: name,
    authorizations,
    allowed: authorizations.every(({ allowed }) => allowed),
    status: outcome instanceof Error ? (refused?.status ?? 500) : outcome.status,
    ...(outcome instanceof Error ? { error: refused?.code ?? 'InternalError' } : {}),
    milliseconds: Math.round((performance.now() - started) * 100) / 100,
  });
}

function corsOf({ buckets }: Services, { method, headers, bucket }: S3Request): Record<string, string> {
  const requested = headers['access-control-request-headers'] ?? '';
  return corsHeaders(buckets.get(bucket)?.cors ?? [], {
    origin: headers.origin,
    method: method === 'OPTIONS' ? (headers['access-control-request-method'] ?? '') : method,
    headers:
      method === 'OPTIONS'
        ? requested
            .split(',')
            .map((name) => name.trim().toLowerCase())
            .filter((name) => name !== '')
        : [],
  });
}

function preflight(cors: Record<string, string>): S3Answer {
  if (Object.keys(cors).length > 0) return { status: 200, headers: {} };
  throw new S3Error(403, 'AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
}

function refusal({ log }: Services, error: unknown, url: string, requestId: string): S3Answer {
  const refused =
    error instanceof S3Error
      ? error
      : new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
  if (refused.status === 500) log(`S3 failed: ${messageOf(error)}`);
  return {
    status: refused.status,
    headers: { 'content-type': 'application/xml', ...refused.headers },
    body: xmlError(refused, url.split('?')[0] ?? '/', requestId),
  };
}

async function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: S3Answer,
  requestId: string,
): Promise<void> {
  if (response.destroyed) return;
  if (!incoming.complete && !(await discardBody(incoming).catch(() => false)))
    response.setHeader('connection', 'close');
  response.writeHead(status, {
    ...headers,
    ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}),
    server: 'AmazonS3',
    'x-amz-request-id': requestId,
    'x-amz-id-2': 'local',
  });
  const bodiless = incoming.method === 'HEAD' || status === 304 || status === 204;
  if (bodiless || body === undefined || typeof body === 'string') return void response.end(bodiless ? undefined : body);
  if (body.end < body.start) return void response.end();
  await pipeline(createReadStream(body.file, { start: body.start, end: body.end }), response);
}

/** Reads and discards the rest of a body. False if the client still waits for `100 Continue`, or if the rest is too large. */
async function discardBody(incoming: IncomingMessage): Promise<boolean> {
  if (incoming.headers.expect !== undefined) return false;
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > discardedBytes) return false;
  }
  return true;
}

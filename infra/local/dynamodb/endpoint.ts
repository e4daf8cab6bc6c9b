import { STATUS_CODES } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import type { Place } from '../assembly/template.ts';
import { authorize, type Caller, callerOf, recordCall, signatureOf } from '../endpoint/authorization.ts';
import type { CallRecord } from '../endpoint/calls.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { type HttpMessage, headerOf, messageReader, statusOf } from '../shared/http-messages.ts';
import { asObject, asString, parseJson } from '../shared/json.ts';
import type { DynamoDb } from './engine.ts';
import { type KeyNames, readDynamoDbRequest } from './requests.ts';

export type DynamoDbEndpointSettings = {
  engine: Pick<DynamoDb, 'endpoint' | 'forward'>;
  place: Place;
  /** Callers by access key id. */
  callers: ReadonlyMap<string, Caller>;
  keyOf: KeyNames;
  calls: CallRecord;
  /** Called when a call has written to a table. */
  onTableWrite?(): void;
};

export type DynamoDbEndpoint = { url: string; stop(): Promise<void> };

/** DynamoDB accepts requests of 16 MB. */
const MAXIMUM_BYTES = 17 * 1024 * 1024;

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** Records the outcome of a call. */
type RecordOutcome = (status: number, error?: string) => void;

/**
 * The address that functions use as DynamoDB. Of each request it identifies the caller by the access key, checks the caller's
 * policies and records the call; then the engine answers it.
 */
export async function startDynamoDbEndpoint(settings: DynamoDbEndpointSettings): Promise<DynamoDbEndpoint> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(settings, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function serve(settings: DynamoDbEndpointSettings, socket: Socket): void {
  const { engine } = settings;
  const requests = messageReader(MAXIMUM_BYTES);
  const pass = engine.forward ? forwarding(socket, engine.forward) : passingThrough(socket, engine.endpoint);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      const request = requests.read(chunk);
      if (request === undefined) return;
      const record = admit(settings, request);
      if (record instanceof ServiceError) socket.write(errorResponse(record));
      else pass(request, record);
    } catch {
      // Where this message ends and the next one begins is not known, so the connection is of no more use.
      socket.destroy();
    }
  });
}

/** Passes requests and responses on as they are, with a connection to the engine for each connection of a function. */
function passingThrough(socket: Socket, endpoint: string) {
  const { hostname, port } = new URL(endpoint);
  const engine = connect({ host: hostname, port: Number(port), noDelay: true });
  let listener: ((chunk: Buffer) => void) | undefined;
  engine.on('data', (chunk: Buffer) => {
    socket.write(chunk);
    try {
      listener?.(chunk);
    } catch {
      // No HTTP response that can be read, so neither end can be trusted to be where the other thinks.
      engine.destroy();
    }
  });
  engine.on('error', () => engine.destroy());
  engine.once('close', () => socket.destroy());
  socket.once('close', () => engine.destroy());
  return ({ bytes }: HttpMessage, record: RecordOutcome): void => {
    listener = recordOutcome(record);
    engine.write(bytes);
  };
}

/** For engines that must not see the functions' own access keys, or need more than the one call. */
function forwarding(socket: Socket, forward: NonNullable<DynamoDb['forward']>) {
  return ({ head, body }: HttpMessage, record: RecordOutcome): void => {
    forward(headerOf(head, 'x-amz-target') ?? '', body).then(
      (answer) => {
        record(answer.status, answer.status === 200 ? undefined : errorName(answer.body));
        socket.write(responseHead(answer.status, answer.body.length));
        socket.write(answer.body);
      },
      () => socket.destroy(),
    );
  };
}

/** Checks a request: what records its outcome, or the refusal if the caller is unknown or not allowed. */
function admit(settings: DynamoDbEndpointSettings, { head, body }: HttpMessage): RecordOutcome | ServiceError {
  const { place, keyOf, calls } = settings;
  const started = performance.now();
  const caller = callerOrRefusal(settings.callers, headerOf(head, 'authorization'));
  if (caller instanceof ServiceError) return caller;
  const action = (headerOf(head, 'x-amz-target') ?? '').replace(/^[^.]*\./, '');
  const request = readDynamoDbRequest(action, asObject(parseJson(body.toString())), place, keyOf);
  const wanted = { service: 'dynamodb', action, ...request };
  const { authorizations, refusal } = authorize(caller, wanted.attempts);
  const record: RecordOutcome = (status, error) => {
    recordCall(calls, caller, wanted, authorizations, { status, error }, started);
    if (status === 200 && WRITES.has(action)) settings.onTableWrite?.();
  };
  if (refusal !== undefined) record(refusal.status, refusal.name);
  return refusal ?? record;
}

function callerOrRefusal(callers: ReadonlyMap<string, Caller>, authorization: string | undefined) {
  try {
    const { accessKey, service } = signatureOf(authorization);
    if (service === 'dynamodb') return callerOf(callers, accessKey);
    return new ServiceError('UnknownServiceException', `This address is DynamoDB's, not that of "${service}".`);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

/** Records the status of a response, and of an error also its name, which is in the body. */
function recordOutcome(record: RecordOutcome): (chunk: Buffer) => void {
  const response = messageReader(MAXIMUM_BYTES);
  let recorded = false;
  return (chunk) => {
    if (recorded) return;
    // What follows of a success is not looked at: it can be a megabyte.
    const succeeded = chunk.subarray(0, SUCCESS.length).equals(SUCCESS);
    const message = succeeded ? undefined : response.read(chunk);
    if (!succeeded && message === undefined) return;
    recorded = true;
    const status = message === undefined ? 200 : statusOf(message.head);
    record(status, message === undefined || status === 200 ? undefined : errorName(message.body));
  };
}

const SUCCESS = Buffer.from('HTTP/1.1 200');

function errorName(body: Buffer): string {
  const json = asObject(parseJson(body.toString()));
  return (asString(json.__type) ?? 'UnknownError').replace(/^.*#/, '');
}

function errorResponse({ name, status, message }: ServiceError): string {
  const body = JSON.stringify({ __type: name, message });
  return responseHead(status, Buffer.byteLength(body), `x-amzn-errortype: ${name}`) + body;
}

function responseHead(status: number, length: number, ...headers: string[]): string {
  const first = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`;
  const type = 'content-type: application/x-amz-json-1.0';
  return [first, type, `content-length: ${length}`, ...headers, '', ''].join('\r\n');
}

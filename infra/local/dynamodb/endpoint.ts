import { connect, createServer, type Socket } from 'node:net';
import type { Place } from '../assembly/template.ts';
import { authorize, type Caller, identify, recordCall } from '../endpoint/authorization.ts';
import type { CallRecord } from '../endpoint/calls.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { type HttpMessage, headerOf, messageReader, statusOf } from '../shared/http-messages.ts';
import { asObject, asString, parseJson } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';
import { type KeyNames, readDynamoDbRequest } from './requests.ts';

export type DynamoDbEndpointSettings = {
  engineEndpoint: string;
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

/** Hears of the bytes of a response as they pass. */
type Listener = (chunk: Buffer) => void;

/**
 * The address that functions use as DynamoDB. Each connection of a function has a connection to the engine of its own. Of each
 * request it identifies the caller by the access key, checks the caller's policies and records the call; then the bytes pass
 * to the engine, and its response to the function, as they are.
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
  const { hostname, port } = new URL(settings.engineEndpoint);
  const engine = connect({ host: hostname, port: Number(port), noDelay: true });
  const requests = messageReader(MAXIMUM_BYTES);
  let listener: Listener | undefined;

  function handle(request: HttpMessage): void {
    try {
      listener = admit(settings, request);
      engine.write(request.bytes);
    } catch (error) {
      socket.write(errorResponse(error));
    }
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      const request = requests.read(chunk);
      if (request !== undefined) handle(request);
    } catch {
      // Where this message ends and the next one begins is not known, so the connection is of no more use.
      socket.destroy();
    }
  });
  engine.on('data', (chunk: Buffer) => {
    socket.write(chunk);
    listener?.(chunk);
  });
  for (const [one, other] of [
    [socket, engine],
    [engine, socket],
  ] as const) {
    one.on('error', () => one.destroy());
    one.once('close', () => other.destroy());
  }
}

/**
 * Checks a request; answers what records its outcome.
 *
 * @throws ServiceError if the caller is unknown or not allowed; the refusal is recorded
 */
function admit(settings: DynamoDbEndpointSettings, { head, body }: HttpMessage): Listener {
  const { place, callers, keyOf, calls } = settings;
  const started = performance.now();
  const { caller, service } = identify(callers, headerOf(head, 'authorization'));
  if (service !== 'dynamodb')
    throw new ServiceError('UnknownServiceException', `This address is DynamoDB's, not that of "${service}".`);
  const action = (headerOf(head, 'x-amz-target') ?? '').replace(/^[^.]*\./, '');
  const wanted = {
    service,
    action,
    ...readDynamoDbRequest(action, asObject(parseJson(body.toString())), place, keyOf),
  };
  const { authorizations, refusal } = authorize(caller, wanted.attempts);
  const record = (status: number, error?: string) => {
    recordCall(calls, caller, wanted, authorizations, { status, error }, started);
    if (status === 200 && WRITES.has(action)) settings.onTableWrite?.();
  };
  if (refusal !== undefined) {
    record(refusal.status, refusal.name);
    throw refusal;
  }
  return recordOutcome(record);
}

/** Records the status of a response, and of an error also its name, which is in the body. */
function recordOutcome(record: (status: number, error?: string) => void): Listener {
  const response = messageReader(MAXIMUM_BYTES);
  let recorded = false;
  return (chunk) => {
    if (recorded) return;
    if (chunk.subarray(0, 'HTTP/1.1 200'.length).equals(SUCCESS)) {
      recorded = true;
      record(200);
      return;
    }
    const message = response.read(chunk);
    if (message === undefined) return;
    recorded = true;
    record(statusOf(message.head), errorName(message.body));
  };
}

const SUCCESS = Buffer.from('HTTP/1.1 200');

function errorName(body: Buffer): string {
  const json = asObject(parseJson(body.toString()));
  return (asString(json.__type) ?? 'UnknownError').replace(/^.*#/, '');
}

function errorResponse(error: unknown): string {
  const { name, status } =
    error instanceof ServiceError ? error : new ServiceError('InternalServerError', messageOf(error), 500);
  const body = JSON.stringify({ __type: name, message: messageOf(error) });
  return [
    `HTTP/1.1 ${status} ${name}`,
    'content-type: application/x-amz-json-1.0',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-amzn-errortype: ${name}`,
    '',
    body,
  ].join('\r\n');
}

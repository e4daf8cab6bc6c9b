import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { forwardToEngine } from '../../infra/local/dynamodb/client.ts';
import { type DynamoDbEndpoint, startDynamoDbEndpoint } from '../../infra/local/dynamodb/endpoint.ts';
import { createCallRecord } from '../../infra/local/endpoint/calls.ts';
import { parsePolicy } from '../../infra/local/endpoint/policies.ts';
import {
  type HttpMessage,
  headerOf,
  type MessageReader,
  messageReader,
} from '../../infra/local/shared/http-messages.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'Test' };
const statements = parsePolicy({ Statement: { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' } });
const callers = new Map([['AKIATEST', { name: 'reader', statements }]]);

const message = (first: string, body: string, ...headers: string[]) =>
  [first, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
const request = (action: string, body = '{"TableName":"T","Key":{"PK":{"S":"é"}}}') =>
  message(
    'POST / HTTP/1.1',
    body,
    `X-Amz-Target: DynamoDB_20120810.${action}`,
    'Authorization: AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-west-1/dynamodb/aws4_request, Signature=0',
  );

function readIfWhole(reader: MessageReader, chunk: Buffer): HttpMessage | undefined {
  try {
    return reader.read(chunk);
  } catch {
    return undefined; // The connection is closed instead.
  }
}

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** An engine that answers each request by the next of `answers`, or hangs up where there is none. */
async function world(answers: string[], forwards = false) {
  const received: string[] = [];
  const left = [...answers];
  const engine: Server = createServer((socket) => {
    const reader = messageReader(1_000_000);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const { head, body } = reader.read(chunk) ?? {};
      if (head === undefined) return;
      received.push(`${headerOf(head, 'x-amz-target')} ${body}`);
      const answer = left.shift();
      if (answer === undefined) socket.destroy();
      else for (const byte of Buffer.from(answer)) socket.write(Buffer.from([byte]));
    });
  }).listen(0, '127.0.0.1');
  undo.push(() => engine.close());
  await new Promise((resolve) => engine.once('listening', resolve));
  const address = engine.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const calls = createCallRecord();
  const engineEndpoint = `http://127.0.0.1:${port}`;
  const endpoint: DynamoDbEndpoint = await startDynamoDbEndpoint({
    engine: {
      endpoint: engineEndpoint,
      ...(forwards && { forward: (target: string, body: Buffer) => forwardToEngine(engineEndpoint, target, body) }),
    },
    place,
    callers,
    keyOf: () => 'PK',
    calls,
  });
  undo.push(() => endpoint.stop());
  const socket: Socket = connect({ port: Number(new URL(endpoint.url).port), host: '127.0.0.1', noDelay: true });
  undo.push(() => socket.destroy());
  const reader = messageReader(1_000_000);
  /** Sends bytes; the answer, or `closed`. */
  const send = (...chunks: (string | Buffer)[]) =>
    new Promise<string>((resolve) => {
      const listen = (chunk: Buffer) => {
        const answer = readIfWhole(reader, chunk);
        if (answer === undefined) return;
        socket.off('data', listen);
        resolve(answer.bytes.toString());
      };
      socket.on('data', listen);
      socket.once('close', () => resolve('closed'));
      for (const chunk of chunks) socket.write(chunk);
    });
  return { received, calls, send };
}

describe('the endpoint of DynamoDB', () => {
  it('passes requests and responses as they are, however they are cut', async () => {
    const answers = [message('HTTP/1.1 200 OK', '{"Item":{"n":{"S":"ü"}}}'), message('HTTP/1.1 200 OK', '{}')];
    const { send, received, calls } = await world(answers);
    const bytes = Buffer.from(request('GetItem'));
    expect(await send(...[...bytes].map((byte) => Buffer.from([byte])))).toBe(answers[0]);
    expect(await send(bytes)).toBe(answers[1]);
    expect(received).toEqual(Array(2).fill('DynamoDB_20120810.GetItem {"TableName":"T","Key":{"PK":{"S":"é"}}}'));
    for (const call of calls.list()) expect(call).not.toHaveProperty('error');
    expect(calls.list()).toMatchObject(
      Array(2).fill({ function: 'reader', action: 'GetItem', table: 'T', allowed: true, status: 200 }),
    );
  });

  it.each([false, true])('records the name of an error (forwarded: %s)', async (forwards) => {
    const { send, calls } = await world(
      [message('HTTP/1.1 400 Bad Request', '{"__type":"x#ValidationException"}')],
      forwards,
    );
    expect(await send(request('GetItem'))).toContain('400 Bad Request');
    expect(calls.list()).toMatchObject([{ status: 400, error: 'ValidationException' }]);
  });

  it('gives a forwarded request the access key of the stack, and its answer to the function', async () => {
    const { send, calls } = await world([message('HTTP/1.1 200 OK', '{"Item":{}}')], true);
    expect(await send(request('GetItem'))).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n\{"Item":\{\}\}$/s);
    expect(calls.list()).toMatchObject([{ action: 'GetItem', status: 200 }]);
  });

  it('refuses what the policies do not allow, and the connection goes on', async () => {
    const { send, received, calls } = await world([message('HTTP/1.1 200 OK', '{}')]);
    expect(await send(request('PutItem'))).toContain('AccessDeniedException');
    expect(await send(request('GetItem'))).toContain('200 OK');
    expect(received).toHaveLength(1);
    expect(calls.list().map(({ action, allowed }) => [action, allowed])).toEqual([
      ['PutItem', false],
      ['GetItem', true],
    ]);
  });

  it.each([false, true])('hangs up if the engine does, so that the SDK retries (forwarded: %s)', async (forwards) => {
    const { send, calls } = await world([], forwards);
    expect(await send(request('GetItem'))).toBe('closed');
    expect(calls.list()).toEqual([]);
  });

  it('hangs up if the engine answers with an error that has no length', async () => {
    const { send } = await world(['HTTP/1.1 500 Internal Server Error\r\nserver: x\r\n\r\n']);
    expect(await send(request('GetItem'))).toBe('closed');
  });

  it.each([
    ['has no length', 'POST / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['runs into the next', `${request('GetItem')}POST`],
  ])('hangs up on a request that %s', async (_what, bytes) => {
    const { send } = await world([message('HTTP/1.1 200 OK', '{}')]);
    expect(await send(bytes)).toBe('closed');
  });
});

describe('the record of calls', () => {
  it('keeps the latest calls in at most the bytes that it may take', () => {
    const calls = createCallRecord(100_000);
    const call = {
      time: '2026-01-01T00:00:00.000Z',
      service: 'dynamodb',
      authorizations: [],
      allowed: true,
      status: 200,
      milliseconds: 1,
    };
    for (let index = 0; index < 10_000; index++) calls.add({ ...call, function: 'f', action: `a${index}` });
    const kept = calls.list();
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(250);
    expect(kept.at(-1)?.action).toBe('a9999');
  });
});

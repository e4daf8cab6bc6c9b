import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openTable, type Table } from '../../lib/table/client.ts';

/** What the engine answers to one request. */
export interface EngineAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface Asked {
  operation: string;
  body: Record<string, unknown>;
}

export const refusal = (status: number, type: string, more: Record<string, unknown> = {}): EngineAnswer => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'a secret detail', ...more },
});

export const done = (body: Record<string, unknown> = {}): EngineAnswer => ({ status: 200, body });

export const canceled = (...codes: string[]): EngineAnswer =>
  refusal(400, 'TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });

/** A table behind the real SDK client, whose answers on the wire are made here; a thrown error is a broken connection. */
export function failingTable(answer: (asked: Asked, index: number) => EngineAnswer) {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpoint: 'http://127.0.0.1:9',
    maxAttempts: 2,
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body?: Uint8Array | string }) {
        const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
        const one = { operation, body: JSON.parse(Buffer.from(request.body ?? '').toString()) };
        asked.push(one);
        const { status, body } = answer(one, asked.length - 1);
        const headers = { 'content-type': 'application/x-amz-json-1.0' };
        return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) } };
      },
    },
  });
  const table: Table = openTable('Test', {
    client,
    backOff: async (attempt) => {
      waits.push(attempt);
    },
  });
  return { table, asked, waits };
}

/** How a lost connection looks to the SDK. */
export function connectionLost(): Error {
  return Object.assign(new Error('a secret detail'), { code: 'ECONNRESET', name: 'ECONNRESET' });
}

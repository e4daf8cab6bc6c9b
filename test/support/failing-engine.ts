import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openTable, type Table } from '../../lib/table/client.ts';

/** The answer of the engine to a request. */
export interface EngineAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface EngineRequest {
  operation: string;
  body: Record<string, unknown>;
}

export const refusal = (status: number, type: string, more: Record<string, unknown> = {}): EngineAnswer => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'a secret detail', ...more },
});

export const success = (body: Record<string, unknown> = {}): EngineAnswer => ({ status: 200, body });

export const cancellation = (...codes: string[]): EngineAnswer =>
  refusal(400, 'TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });

/** A table with the real SDK client, whose HTTP answers come from `answer`. If `answer` throws, the connection breaks. */
export function failingTable(answer: (request: EngineRequest, index: number) => EngineAnswer) {
  const requests: EngineRequest[] = [];
  const waits: number[] = [];
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpoint: 'http://127.0.0.1:9',
    maxAttempts: 2,
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body?: Uint8Array | string }) {
        const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
        const call = { operation, body: JSON.parse(Buffer.from(request.body ?? '').toString()) };
        requests.push(call);
        const { status, body } = answer(call, requests.length - 1);
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
  return { table, requests, waits };
}

/** The error of a lost connection, as the SDK sees it. */
export function connectionLost(): Error {
  return Object.assign(new Error('a secret detail'), { code: 'ECONNRESET', name: 'ECONNRESET' });
}

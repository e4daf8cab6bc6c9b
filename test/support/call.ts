import './quiet.ts';

import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { ReadSecret } from '../../lib/aws/secrets.ts';
import { contract } from '../../lib/http/contract.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import type { HttpEvent, HttpResult } from '../../lib/http/event.ts';
import { createHandler } from '../../lib/http/handler.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';
import type { Commit } from '../../lib/table/transaction.ts';

const createRoute = {
  method: 'POST',
  tag: 'Things',
  access: 'public',
  accountFields: ['name'],
  body: z.strictObject({ name: z.string() }),
  reply: { status: 201, description: 'The thing.', schema: z.object({ name: z.string(), made: z.int() }) },
  problems: [],
} as const;

const things = contract({
  createThing: { ...createRoute, path: '/v1/things', summary: 'Create a thing' },
  createSecret: { ...createRoute, path: '/v1/secrets', summary: 'Create a secret', carriesCredential: true },
});

export interface Made {
  name: string;
  made: number;
}

const readAny: ReadSecret = async () => 'a secret';

const toReply = (made: Made) => ({ body: made });

type Create = (name: string, commit: Commit<Made>) => Promise<Made>;

/** A function with a POST route, and another one that carries a credential. Returns what calls it as API Gateway would. */
export function thingFunction(
  table: Table,
  source: Source,
  create: Create,
  remainingMs = 10_000,
  readSecret: ReadSecret = readAny,
) {
  const handler = createHandler(
    things,
    {
      createThing: async ({ body, commit }) => ({ body: await create(body.name, commit(toReply)) }),
      createSecret: async ({ body, commit }) => ({ body: await create(body.name, commit(toReply)) }),
    },
    {
      table,
      source,
      readSecret,
      cursors: cursorSealer(readSecret, source),
      resolveCaller: async () => null,
    },
  );
  let requests = 0;
  return async (name: string, key?: string, path = '/v1/things'): Promise<HttpResult> => {
    const routeKey = `POST ${path}`;
    const event: HttpEvent = {
      version: '2.0',
      routeKey,
      rawPath: path,
      rawQueryString: '',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      requestContext: {
        accountId: '',
        apiId: '',
        domainName: '',
        domainPrefix: '',
        requestId: `request-${++requests}`,
        routeKey,
        stage: '$default',
        time: '',
        timeEpoch: 0,
        http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      },
      body: JSON.stringify({ name }),
      isBase64Encoded: false,
    };
    // The frame uses nothing else of the Lambda context.
    const context = { getRemainingTimeInMillis: () => remainingMs } as Context;
    return handler(event, context);
  };
}

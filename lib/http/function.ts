import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger } from '../aws/logger.ts';
import { metrics } from '../aws/metrics.ts';
import { Problem } from '../shared/errors.ts';
import type { Source } from '../shared/source.ts';
import type { Table } from '../table/table.ts';
import { admit, callerOf, principalOf } from './admission.ts';
import type { Call, Contract, Handlers, Reply, Route } from './contract.ts';
import type { CursorSealer } from './cursor.ts';
import { acceptedVersions, entityTag, namesTag } from './entity-tag.ts';
import type { HttpEvent, HttpResult } from './event.ts';
import { type Answer, type Claim, claim } from './idempotency.ts';
import { parseInput } from './input.ts';
import { requestTrace, securityHeaders } from './middleware.ts';
import { problemAnswer, problemJson } from './problem-json.ts';

interface Wiring {
  table: Table;
  source: Source;
  cursors: CursorSealer;
}

interface Operation {
  id: string;
  route: Route;
  run: (call: Call<Route>) => Promise<Reply<Route>>;
}

/** The handler of a function: every route of its contract, each with the whole frame around its operation. */
export function httpFunction<C extends Contract>(contract: C, handlers: Handlers<C>, wiring: Wiring) {
  const operations = new Map<string, Operation>();
  for (const [id, route] of Object.entries(contract)) {
    // What ties each handler to its own route's types is Handlers<C>; behind this line they are all alike.
    const run = handlers[id] as Operation['run'];
    operations.set(`${route.method} ${route.path}`, { id, route, run });
  }

  return middy<HttpEvent, HttpResult>()
    .use(requestTrace(logger, metrics, (routeKey) => operations.get(routeKey)?.id, callerOf))
    .use(securityHeaders())
    .use(problemJson(logger))
    .handler((event, context) => {
      const operation = operations.get(event.routeKey);
      if (!operation) throw new Problem('not-found');
      return answer(operation, event, context, wiring);
    });
}

async function answer(operation: Operation, event: HttpEvent, context: Context, wiring: Wiring): Promise<HttpResult> {
  const { id, route } = operation;
  const principal = principalOf(event);
  admit(route, principal);
  const input = parseInput(route, event);
  const scope = principal ? `${principal.companyId}#${principal.id}` : 'PUBLIC';
  const held =
    route.method === 'POST'
      ? await claimed(wiring, {
          header: event.headers['idempotency-key'],
          scope,
          operationId: id,
          path: event.rawPath,
          body: input.rawBody,
          remainingMs: context.getRemainingTimeInMillis(),
        })
      : undefined;
  if (held && 'status' in held) return replayed(held);

  let remembered: Answer | undefined;
  const call = {
    principal,
    params: input.params,
    query: input.query,
    body: input.body,
    ifMatch: acceptedVersions(event.headers['if-match']),
    sourceIp: event.requestContext.http.sourceIp,
    cursor: wiring.cursors({
      companyId: principal?.companyId ?? '',
      operationId: id,
      path: event.rawPath,
      query: event.queryStringParameters ?? {},
    }),
    remember: (reply: Reply<Route>) => {
      if (!held) return [];
      const last = answerOf(route, reply);
      return [
        {
          ...held.finish(last),
          done: () => {
            remembered = last;
          },
        },
      ];
    },
  };
  // parseInput has just made these of the route's own schemas.
  const reply = await withRefusalsKept(held, event.requestContext.requestId, () => operation.run(call as Call<Route>));
  const finished = remembered ?? answerOf(route, reply);
  if (held && !remembered) await held.save(finished);
  return conditional(route, event, finished);
}

async function claimed(
  { table, source }: Wiring,
  { header, ...request }: Omit<Parameters<typeof claim>[2], 'key'> & { header: string | undefined },
): Promise<Claim | Answer | undefined> {
  if (header === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) throw new Problem('bad-idempotency-key');
  return claim(table, source, { ...request, key: header });
}

/** A refusal is an answer too, and is replayed; a fault, a throttle or a busy record is none and frees the key. */
async function withRefusalsKept<T>(held: Claim | undefined, requestId: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (held) {
      if (error instanceof Problem && error.status < 500 && error.retryAfter === undefined)
        await held.save(problemAnswer(error, requestId));
      else await held.release();
    }
    throw error;
  }
}

function answerOf(route: Route, reply: Reply<Route>): Answer {
  const { status, schema } = route.reply;
  return {
    status: reply.created ? 201 : status,
    headers: {
      ...(schema && { 'content-type': 'application/json' }),
      ...(reply.version !== undefined && { etag: entityTag(reply.version) }),
      ...(reply.location !== undefined && { location: reply.location }),
    },
    // Through the schema, so that nothing internal leaks.
    body: schema ? JSON.stringify(schema.parse(reply.body)) : '',
  };
}

function conditional(route: Route, event: HttpEvent, answer: Answer): HttpResult {
  const tag = answer.headers.etag;
  if (route.method === 'GET' && tag && namesTag(event.headers['if-none-match'], tag))
    return { statusCode: 304, headers: { etag: tag }, body: '' };
  return { statusCode: answer.status, headers: answer.headers, body: answer.body };
}

function replayed(first: Answer): HttpResult {
  return {
    statusCode: first.status,
    headers: { ...first.headers, 'idempotency-replayed': 'true' },
    body: first.body,
  };
}

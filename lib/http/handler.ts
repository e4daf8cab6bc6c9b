import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger } from '../aws/logger.ts';
import { metrics } from '../aws/metrics.ts';
import type { ReadSecret } from '../aws/secrets.ts';
import type { ResolveCaller } from '../credentials/bearer.ts';
import { type InputFault, Problem } from '../shared/errors.ts';
import type { Caller } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Table } from '../table/client.ts';
import { committing, transact } from '../table/transaction.ts';
import { admit } from './admission.ts';
import {
  type Call,
  type Contract,
  type Cursors,
  type FaultyCall,
  type Handlers,
  keepsAnswer,
  type Reply,
  type Route,
} from './contract.ts';
import type { CursorSealer } from './cursor.ts';
import { acceptedVersions, contentTag, entityTag, namesTag } from './entity-tag.ts';
import type { HttpEvent, HttpResult } from './event.ts';
import { type Answer, type Claim, claimKey } from './idempotency.ts';
import { checkInput, isFaultless, type ParsedInput } from './input.ts';
import { requestTrace, securityHeaders } from './middleware.ts';
import { problemAnswer, problemJson } from './problem-json.ts';
import { type PresentRecord, takeOrRefuse } from './second-look.ts';

interface HandlerDeps {
  table: Table;
  source: Source;
  readSecret: ReadSecret;
  cursors: CursorSealer;
  resolveCaller: ResolveCaller;
}

interface Operation {
  id: string;
  route: Route;
  run: (call: Call<Route>) => Promise<Reply<Route>>;
  findFaults?: (call: FaultyCall<Route>) => Promise<readonly InputFault[]>;
  /** Of a change: the operation that reads the same record. */
  read?: Operation;
}

/** The Lambda handler of a contract. It runs each operation inside the frame that all routes share. */
export function createHandler<C extends Contract>(contract: C, handlers: Handlers<C>, deps: HandlerDeps) {
  const operations = new Map<string, Operation>();
  for (const [id, route] of Object.entries(contract)) {
    // Handlers<C> types each function by its own route. The frame calls all of them in the same way.
    const handler = handlers[id] as Operation['run'] | Pick<Required<Operation>, 'run' | 'findFaults'>;
    const functions = typeof handler === 'function' ? { run: handler } : handler;
    operations.set(`${route.method} ${route.path}`, { id, route, ...functions });
  }
  for (const operation of operations.values()) {
    const { method, path } = operation.route;
    if (method === 'PATCH' || method === 'PUT') operation.read = operations.get(`GET ${path}`);
  }

  return middy<HttpEvent, HttpResult>()
    .use(requestTrace(logger, metrics, (routeKey) => operations.get(routeKey)?.id))
    .use(securityHeaders())
    .use(problemJson(logger))
    .handler((event, context) => {
      const operation = operations.get(event.routeKey);
      if (!operation) throw new Problem('not-found');
      return runOperation(operation, event, context, deps);
    });
}

async function runOperation(
  operation: Operation,
  event: HttpEvent,
  context: Context,
  deps: HandlerDeps,
): Promise<HttpResult> {
  const { route } = operation;
  const caller = await admitCaller(route, event, deps.resolveCaller);
  const { input, ifMatch } = await takeInput(operation, event, caller, deps);
  const claim = await claimIdempotencyKey(operation, event, context, caller, input, deps);
  if (claim && 'status' in claim) return replay(claim);

  let stored: Answer | undefined;
  const call: Call<Route> = {
    principal: caller,
    params: input.params,
    query: input.query,
    body: input.body,
    ifMatch,
    sourceIp: event.requestContext.http.sourceIp,
    cursor: cursorsOf(operation, event, caller, deps),
    commit: (toReply) => async (writes, result) => {
      if (!claim) return transact(deps.table, writes);
      const { write, answer } = claim.finish(toAnswer(route, toReply(result)));
      await transact(deps.table, [...writes, write]);
      stored = answer;
    },
  };
  const reply = await storeRefusals(claim, event.requestContext.requestId, () => operation.run(call));
  if (stored) return toResult(route, event, stored);
  const finished = toAnswer(route, reply);
  // An operation that did not use `commit` has not stored its answer yet.
  return toResult(route, event, claim ? await claim.save(finished) : finished);
}

function cursorsOf({ id }: Operation, event: HttpEvent, caller: Caller | null, { cursors }: HandlerDeps): Cursors {
  return cursors({
    companyId: caller?.companyId ?? '',
    caller: caller?.id ?? '',
    operationId: id,
    path: event.rawPath,
    query: event.queryStringParameters ?? {},
  });
}

/** The input of an operation, and the versions that the record may have. @throws Problem 4xx if it is not valid */
async function takeInput(
  operation: Operation,
  event: HttpEvent,
  caller: Caller | null,
  deps: HandlerDeps,
): Promise<{ input: ParsedInput; ifMatch?: readonly number[] }> {
  const { route, read, findFaults } = operation;
  const input = checkInput(route, event);
  const ifMatch = acceptedVersions(event.headers['if-match']);
  if (isFaultless(input)) return { input, ifMatch };
  const { params } = input;
  return takeOrRefuse({
    route,
    input,
    ifMatch,
    ...(caller && read && { readPresent: () => readPresent(read, event, caller, deps) }),
    ...(findFaults && { findFaults: (body) => findFaults({ principal: caller, params, body: Object(body) }) }),
  });
}

/** The record as its own GET answers it to this caller. */
async function readPresent(
  read: Operation,
  event: HttpEvent,
  caller: Caller,
  deps: HandlerDeps,
): Promise<PresentRecord> {
  const { route } = read;
  admit(route.access, caller);
  const input = checkInput(route, { ...event, body: undefined });
  if (!isFaultless(input)) throw new Problem('validation', { errors: input.otherFaults });
  const { params, query } = input;
  const reply = await read.run({
    principal: caller,
    params,
    query,
    body: undefined,
    ifMatch: undefined,
    sourceIp: event.requestContext.http.sourceIp,
    cursor: cursorsOf(read, event, caller, deps),
    commit: () => committing(deps.table),
  });
  return { body: JSON.parse(toAnswer(route, reply).body), version: reply.version };
}

/** The caller of a route; null on a public route, which reads no credentials. @throws Problem 401 or 403 */
async function admitCaller({ access }: Route, event: HttpEvent, resolveCaller: ResolveCaller): Promise<Caller | null> {
  if (access === 'public') return null;
  const caller = await resolveCaller(event.headers.authorization);
  if (caller) logger.appendKeys({ companyId: caller.companyId, caller: caller.id });
  admit(access, caller);
  return caller;
}

async function claimIdempotencyKey(
  { id, route }: Operation,
  event: HttpEvent,
  context: Context,
  caller: Caller | null,
  { body, rawBody }: { body: unknown; rawBody: unknown },
  { table, source, readSecret }: HandlerDeps,
): Promise<Claim | Answer | undefined> {
  const key = event.headers['idempotency-key'];
  if (key === undefined || !keepsAnswer(route, body)) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new Problem('bad-idempotency-key');
  return claimKey(table, source, await readSecret(), {
    key,
    holder: caller
      ? { company: caller.companyId, caller: caller.id }
      : { account: JSON.stringify(route.accountFields?.map((field) => Object(body)[field])) },
    operationId: id,
    path: event.rawPath,
    body: rawBody,
    remainingMs: context.getRemainingTimeInMillis(),
  });
}

/** Stores a refusal, so that it is replayed too. Other errors (faults, throttling, conflicts) release the key for a retry. */
async function storeRefusals<T>(claim: Claim | undefined, requestId: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (claim) {
      if (error instanceof Problem && error.status < 500 && error.retryAfter === undefined)
        await claim.save(problemAnswer(error, requestId));
      else await claim.release();
    }
    throw error;
  }
}

function toAnswer(route: Route, reply: Reply<Route>): Answer {
  const { status, schema } = route.reply;
  // The schema drops fields that are not part of the contract.
  const body = schema ? JSON.stringify(schema.parse(reply.body)) : '';
  return {
    status: reply.created ? 201 : status,
    headers: {
      ...(schema && { 'content-type': 'application/json' }),
      ...(reply.version !== undefined && { etag: entityTag(reply.version) }),
      ...(route.cacheSeconds !== undefined && {
        etag: contentTag(body),
        'cache-control': `public, max-age=${route.cacheSeconds}`,
      }),
      ...(reply.location !== undefined && { location: reply.location }),
    },
    body,
  };
}

/** The answer as a result, or 304 if the client has this version. */
function toResult(route: Route, event: HttpEvent, answer: Answer): HttpResult {
  const tag = answer.headers.etag;
  if (route.method === 'GET' && tag && namesTag(event.headers['if-none-match'], tag))
    return { statusCode: 304, headers: withoutContentType(answer.headers), body: '' };
  return { statusCode: answer.status, headers: answer.headers, body: answer.body };
}

/** A 304 repeats what a cache keeps with the body. */
function withoutContentType({ 'content-type': _type, ...headers }: Answer['headers']): Answer['headers'] {
  return headers;
}

function replay(first: Answer): HttpResult {
  return {
    statusCode: first.status,
    headers: { ...first.headers, 'idempotency-replayed': 'true' },
    body: first.body,
  };
}

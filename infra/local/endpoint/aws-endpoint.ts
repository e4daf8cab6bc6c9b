import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Place } from '../assembly/template.ts';
import type { DynamoDb } from '../dynamodb/engine.ts';
import { type KeyNames, readDynamoDbRequest } from '../dynamodb/requests.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { readMailCall } from '../ses/calls.ts';
import { queryError } from '../ses/query-protocol.ts';
import type { MailBox } from '../ses/ses.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asObject, asString, parseJson } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';
import { readQueueCall } from '../sqs/calls.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Call, CallRecord } from './calls.ts';
import { type Attempt, isAllowed, type Statement } from './policies.ts';
import { ServiceError } from './service-error.ts';

/** A function by its name, with the policy statements of its role. */
export type Caller = { name: string; statements: readonly Statement[] };

export type AwsServices = {
  place: Place;
  /** Callers by access key id. */
  callers: ReadonlyMap<string, Caller>;
  forwardToDynamoDb: DynamoDb['forward'];
  /** Called when a call has written to a table. */
  onTableWrite?(): void;
  keyOf: KeyNames;
  secrets: Secrets;
  queues: Queues;
  mail: MailBox;
  mailIdentities: readonly string[];
  calls: CallRecord;
};

export type AwsEndpoint = { url: string; stop(): Promise<void> };

/** A call: the permissions that it needs, and its execution. */
type Request = Pick<Call, 'service' | 'action' | 'table' | 'index'> & { attempts: Attempt[]; run(): Promise<Answer> };
type Answer = { status: number; body: Buffer; error?: string };

/** DynamoDB accepts 16 MB, SES 10 MB of mail, which base64 makes larger. */
const maximumBytes = 20 * 1024 * 1024;

/**
 * The one address that functions use as AWS. It identifies the caller by the access key, checks the caller's policies, records the
 * call, and passes it to the database engine, Secrets Manager, SQS or SES.
 */
export async function startAwsEndpoint(services: AwsServices): Promise<AwsEndpoint> {
  const server = createServer((request, response) => {
    void answer(services, request, response);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(services: AwsServices, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  let service = 'unknown';
  let note: ((answer: Answer, allowed: Call['authorizations']) => void) | undefined;
  try {
    const scope = credentialScope(request.headers.authorization);
    service = scope.service;
    const caller = services.callers.get(scope.accessKey);
    if (caller === undefined)
      throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    const body = await readBody(request);
    const wanted = interpret(services, scope.service, request, body, caller);
    note = (outcome, authorizations) => record(services.calls, caller, wanted, outcome, authorizations, started);
    const authorizations = wanted.attempts.map(({ action, resource, context }) => ({
      action,
      resource,
      allowed: isAllowed(
        caller.statements,
        context === undefined ? { action, resource } : { action, resource, context },
      ),
    }));
    const denied = authorizations.find(({ allowed }) => !allowed);
    if (denied !== undefined) {
      const refusal = errorResponse(service, accessDenied(caller, denied.action, denied.resource));
      note(refusal, authorizations);
      return reply(response, service, refusal);
    }
    const outcome = await wanted.run().catch((error: unknown) => errorResponse(service, error));
    note(outcome, authorizations);
    reply(response, service, outcome);
  } catch (error) {
    reply(response, service, errorResponse(service, error));
  }
}

function record(
  calls: CallRecord,
  caller: Caller,
  wanted: Request,
  outcome: Answer,
  authorizations: Call['authorizations'],
  started: number,
): void {
  const { service, action, table, index } = wanted;
  calls.add({
    function: caller.name,
    time: new Date().toISOString(),
    service,
    action,
    authorizations,
    ...(table === undefined ? {} : { table }),
    ...(index === undefined ? {} : { index }),
    allowed: authorizations.every(({ allowed }) => allowed),
    status: outcome.status,
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
    milliseconds: Math.round((performance.now() - started) * 100) / 100,
  });
}

function accessDenied(caller: Caller, action: string, resource: string): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    `User: ${caller.name} is not authorized to perform: ${action} on resource: ${resource}`,
  );
}

function credentialScope(authorization: string | undefined): { accessKey: string; service: string } {
  const [, accessKey, service] =
    /Credential=([^/,\s]+)\/\d+\/[^/,\s]+\/([^/,\s]+)\/aws4_request/.exec(authorization ?? '') ?? [];
  if (accessKey === undefined || service === undefined) {
    throw new ServiceError('MissingAuthenticationTokenException', 'The request is not signed.', 403);
  }
  return { accessKey, service };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBytes)
      throw new ServiceError('RequestEntityTooLargeException', 'The request is too large.', 413);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
}

function interpret(
  services: AwsServices,
  service: string,
  request: IncomingMessage,
  body: Buffer,
  caller: Caller,
): Request {
  const target = asString(request.headers['x-amz-target'] as Json | undefined) ?? '';
  if (service === 'ses') return simpleEmail(services, body.toString('utf8'), caller);
  const json = asObject(parseJson(body.toString('utf8')));
  if (service === 'dynamodb') return dynamoDb(services, target, json, body);
  if (service === 'secretsmanager') return secretsManager(services, target, json);
  if (service === 'sqs') return simpleQueue(services, target, json);
  throw new ServiceError('UnknownServiceException', `The local stack has no AWS service "${service}".`);
}

function dynamoDb(services: AwsServices, target: string, json: JsonObject, body: Buffer): Request {
  const action = target.slice(target.indexOf('.') + 1);
  const { attempts, table, index } = readDynamoDbRequest(action, json, services.place, services.keyOf);
  return {
    service: 'dynamodb',
    action,
    attempts,
    ...(table === undefined ? {} : { table }),
    ...(index === undefined ? {} : { index }),
    run: async () => {
      const { status, body: answer } = await services.forwardToDynamoDb(target, body);
      if (status === 200 && writeActions.has(action)) services.onTableWrite?.();
      return { status, body: answer, ...(status !== 200 && { error: errorName(answer) }) };
    },
  };
}

const writeActions = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

function errorName(body: Buffer): string {
  const json = asObject(parseJson(body.toString('utf8')));
  return (asString(json.__type) ?? 'UnknownError').replace(/^.*#/, '');
}

function secretsManager({ secrets }: AwsServices, target: string, json: JsonObject): Request {
  const action = target.slice(target.indexOf('.') + 1);
  const secret = secrets.find(asString(json.SecretId) ?? '');
  const resource = secret?.arn ?? asString(json.SecretId) ?? '*';
  const context = { 'secretsmanager:VersionStage': [asString(json.VersionStage) ?? 'AWSCURRENT'] };
  return {
    service: 'secretsmanager',
    action,
    attempts: [{ action: `secretsmanager:${action}`, resource, context }],
    run: async () => ({ status: 200, body: Buffer.from(JSON.stringify(secrets.call(action, json))) }),
  };
}

function simpleQueue({ queues }: AwsServices, target: string, json: JsonObject): Request {
  const action = target.slice(target.indexOf('.') + 1);
  const { attempts, run } = readQueueCall(queues, action, json);
  return {
    service: 'sqs',
    action,
    attempts,
    run: async () => ({ status: 200, body: Buffer.from(JSON.stringify(run())) }),
  };
}

function simpleEmail({ place, mail, mailIdentities }: AwsServices, body: string, caller: Caller): Request {
  const { action, attempts, run } = readMailCall(body, mail, mailIdentities, place, caller.name);
  return { service: 'ses', action, attempts, run: async () => ({ status: 200, body: Buffer.from(await run()) }) };
}

/** An error in the protocol of the service: XML from SES, JSON from all others. */
function errorResponse(service: string, error: unknown): Answer {
  const { name, status } =
    error instanceof ServiceError ? error : new ServiceError('InternalServerError', messageOf(error), 500);
  if (service !== 'ses')
    return { status, body: Buffer.from(JSON.stringify({ __type: name, message: messageOf(error) })), error: name };
  const { code, httpStatus } = queryErrors[name] ?? { code: name, httpStatus: status };
  return { status: httpStatus, body: Buffer.from(queryError(code, messageOf(error), httpStatus)), error: code };
}

/** Errors that the query protocol has under other names. */
const queryErrors: Readonly<Record<string, { code: string; httpStatus: number }>> = {
  AccessDeniedException: { code: 'AccessDenied', httpStatus: 403 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', httpStatus: 403 },
};

const contentTypes: Readonly<Record<string, string>> = {
  dynamodb: 'application/x-amz-json-1.0',
  sqs: 'application/x-amz-json-1.0',
  ses: 'text/xml',
};

function reply(response: ServerResponse, service: string, { status, body, error }: Answer): void {
  response.writeHead(status, {
    'content-type': contentTypes[service] ?? 'application/x-amz-json-1.1',
    'content-length': body.length,
    ...(error === undefined ? {} : { 'x-amzn-errortype': error }),
  });
  response.end(body);
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Place } from '../assembly/template.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { readMailCall } from '../ses/calls.ts';
import { queryError } from '../ses/query-protocol.ts';
import type { MailBox } from '../ses/ses.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asObject, asString, parseJson } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';
import { readQueueCall } from '../sqs/calls.ts';
import type { Queues } from '../sqs/queues.ts';
import { authorize, type Caller, callerOf, recordCall, signatureOf, type WantedCall } from './authorization.ts';
import type { CallRecord } from './calls.ts';
import { ServiceError } from './service-error.ts';

export type AwsServices = {
  place: Place;
  /** Callers by access key id. */
  callers: ReadonlyMap<string, Caller>;
  secrets: Secrets;
  queues: Queues;
  mail: MailBox;
  calls: CallRecord;
};

export type AwsEndpoint = { url: string; stop(): Promise<void> };

/** A call: the permissions that it needs, and its execution. */
type Request = WantedCall & { run(): Promise<Answer> };
type Answer = { status: number; body: Buffer; error?: string };

/** SES accepts 10 MB of mail, which base64 makes larger. */
const maximumBytes = 20 * 1024 * 1024;

/**
 * The address that functions use as AWS, except for DynamoDB and S3. It identifies the caller by the access key, checks the caller's
 * policies, records the call, and passes it to Secrets Manager, SQS or SES.
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
  try {
    const signature = signatureOf(request.headers.authorization);
    service = signature.service;
    const caller = callerOf(services.callers, signature.accessKey);
    const wanted = interpret(services, service, request, await readBody(request), caller);
    const { authorizations, refusal } = authorize(caller, wanted.attempts);
    const outcome = await (refusal === undefined ? wanted.run() : Promise.reject(refusal)).catch((error: unknown) =>
      errorResponse(service, error),
    );
    recordCall(services.calls, caller, wanted, authorizations, outcome, started);
    reply(response, service, outcome);
  } catch (error) {
    reply(response, service, errorResponse(service, error));
  }
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
  if (service === 'secretsmanager') return secretsManager(services, target, json);
  if (service === 'sqs') return simpleQueue(services, target, json);
  throw new ServiceError('UnknownServiceException', `The local stack has no AWS service "${service}".`);
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

function simpleEmail({ place, mail }: AwsServices, body: string, caller: Caller): Request {
  const { action, attempts, run } = readMailCall(body, mail, place, caller.name);
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

import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Assembly, type FunctionModel, readAssembly, type TableModel } from '../assembly/assembly.ts';
import { queueHost } from '../assembly/template.ts';
import { startDynamoDb } from '../dynamodb/choose-engine.ts';
import { startDynamoDbEndpoint } from '../dynamodb/endpoint.ts';
import type { DynamoDb } from '../dynamodb/engine.ts';
import { endOrphan } from '../dynamodb/engine-process.ts';
import { ensureTable } from '../dynamodb/tables.ts';
import type { Caller } from '../endpoint/authorization.ts';
import { startAwsEndpoint } from '../endpoint/aws-endpoint.ts';
import { type CallRecord, createCallRecord } from '../endpoint/calls.ts';
import { checkFailurePermissions, openEventBus } from '../events/event-bus.ts';
import { createGateway } from '../gateway/gateway.ts';
import { checkSourcePermissions } from '../lambda/event-source-permissions.ts';
import { createFunction, type LambdaFunction } from '../lambda/functions.ts';
import { type S3Caller, startS3 } from '../s3/s3.ts';
import { openSecrets } from '../secrets/secrets.ts';
import { type MailBox, openMailBox } from '../ses/ses.ts';
import { asList, asObject, asString } from '../shared/json.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { type DeadLetters, openDeadLetters } from '../sqs/dead-letters.ts';
import { type QueuePump, startQueuePump } from '../sqs/pump.ts';
import { openQueues, type Queues } from '../sqs/queues.ts';
import { type DataFolder, emptyDataFolder, takeDataFolder } from './data-folder.ts';
import { linkPages } from './link-page.ts';
import { close, listen, portBeside } from './listeners.ts';
import { handleLocalRoute } from './local-routes.ts';
import { openStreams } from './streams.ts';

export type StartOptions = {
  /** The cloud assembly, such as `cdk.out`. */
  assembly: string;
  /** Which stack of the assembly, when there are several. */
  stack?: string;
  /** The data folder, created if missing. */
  data: string;
  /** 0 for any free port. */
  port: number;
  /** Empties the data folder first. */
  fresh?: boolean;
  /** Receives errors while the stack runs, one line each. */
  log?: (line: string) => void;
  /** The time by which items expire, in epoch milliseconds. */
  now?: () => number;
};

export type LocalStack = {
  /** `http://127.0.0.1:PORT`, where the API is served. */
  url: string;
  /** The address that functions have as `AWS_ENDPOINT_URL`. */
  awsUrl: string;
  /** The address that functions have as `AWS_ENDPOINT_URL_DYNAMODB`. */
  dynamoDbUrl: string;
  /** The address that functions have as `AWS_ENDPOINT_URL_S3`: the host of the URLs that they presign. */
  s3Url: string;
  model: Assembly;
  dynamoDb: DynamoDb;
  mail: MailBox;
  calls: CallRecord;
  queues: Queues;
  deadLetters: DeadLetters;
  data: DataFolder;
  stop(): Promise<void>;
};

/**
 * Starts a synthesized stack on this machine: database, functions, HTTP, queues, streams, events, mail and objects.
 *
 * @throws StartProblem with a sentence for the person who started it
 */
export async function startLocal(options: StartOptions): Promise<LocalStack> {
  const model = readAssembly(options.assembly, options.stack);
  const stopping: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of stopping.splice(0).reverse()) await step();
  };
  try {
    return await startParts(model, options, stopping, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  model: Assembly,
  options: StartOptions,
  stopping: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<LocalStack> {
  const log = options.log ?? (() => undefined);
  const ready = Promise.withResolvers<Handler>();
  ready.promise.catch(() => undefined);
  stopping.push(() => ready.reject(new StartProblem('The stack did not start.')));
  const server = createServer((request, response) => {
    ready.promise
      .then((handle) => handle(request, response))
      .catch((error: unknown) => {
        log(`A request failed inside the local stack: ${messageOf(error)}`);
        response.destroy();
      });
  });
  await listen(server, options.port);
  stopping.push(() => close(server));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const data = takeDataFolder(options.data, options.fresh);
  stopping.push(() => data.release());
  const pidFile = data.file('engine.json');
  await endOrphan(pidFile);
  if (options.fresh) emptyDataFolder(data);

  const onUnexpectedEnd = () => log('The database ended unexpectedly; stop the stack and start it again.');
  const dynamoDb = await startDynamoDb({ file: data.file('table.db'), pidFile, onUnexpectedEnd });
  stopping.push(() => dynamoDb.stop());
  for (const table of model.tables) await ensureTable(dynamoDb.endpoint, table.definition);

  const calls = createCallRecord();
  const secrets = openSecrets(model.secrets, data.file('secrets.json'));
  const queues = openQueues(data.file('queues.db'), model.queues);
  stopping.push(() => queues.close());
  const deadLetters = openDeadLetters(queues, model.queueMappings);
  const bus = openEventBus({
    file: data.file('events.db'),
    rules: model.eventRules,
    deadLetters,
    queues,
    place: model.place,
    log,
  });
  stopping.push(() => bus.stop());
  const streams = await openStreams({ model, dynamoDb, data, deadLetters, now: options.now ?? Date.now, log });
  stopping.push(() => streams.stop());
  const mail = openMailBox(
    data.file('mail.jsonl'),
    model.mailIdentities,
    model.configurationSets,
    bus.publish,
    model.place.region,
  );
  const credentials = new Map(model.functions.map((one) => [one.name, credentialsOf(one)]));
  const callers = callersByAccessKey(model, credentials);
  const table = await startDynamoDbEndpoint({
    engine: dynamoDb,
    place: model.place,
    callers,
    keyOf: keyNames(model.tables),
    calls,
    onTableWrite: () => streams.wake(),
  });
  stopping.push(() => table.stop());
  const aws = await startAwsEndpoint({
    place: model.place,
    callers,
    secrets,
    queues,
    mail,
    calls,
  });
  stopping.push(() => aws.stop());
  const s3 = await startS3({
    folder: data.file('s3'),
    port: options.port === 0 ? 0 : await portBeside(options.port),
    place: model.place,
    buckets: model.buckets,
    callers: s3Callers(model, credentials),
    calls,
    publish: (event) => bus.publish(event),
    log,
  });
  stopping.push(() => s3.stop());

  const functions = new Map(
    model.functions.map((one) => [
      one.name,
      hostFunction(one, model, credentials, { aws: aws.url, table: table.url, s3: s3.url, api: url }, data),
    ]),
  );
  const queuePumps: QueuePump[] = [];
  // Together, because the bus and the pumps wait for their running invocations.
  stopping.push(() => Promise.all([bus, streams, ...queuePumps, ...functions.values()].map((one) => one.stop())));
  checkFailurePermissions(model.eventRules, functions, calls);
  bus.start(functions);
  for (const mapping of model.streamMappings) {
    const target = functions.get(mapping.functionName);
    if (target !== undefined) checkSourcePermissions(mapping, target.model, calls);
  }
  streams.start(functions);
  for (const mapping of model.queueMappings) {
    const target = functions.get(mapping.functionName);
    if (target === undefined) continue;
    checkSourcePermissions(mapping, target.model, calls);
    queuePumps.push(startQueuePump({ mapping, target, queues, region: model.place.region }));
  }
  const local = {
    mail,
    calls,
    deadLetters,
    functions,
    streams,
    queues,
    queuePumps,
    bus,
  };
  const gateway = model.api === undefined ? undefined : createGateway(model.api, functions, model.place);
  ready.resolve((request, response) => {
    if (/^\/_local(\/|\?|$)/.test(request.url ?? '')) return handleLocalRoute(local, request, response);
    return gateway?.handle(request, response) ?? notServed(response);
  });
  stopping.push(() => close(server));
  for (const one of model.leftOut) log(`Left out: ${one}.`);
  return {
    url,
    awsUrl: aws.url,
    dynamoDbUrl: table.url,
    s3Url: s3.url,
    model,
    dynamoDb,
    mail,
    calls,
    queues,
    deadLetters,
    data,
    stop,
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function notServed(response: ServerResponse): Promise<void> {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end('{"message":"Not Found"}');
}

type Credentials = { accessKey: string; secretKey: string };

/** Credentials of one function; the AWS endpoint identifies the caller by the access key. */
function credentialsOf({ name }: FunctionModel): Credentials {
  const accessKey = `AKIA${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
  return { accessKey, secretKey: randomBytes(30).toString('base64') };
}

function callersByAccessKey(model: Assembly, credentials: ReadonlyMap<string, Credentials>): Map<string, Caller> {
  return new Map(
    model.functions.map(({ name, statements }) => [credentials.get(name)?.accessKey ?? '', { name, statements }]),
  );
}

function s3Callers(model: Assembly, credentials: ReadonlyMap<string, Credentials>): S3Caller[] {
  return model.functions.flatMap(({ name, statements }) => {
    const own = credentials.get(name);
    return own === undefined ? [] : [{ name, statements, ...own }];
  });
}

function hostFunction(
  model: FunctionModel,
  { place, api }: Assembly,
  credentials: ReadonlyMap<string, Credentials>,
  urls: { aws: string; table: string; s3: string; api: string },
  data: DataFolder,
): LambdaFunction {
  const own = credentials.get(model.name);
  const pages = linkPages(urls.api);
  // The URLs of the API, of queues and of pages in a function's environment must lead to this stack.
  const addresses = [
    ...(api === undefined ? [] : [[api.endpoint, urls.api] as const]),
    [queueHost(place), urls.aws] as const,
  ];
  const localize = ([key, value]: [string, string]) => [
    key,
    pages[key] ?? addresses.reduce((text, [there, here]) => text.replaceAll(there, here), value),
  ];
  return createFunction({
    model: { ...model, environment: Object.fromEntries(Object.entries(model.environment).map(localize)) },
    environment: {
      AWS_REGION: place.region,
      AWS_DEFAULT_REGION: place.region,
      AWS_ENDPOINT_URL: urls.aws,
      AWS_ENDPOINT_URL_DYNAMODB: urls.table,
      AWS_ENDPOINT_URL_S3: urls.s3,
      AWS_ACCESS_KEY_ID: own?.accessKey ?? '',
      AWS_SECRET_ACCESS_KEY: own?.secretKey ?? '',
    },
    logFile: data.file('logs', `${model.name}.log`),
  });
}

function keyNames(tables: readonly TableModel[]) {
  const names = new Map<string, string>();
  const hashKey = (schema: unknown) =>
    asString(
      asObject(asList(asObject(schema).KeySchema).find((key) => asObject(key).KeyType === 'HASH')).AttributeName,
    ) ?? '';
  for (const { name, definition } of tables) {
    names.set(name, hashKey(definition));
    for (const index of asList(definition.GlobalSecondaryIndexes))
      names.set(`${name}/${asString(asObject(index).IndexName)}`, hashKey(index));
  }
  return (table: string, index?: string) => names.get(index === undefined ? table : `${table}/${index}`);
}

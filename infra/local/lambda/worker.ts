/**
 * One execution environment of a Lambda function: a worker thread that loads the function's bundle and runs one invocation at a
 * time. Its environment variables are those of the function and nothing of the process around it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { logOutput } from './function-log.ts';

export type WorkerSettings = { assetDirectory: string; handler: string; logFile: string };

/** One invocation; the event is JSON text. */
export type Invocation = {
  requestId: string;
  event: string;
  deadline: number;
  functionName: string;
  functionArn: string;
  memoryMegabytes: number;
  logGroup: string;
};

export type InvocationError = { errorType: string; errorMessage: string; trace: string[] };
export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'done'; result: string }
  | { kind: 'failed'; error: InvocationError };

type Handler = (event: unknown, context: object) => unknown;

const settings = workerData as WorkerSettings;
const host = parentPort;
if (host === null) throw new Error('worker.ts runs in a worker thread');

logOutput(settings.logFile);
const handler = await loadHandler();
host.on('message', (invocation: Invocation) => {
  void run(invocation).then((message) => host.postMessage(message));
});
post({ kind: 'ready' });

async function loadHandler(): Promise<Handler> {
  const at = settings.handler.lastIndexOf('.');
  const [moduleName, exportName] = [settings.handler.slice(0, at), settings.handler.slice(at + 1)];
  const file = ['.mjs', '.js', '.cjs']
    .map((extension) => `${moduleName}${extension}`)
    .find((name) => readdirSync(join(settings.assetDirectory, name, '..')).includes(name.split('/').at(-1) ?? ''));
  if (file === undefined) throw new Error(`Cannot find module '${moduleName}'`);
  const loaded = (await import(pathToFileURL(join(settings.assetDirectory, file)).href)) as Record<string, unknown>;
  const exported = loaded[exportName] ?? (loaded.default as Record<string, unknown> | undefined)?.[exportName];
  if (typeof exported !== 'function') throw new Error(`${settings.handler} is undefined or not exported`);
  return exported as Handler;
}

async function run(invocation: Invocation): Promise<WorkerMessage> {
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
    return { kind: 'done', result: JSON.stringify(result) ?? 'null' };
  } catch (thrown) {
    const error = describe(thrown);
    console.error(`ERROR Invoke Error ${JSON.stringify({ ...error, requestId: invocation.requestId })}`);
    return { kind: 'failed', error };
  }
}

function contextOf({ requestId, deadline, functionName, functionArn, memoryMegabytes, logGroup }: Invocation): object {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: logGroup,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(thrown: unknown): InvocationError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

function post(message: WorkerMessage): void {
  host?.postMessage(message);
}

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism, devNull } from 'node:os';
import { dirname } from 'node:path';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { FunctionModel } from '../assembly/assembly.ts';
import { messageOf } from '../shared/problem.ts';
import { appendToLog } from './function-log.ts';
import type { Invocation, InvocationError, WorkerMessage, WorkerSettings } from './worker.ts';

/** An invocation's outcome: the handler's result as JSON text, or its error. */
export type Outcome = { ok: true; result: string } | { ok: false; error: InvocationError };

export type LambdaFunction = {
  model: FunctionModel;
  /** Runs the handler with an event in JSON. Never rejects. */
  invoke(event: string): Promise<Outcome>;
  stop(): Promise<void>;
};

export type FunctionSettings = {
  model: FunctionModel;
  /** The variables besides those of the template: region, credentials, endpoint. */
  environment: Record<string, string>;
  logFile: string;
};

/** Lambda has an execution environment per concurrent request. On a laptop, more workers than cores serve no more requests. */
const busyWorkers = Math.max(2, availableParallelism());
/** Requests that wait for something slow, such as a mail server, get further workers. */
const mostWorkers = Math.max(6, busyWorkers);
const startingTogether = 2;
/** A worker costs some 40 MB and 300 ms to start: another is started only when a request has waited this long. */
const patienceMillis = 25;
/** Workers whose event loops were active for less than this share of the last moments wait for something. */
const waitingShare = 0.1;
const measuredMillis = 250;
const idleMillis = 15_000;
/** Less makes V8 collect garbage all the time (with 8 MB a request took 1.4 times as long), more only takes memory. */
const youngMegabytes = 32;
const initializationMillis = 10_000;

type Job = { event: string; queuedAt: number; settle(outcome: Outcome): void };
type Runner = {
  worker: Worker;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
  utilization: EventLoopUtilization;
};

/** Runs a function in worker threads, each with one invocation at a time, like Lambda's execution environments. */
export function createFunction({ model, environment, logFile }: FunctionSettings): LambdaFunction {
  const logGroup = `/aws/lambda/${model.name}`;
  const env = { ...model.environment, ...runtimeVariables(model, logGroup), ...environment };
  const limit = Math.max(1, Math.min(mostWorkers, model.reservedConcurrency ?? mostWorkers));
  mkdirSync(dirname(logFile), { recursive: true });
  const queue: Job[] = [];
  const runners = new Set<Runner>();
  let stopping = false;
  let growing: NodeJS.Timeout | undefined;
  let measured = { at: 0, waiting: false };

  function dispatch(): void {
    if (stopping) return;
    for (const runner of runners) {
      if (queue.length === 0) return;
      if (runner.ready && runner.job === undefined) begin(runner);
    }
    grow();
  }

  /** Starts another worker when the oldest request has waited too long for the present ones. */
  function grow(): void {
    const starting = [...runners].filter((runner) => !runner.ready).length;
    const [oldest] = queue;
    if (oldest === undefined || queue.length <= starting || runners.size >= limit || starting >= startingTogether)
      return;
    const left = oldest.queuedAt + patienceMillis - performance.now();
    if (runners.size === 0 || (left <= 0 && (runners.size < busyWorkers || areWaiting()))) {
      start();
    } else {
      growing ??= setTimeout(
        () => {
          growing = undefined;
          dispatch();
        },
        Math.max(left, patienceMillis),
      );
    }
  }

  /** Whether the workers spent nearly all of the last moments waiting, so that another one would find a free core. */
  function areWaiting(): boolean {
    const now = performance.now();
    if (now - measured.at < measuredMillis) return measured.waiting;
    const started = [...runners].filter((runner) => runner.ready);
    const shares = started.map((runner) => {
      const { utilization } = runner.worker.performance.eventLoopUtilization(runner.utilization);
      runner.utilization = runner.worker.performance.eventLoopUtilization();
      return utilization;
    });
    // The first measurement after a while covers all of it, and says nothing about the present.
    const isRecent = now - measured.at < 4 * measuredMillis;
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    measured = { at: now, waiting: isRecent && started.length === runners.size && mean < waitingShare };
    return measured.waiting;
  }

  function start(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: model.name,
      workerData: { assetDirectory: model.assetDirectory, handler: model.handler, logFile } satisfies WorkerSettings,
      env,
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxOldGenerationSizeMb: model.memoryMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
    });
    const utilization = worker.performance.eventLoopUtilization();
    const runner: Runner = { worker, ready: false, job: undefined, timer: undefined, utilization };
    runners.add(runner);
    worker.on('message', (message: WorkerMessage) => receive(runner, message));
    worker.on('error', (error) => fail(runner, 'Runtime.UnhandledError', messageOf(error)));
    worker.on('exit', (code) => fail(runner, 'Runtime.ExitError', `Runtime exited with error: exit status ${code}`));
    runner.timer = setTimeout(
      () => fail(runner, 'Sandbox.Timedout', `Initialization timed out after ${initializationMillis / 1000} seconds`),
      initializationMillis,
    );
  }

  function begin(runner: Runner): void {
    const job = queue.shift();
    if (job === undefined) return;
    clearTimeout(runner.timer);
    runner.job = job;
    const millis = model.timeoutSeconds * 1000;
    const invocation: Invocation = {
      requestId: randomUUID(),
      event: job.event,
      deadline: Date.now() + millis,
      functionName: model.name,
      functionArn: model.arn,
      memoryMegabytes: model.memoryMegabytes,
      logGroup,
    };
    const late = `${invocation.requestId} Task timed out after ${model.timeoutSeconds.toFixed(2)} seconds`;
    runner.timer = setTimeout(() => fail(runner, 'Sandbox.Timedout', late), millis);
    runner.worker.postMessage(invocation);
  }

  function receive(runner: Runner, message: WorkerMessage): void {
    clearTimeout(runner.timer);
    const { job } = runner;
    runner.ready = true;
    runner.job = undefined;
    if (message.kind === 'done') job?.settle({ ok: true, result: message.result });
    if (message.kind === 'failed') job?.settle({ ok: false, error: message.error });
    dispatch();
    if (runner.job === undefined) runner.timer = setTimeout(() => retire(runner), idleMillis).unref();
  }

  /** Ends an idle worker to free its memory; the last one stays warm. */
  function retire(runner: Runner): void {
    if (runner.job !== undefined || runners.size <= 1) return;
    runners.delete(runner);
    void runner.worker.terminate();
  }

  /** Ends a worker that crashed, timed out or did not start, and fails its request (before its start: the oldest waiting one). */
  function fail(runner: Runner, errorType: string, errorMessage: string): void {
    if (!runners.delete(runner)) return;
    clearTimeout(runner.timer);
    void runner.worker.terminate();
    if (!stopping) appendToLog(logFile, `ERROR ${errorType} ${errorMessage}\n`);
    const job = runner.job ?? (runner.ready ? undefined : queue.shift());
    job?.settle({ ok: false, error: { errorType, errorMessage, trace: [] } });
    dispatch();
  }

  return {
    model,
    invoke: (event) =>
      new Promise((settle) => {
        if (stopping)
          return settle({
            ok: false,
            error: { errorType: 'Stopped', errorMessage: 'The stack is stopping.', trace: [] },
          });
        queue.push({ event, queuedAt: performance.now(), settle });
        dispatch();
      }),
    async stop() {
      stopping = true;
      clearTimeout(growing);
      const ending = [...runners];
      for (const runner of ending) fail(runner, 'Stopped', 'The stack is stopping.');
      for (const job of queue.splice(0))
        job.settle({ ok: false, error: { errorType: 'Stopped', errorMessage: 'The stack is stopping.', trace: [] } });
      await Promise.all(ending.map((runner) => runner.worker.terminate()));
    },
  };
}

/** The variables that Lambda itself sets. */
function runtimeVariables(model: FunctionModel, logGroup: string): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: model.assetDirectory,
    _HANDLER: model.handler,
    TZ: ':UTC',
    // Otherwise the SDK would read the AWS profile of the user.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

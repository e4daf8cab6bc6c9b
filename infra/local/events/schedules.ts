import { randomUUID } from 'node:crypto';
import type { ScheduleModel } from '../assembly/events.ts';
import type { Place } from '../assembly/template.ts';
import type { LambdaFunction, Outcome } from '../lambda/functions.ts';
import type { Json } from '../shared/json.ts';
import { asString, parseJson } from '../shared/json.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import { firesAt } from './schedule-expression.ts';

export type ScheduleRun = { function: string; ok: boolean; result?: Json; error?: { type: string; message: string } };

export type Schedules = {
  models: readonly ScheduleModel[];
  find(name: string): ScheduleModel | undefined;
  /** Runs a schedule once as if it fired at the time, and answers what its functions said. */
  run(model: ScheduleModel, time: Date): Promise<ScheduleRun[]>;
  stop(): void;
};

const retryPauseMillis = 1000;

/** Fires the template's rules and schedules while the stack runs. Times at which it did not run are not made up for. */
export function startSchedules(
  models: readonly ScheduleModel[],
  functions: ReadonlyMap<string, LambdaFunction>,
  deadLetters: DeadLetters,
  place: Place,
): Schedules {
  const timers = new Set<NodeJS.Timeout>();
  const active = models.filter(({ enabled }) => enabled);
  for (const model of active) {
    const { expression } = model;
    if (expression.kind === 'rate') every(expression.everyMillis, () => fire(model, new Date()));
  }
  everyMinute((minute) => {
    for (const model of active.filter(({ expression }) => firesAt(expression, minute))) fire(model, minute);
  });

  function every(millis: number, action: () => void): void {
    // setInterval takes at most 24 days; a longer rate is waited for in steps.
    let next = Date.now() + millis;
    const tick = () => {
      if (Date.now() >= next) {
        next += millis;
        action();
      }
    };
    timers.add(setInterval(tick, Math.min(millis, 60_000)).unref());
  }

  function everyMinute(action: (minute: Date) => void): void {
    let done = Math.floor(Date.now() / 60_000);
    const tick = () => {
      const minute = Math.floor(Date.now() / 60_000);
      if (minute > done) {
        done = minute;
        action(new Date(minute * 60_000));
      }
    };
    timers.add(setInterval(tick, 1000).unref());
  }

  function fire(model: ScheduleModel, time: Date): void {
    for (const target of model.targets) void deliver(model, target, time);
  }

  async function deliver(model: ScheduleModel, target: ScheduleModel['targets'][number], time: Date): Promise<void> {
    const event = eventFor(model, target.input, time, place);
    const called = functions.get(target.functionName);
    if (called === undefined) return;
    for (let attempt = 0; attempt <= target.retries; attempt++) {
      if ((await called.invoke(event)).ok) return;
      await new Promise((resolve) => setTimeout(resolve, retryPauseMillis * (attempt + 1)).unref());
    }
    const queue = target.deadLetterArn ?? called.model.deadLetterArn;
    if (queue !== undefined) deadLetters.add(queue, target.functionName, parseJson(event) ?? event);
  }

  return {
    models,
    find: (name) => models.find((model) => model.name === name || model.logicalId === name),
    run: (model, time) =>
      Promise.all(
        model.targets.map(async ({ functionName, input }) => {
          const outcome = await functions.get(functionName)?.invoke(eventFor(model, input, time, place));
          return describe(functionName, outcome);
        }),
      ),
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

function describe(functionName: string, outcome: Outcome | undefined): ScheduleRun {
  if (outcome?.ok) return { function: functionName, ok: true, result: parseJson(outcome.result) ?? null };
  const error = { type: outcome?.error.errorType ?? 'Unknown', message: outcome?.error.errorMessage ?? '' };
  return { function: functionName, ok: false, error };
}

/** The event of a rule, or a schedule's own input with its placeholders filled in. */
function eventFor(model: ScheduleModel, input: Json | undefined, time: Date, place: Place): string {
  const at = time.toISOString().replace(/\.\d{3}Z$/, 'Z');
  const text = asString(input);
  if (model.kind === 'scheduler') {
    return (text ?? '{}')
      .replaceAll('<aws.scheduler.scheduled-time>', at)
      .replaceAll('<aws.scheduler.execution-id>', randomUUID())
      .replaceAll('<aws.scheduler.attempt-number>', '1')
      .replaceAll('<aws.scheduler.schedule-arn>', model.arn);
  }
  if (text !== undefined) return text;
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: place.account,
    time: at,
    region: place.region,
    resources: [model.arn],
    detail: {},
  });
}

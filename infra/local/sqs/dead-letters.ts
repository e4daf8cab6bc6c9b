import type { QueueMappingModel } from '../assembly/queues.ts';
import type { Json } from '../shared/json.ts';
import { parseJson } from '../shared/json.ts';
import type { Queues } from './queues.ts';

export type DeadLetter = { id: string; time: string; queueArn: string; functionName: string; body: Json };

export type DeadLetters = {
  add(queueArn: string, functionName: string, body: Json): void;
  /** Oldest first. */
  list(): DeadLetter[];
  clear(): void;
  /** Moves messages back to the queues that they came from. Messages of failed invocations came from none, and stay. */
  redrive(): { moved: number; left: number };
};

/** The messages of all queues without a consumer: dead-lettered by their queue, or by a failed invocation. */
export function openDeadLetters(queues: Queues, mappings: readonly QueueMappingModel[]): DeadLetters {
  const functionOf = new Map(mappings.map(({ queueArn, functionName }) => [queueArn, functionName]));
  const letters = () => queues.list().filter(({ queueArn }) => !functionOf.has(queueArn));
  const queueArns = () => new Set(letters().map(({ queueArn }) => queueArn));
  return {
    add: (queueArn, functionName, body) => {
      queues.send(queueArn, [{ body: JSON.stringify(body), functionName }]);
    },
    list: () =>
      letters().map(({ id, queueArn, sentAt, sourceArn, functionName, body }) => ({
        id,
        time: new Date(sentAt).toISOString(),
        queueArn,
        functionName: functionName ?? functionOf.get(sourceArn ?? '') ?? '',
        body: parseJson(body) ?? body,
      })),
    clear() {
      for (const queueArn of queueArns()) queues.clear(queueArn);
    },
    redrive() {
      const moved = [...queueArns()].reduce((sum, queueArn) => sum + queues.redrive(queueArn), 0);
      return { moved, left: letters().length };
    },
  };
}

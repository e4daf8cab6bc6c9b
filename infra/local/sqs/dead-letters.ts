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
  /** Moves back to their queues what came from one; answers how many, and how many stay. */
  redrive(): { moved: number; left: number };
};

/** What lies in queues that no function works off: what queues have set aside, and what functions could not do. */
export function openDeadLetters(queues: Queues, mappings: readonly QueueMappingModel[]): DeadLetters {
  const functionOf = new Map(mappings.map(({ queueArn, functionName }) => [queueArn, functionName]));
  const letters = () => queues.list().filter(({ queueArn }) => !functionOf.has(queueArn));
  const places = () => new Set(letters().map(({ queueArn }) => queueArn));
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
      for (const queueArn of places()) queues.clear(queueArn);
    },
    redrive() {
      const moved = [...places()].reduce((sum, queueArn) => sum + queues.move(queueArn), 0);
      return { moved, left: letters().length };
    },
  };
}

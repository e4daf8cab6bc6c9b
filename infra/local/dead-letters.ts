import { randomUUID } from 'node:crypto';
import { appendDurably, readJsonLines, writeAtomically } from './files.ts';
import type { Json } from './json.ts';

export type DeadLetter = { id: string; time: string; queueArn: string; functionName: string; body: Json };

export type DeadLetters = {
  add(queueArn: string, functionName: string, body: Json): void;
  list(): DeadLetter[];
  clear(): void;
};

/** Keeps what would have gone to the dead-letter queues of the template. */
export function openDeadLetters(file: string): DeadLetters {
  let letters = readJsonLines(file) as DeadLetter[];
  return {
    add(queueArn, functionName, body) {
      const letter = { id: randomUUID(), time: new Date().toISOString(), queueArn, functionName, body };
      letters.push(letter);
      appendDurably(file, JSON.stringify(letter));
    },
    list: () => letters,
    clear() {
      letters = [];
      writeAtomically(file, '', { durable: true });
    },
  };
}

import type { Table } from '../../lib/table/client.ts';
import { type FaultyCall, wrapMethods } from './killed.ts';

export interface Paused {
  /** The table of the process that stops. */
  table: Table;
  /** Resolves when the process has stopped. */
  stopped: Promise<void>;
  /** Lets the process go on. */
  resume: () => void;
}

/** The table of a process that stops before or after one of its calls until it is resumed. */
export function tablePausedAt(table: Table, { call, when }: FaultyCall): Paused {
  const stopped = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  let calls = 0;
  const pause = async () => {
    stopped.resolve();
    await resumed.promise;
  };
  const client = wrapMethods(table.client, (run) => async (...args) => {
    const current = ++calls;
    if (current === call && when === 'before') await pause();
    const result = await run(...args);
    if (current === call && when === 'after') await pause();
    return result;
  });
  return { table: { ...table, client }, stopped: stopped.promise, resume: resumed.resolve };
}

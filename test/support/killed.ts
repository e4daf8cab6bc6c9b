/** Faults that no engine produces: a process is killed, or a connection breaks, at one of its calls. */

/** The error of a killed process. The process does nothing after it. */
export const KILLED = new Error('the function was killed');

export interface FaultyCall {
  /** The number of the call, from 1, over all functions that share a wrapper. */
  call: number;
  /** Whether the fault comes before or after the call is executed. */
  when: 'before' | 'after';
}

type Wrap = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

function failAt({ call, when }: FaultyCall, error: Error, lastCall: boolean): Wrap {
  let calls = 0;
  return (run) =>
    async (...args) => {
      const current = ++calls;
      if ((lastCall && current > call) || (current === call && when === 'before')) throw error;
      const result = await run(...args);
      if (current === call) throw error;
      return result;
    };
}

/** Wraps the functions of a process that is killed at a call: all later calls fail too. */
export const killedAt = (at: FaultyCall): Wrap => failAt(at, KILLED, true);

/** Wraps functions of which one call fails, before its execution or before its answer. Later calls work. */
export const brokenAt = (at: FaultyCall): Wrap => failAt(at, new Error('the connection broke'), false);

/** The object with all its methods wrapped. */
export function wrapMethods<T extends object>(target: T, wrap: Wrap): T {
  return new Proxy(target, {
    get(whole, name) {
      const member: unknown = Reflect.get(whole, name);
      return typeof member === 'function' ? wrap((...args: unknown[]) => member.apply(whole, args)) : member;
    },
  });
}

/** The table of a process that is killed at one of its calls. */
export function tableKilledAt<T extends { client: object }>(table: T, at: FaultyCall): T {
  return { ...table, client: wrapMethods(table.client, killedAt(at)) };
}

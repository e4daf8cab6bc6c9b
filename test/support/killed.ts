/** Faults that no engine produces: a process that is killed, or a connection that breaks, at one of its calls. */

/** What a killed process throws: nothing after it is done, and nobody hears of it. */
export const KILLED = new Error('the function was killed');

export interface FaultyCall {
  /** Counted from 1, over everything that is wrapped together. */
  call: number;
  /** Whether the call itself is still done. */
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

/** Wraps the functions of one process, which is killed before or after one of its calls. */
export const killedAt = (at: FaultyCall): Wrap => failAt(at, KILLED, true);

/** Wraps functions of which one call fails, before it arrives or before its answer does; the calls after it work. */
export const brokenAt = (at: FaultyCall): Wrap => failAt(at, new Error('the connection broke'), false);

/** The same object with all its methods wrapped. */
export function wrapMethods<T extends object>(target: T, wrap: Wrap): T {
  return new Proxy(target, {
    get(whole, name) {
      const member: unknown = Reflect.get(whole, name);
      return typeof member === 'function' ? wrap((...args: unknown[]) => member.apply(whole, args)) : member;
    },
  });
}

/** The table as a process sees it that is killed at one of its calls. */
export function tableKilledAt<T extends { client: object }>(table: T, at: FaultyCall): T {
  return { ...table, client: wrapMethods(table.client, killedAt(at)) };
}

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Call {
  /** `GetItem`, `Query`, `TransactWriteItems`, … */
  operation: string;
  index: string | undefined;
  /** The sum of read and write units, as the engine counts them; 0 if it refused the call. */
  capacity: number;
}

/** Runs an operation and records its calls and capacity units under its name. */
export type Measure = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

/** Records each operation's calls and units as `calls | units`, from the calls that a client recorded. */
export function measureInto(costs: Map<string, string>, calls: readonly Call[]): Measure {
  return async (operation, run) => {
    if (costs.has(operation)) throw new Error(`${operation} is measured twice`);
    const before = calls.length;
    const result = await run();
    const made = calls.slice(before);
    const names = made.map((call) => (call.index ? `${call.operation} ${call.index}` : call.operation));
    const units = made.reduce((sum, { capacity }) => sum + capacity, 0);
    costs.set(operation, `${names.join(', ') || 'none'} | ${units}`);
    return result;
  };
}

/** Records every call that a client makes from now on, with the capacity units that it took. */
export function recordCalls(client: DynamoDBClient): Call[] {
  const calls: Call[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input: Record<string, unknown> = Object(args.input);
      // Recorded when it is sent, because concurrent calls end in any order.
      const call: Call = {
        operation: String(context.commandName).replace(/Command$/, ''),
        index: typeof input.IndexName === 'string' ? input.IndexName : undefined,
        capacity: 0,
      };
      calls.push(call);
      const result = await next({ ...args, input: { ...input, ReturnConsumedCapacity: 'INDEXES' } });
      const consumed: unknown = Object(result.output).ConsumedCapacity;
      const parts = Array.isArray(consumed) ? consumed : consumed ? [consumed] : [];
      call.capacity = parts.reduce((sum: number, part) => sum + Number(Object(part).CapacityUnits ?? 0), 0);
      return result;
    },
    { step: 'initialize', name: 'recordCalls', priority: 'low' },
  );
  return calls;
}

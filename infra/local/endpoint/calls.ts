/** One call of a function to AWS. */
export type Call = {
  function: string;
  time: string;
  service: string;
  action: string;
  /** The permissions that were checked: of the call itself, or of the operations in a transaction. */
  authorizations: { action: string; resource: string; allowed: boolean }[];
  table?: string;
  index?: string;
  allowed: boolean;
  status: number;
  error?: string;
  milliseconds: number;
};

export type CallRecord = {
  add(call: Call): void;
  list(functionName?: string): Call[];
  clear(): void;
};

/** Keeps the latest calls; `GET /_local/calls` returns them, and a test compares them with the policies. */
export function createCallRecord(limit = 100_000): CallRecord {
  let calls: Call[] = [];
  return {
    add(call) {
      calls.push(call);
      if (calls.length > limit * 1.25) calls = calls.slice(-limit);
    },
    list: (functionName) =>
      calls.slice(-limit).filter((call) => functionName === undefined || call.function === functionName),
    clear() {
      calls = [];
    },
  };
}

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

/** Some bytes of memory of a call. Its other texts are shared with all calls of its kind. */
const bytesOf = ({ time, error = '', authorizations }: Call) =>
  400 + 2 * (time.length + error.length) + 8 * authorizations.length;

/** Keeps the latest calls, in at most so many bytes; `GET /_local/calls` returns them, and a test compares them with the policies. */
export function createCallRecord(maximumBytes = 32 * 1024 * 1024): CallRecord {
  // Two generations: when the newer one is full, the older one is dropped.
  let [older, newer]: [Call[], Call[]] = [[], []];
  let bytes = 0;
  return {
    add(call) {
      newer.push(call);
      bytes += bytesOf(call);
      if (bytes < maximumBytes / 2) return;
      [older, newer] = [newer, []];
      bytes = 0;
    },
    list: (functionName) =>
      [...older, ...newer].filter((call) => functionName === undefined || call.function === functionName),
    clear() {
      [older, newer] = [[], []];
      bytes = 0;
    },
  };
}

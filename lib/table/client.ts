import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type Item = Record<string, unknown>;

/** The table, with the back-off between attempts that conflict with other transactions. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  /** Waits before retry `attempt` (1, 2, …). */
  readonly backOff: (attempt: number) => Promise<void>;
}

/** Exponential back-off with full jitter: a random wait below a bound that doubles, up to one second. */
async function fullJitter(attempt: number): Promise<void> {
  const bound = Math.min(1000, 25 * 2 ** (attempt - 1));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * bound));
}

interface TableOptions {
  client?: DynamoDBClient;
  backOff?: Table['backOff'];
  /** Of one attempt in milliseconds. */
  timeoutMs?: number;
}

/** Four attempts end within the ten seconds that a function of the API has. */
const TIMEOUT_MS = 2200;

/** Opens the table by name with the environment's credentials and region. */
export function openTable(name: string, options: TableOptions = {}): Table {
  const base =
    options.client ??
    new DynamoDBClient({
      maxAttempts: 4,
      requestHandler: {
        connectionTimeout: 1000,
        requestTimeout: options.timeoutMs ?? TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    });
  // It formats every request and response for a logger, even if there is none.
  base.middlewareStack.remove('loggerMiddleware');
  const client = DynamoDBDocumentClient.from(base, { marshallOptions: { removeUndefinedValues: true } });
  return { client, name, backOff: options.backOff ?? fullJitter };
}

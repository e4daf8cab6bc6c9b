/** How long a secret is cached in the process. */
const FRESH_MS = 5 * 60_000;

/** Reads a secret's text. @throws Error if Secrets Manager does not answer or the secret has no text */
export type ReadSecret = () => Promise<string>;

/** Three attempts end within the ten seconds that a function of the API has. */
const TIMEOUT_MS = 2000;

/** A reader of one secret. It calls Secrets Manager at most every five minutes; a failure is not cached. */
export function secretReader(arn: string, now: () => number = Date.now, timeoutMs = TIMEOUT_MS): ReadSecret {
  let cached: { value: Promise<string>; at: number } | undefined;

  return () => {
    if (cached && now() - cached.at < FRESH_MS) return cached.value;
    const value = fetchSecret(arn, timeoutMs);
    cached = { value, at: now() };
    value.catch(() => {
      cached = undefined;
    });
    return value;
  };
}

async function fetchSecret(SecretId: string, timeoutMs: number): Promise<string> {
  // Most requests need no secret: the client is loaded by the first that does.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 500, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  if (!SecretString) throw new Error('the secret has no text');
  return SecretString;
}

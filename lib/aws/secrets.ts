/** How long a process uses what it has read before it asks again. */
const FRESH_MS = 5 * 60_000;

/** Reads a secret's text. @throws where Secrets Manager does not answer, or the secret has no text */
export type ReadSecret = () => Promise<string>;

/** A reader of one secret. It asks Secrets Manager at most every five minutes; a failure is not kept. */
export function secretReader(arn: string, now: () => number = Date.now): ReadSecret {
  let known: { value: Promise<string>; at: number } | undefined;

  return () => {
    if (known && now() - known.at < FRESH_MS) return known.value;
    const value = fetchSecret(arn);
    known = { value, at: now() };
    value.catch(() => {
      known = undefined;
    });
    return value;
  };
}

async function fetchSecret(SecretId: string): Promise<string> {
  // Most requests need no secret: the client is loaded by the first that does.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ maxAttempts: 3 });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  if (!SecretString) throw new Error('the secret has no text');
  return SecretString;
}

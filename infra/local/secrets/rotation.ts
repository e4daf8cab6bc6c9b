import type { SecretModel } from '../assembly/assembly.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import type { Secrets } from './secrets.ts';

export type Rotation = { ok: true; versionId: string } | { ok: false; step: string; error: string };

/** Rotates a secret as Secrets Manager does: four calls of the rotation function, each of which has to succeed. */
export async function rotateSecret(secrets: Secrets, secret: SecretModel, rotator: LambdaFunction): Promise<Rotation> {
  const token = secrets.beginRotation(secret);
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
    const event = { Step: step, SecretId: secret.arn, ClientRequestToken: token };
    const outcome = await rotator.invoke(JSON.stringify(event));
    if (!outcome.ok) return { ok: false, step, error: `${outcome.error.errorType}: ${outcome.error.errorMessage}` };
  }
  if (secrets.currentVersion(secret) !== token) {
    return { ok: false, step: 'finishSecret', error: 'The new version did not become AWSCURRENT.' };
  }
  return { ok: true, versionId: token };
}

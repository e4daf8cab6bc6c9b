import type { SecretsManagerRotationEvent } from 'aws-lambda';
import { logger } from '../../lib/aws/logger.ts';
import { secretRotation } from '../../lib/aws/secrets.ts';
import { systemSource } from '../../lib/shared/source.ts';

const rotation = secretRotation(systemSource);

/** Rotates the secret that the signing keys are derived from; Secrets Manager calls it for each step. */
export async function handler({ Step, SecretId, ClientRequestToken }: SecretsManagerRotationEvent): Promise<void> {
  logger.info('rotation', { step: Step });
  await rotation(Step, SecretId, ClientRequestToken);
}

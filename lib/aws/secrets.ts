import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Source } from '../shared/source.ts';

/** How long a process trusts what it has read; a rotated secret is known everywhere after this. */
const FRESH_MS = 5 * 60_000;

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

export interface SecretReader {
  /** The secret's text at that stage; undefined where there is no such version. Read at most every five minutes. */
  read(stage?: Stage): Promise<string | undefined>;
  /** Forgets what was read, so that the next read asks again. */
  forget(): void;
}

/** Reads one secret by its ARN and keeps it in memory. */
export function secretReader(arn: string, now: () => number = Date.now): SecretReader {
  const client = new SecretsManagerClient({ maxAttempts: 3 });
  const known = new Map<Stage, { value: Promise<string | undefined>; at: number }>();

  async function fetch(stage: Stage): Promise<string | undefined> {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: stage }));
      return SecretString;
    } catch (error) {
      if (error instanceof ResourceNotFoundException && stage === 'AWSPREVIOUS') return undefined;
      known.delete(stage);
      throw error;
    }
  }

  return {
    read(stage = 'AWSCURRENT') {
      const entry = known.get(stage);
      if (entry && now() - entry.at < FRESH_MS) return entry.value;
      const value = fetch(stage);
      known.set(stage, { value, at: now() });
      return value;
    },
    forget: () => known.clear(),
  };
}

type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/**
 * The four steps of rotating a secret that is nothing but random text. The version before stays readable as AWSPREVIOUS,
 * so what it signed stays good until it expires.
 */
export function secretRotation(source: Source) {
  const client = new SecretsManagerClient({ maxAttempts: 3 });

  async function hasVersion(SecretId: string, VersionId: string): Promise<boolean> {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    return (VersionIdsToStages[VersionId] ?? []).some((stage) => stage === 'AWSCURRENT' || stage === 'AWSPENDING');
  }

  async function create(SecretId: string, ClientRequestToken: string): Promise<void> {
    try {
      await client.send(
        new GetSecretValueCommand({ SecretId, VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' }),
      );
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      const SecretString = Buffer.from(source.random(48)).toString('base64url');
      await client.send(
        new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }),
      );
    }
  }

  async function finish(SecretId: string, version: string): Promise<void> {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
    if (current === version) return;
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: version,
        RemoveFromVersionId: current,
      }),
    );
  }

  return async (step: RotationStep, secretId: string, version: string): Promise<void> => {
    if (step === 'createSecret') return create(secretId, version);
    if (step === 'finishSecret') return finish(secretId, version);
    // Nothing outside holds the secret, so there is nothing to set; to test is that the new version is there.
    if (step === 'testSecret' && !(await hasVersion(secretId, version))) throw new Error('the new version is missing');
  };
}

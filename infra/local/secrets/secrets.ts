import { randomUUID } from 'node:crypto';
import type { SecretModel } from '../assembly/assembly.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import type { JsonObject } from '../shared/json.ts';
import { asNumber, asObject, asString } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { generateSecretString } from './random-password.ts';

export type Secrets = {
  /** Finds a secret by its name or ARN. */
  find(id: string): SecretModel | undefined;
  /** Answers GetSecretValue, the only operation. @throws ServiceError */
  call(action: string, body: JsonObject): JsonObject;
};

type StoredSecret = { id: string; secretString: string; createdAt: number };

/** Secrets Manager for the template's secrets. Their values are generated at the first start and kept in one file. */
export function openSecrets(models: readonly SecretModel[], file: string): Secrets {
  const stored = readStored(file);
  const missing = models.filter(({ arn }) => !stored.has(arn));
  for (const { arn, generate } of missing)
    stored.set(arn, {
      id: randomUUID(),
      secretString: generateSecretString(generate),
      createdAt: Math.floor(Date.now() / 1000),
    });
  if (missing.length > 0)
    writeAtomically(file, `${JSON.stringify(Object.fromEntries(stored), null, 2)}\n`, { durable: true });

  const find = (id: string) => models.find(({ arn, name }) => id === arn || id === name);

  return {
    find,
    call(action, body) {
      if (action !== 'GetSecretValue')
        throw new ServiceError('UnknownOperationException', `The local stack has no secretsmanager:${action}.`);
      const model = find(asString(body.SecretId) ?? '');
      const secret = stored.get(model?.arn ?? '');
      const [stage, versionId] = [asString(body.VersionStage) ?? 'AWSCURRENT', asString(body.VersionId)];
      if (model === undefined || secret === undefined)
        throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      if (stage !== 'AWSCURRENT' || (versionId !== undefined && versionId !== secret.id))
        throw new ServiceError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
        );
      return {
        ARN: model.arn,
        Name: model.name,
        VersionId: secret.id,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: secret.createdAt,
        SecretString: secret.secretString,
      };
    },
  };
}

function readStored(file: string): Map<string, StoredSecret> {
  const entries = Object.entries(asObject(readJsonIfThere(file))).map(([arn, raw]): [string, StoredSecret] => {
    const { id, secretString, createdAt } = asObject(raw);
    if (typeof id !== 'string' || typeof secretString !== 'string')
      throw new StartProblem(`The secrets in ${file} are of another version; start with --fresh to begin anew.`);
    return [arn, { id, secretString, createdAt: asNumber(createdAt) ?? 0 }];
  });
  return new Map(entries);
}

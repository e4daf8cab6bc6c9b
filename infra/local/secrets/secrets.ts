import { randomUUID } from 'node:crypto';
import type { SecretModel } from '../assembly/assembly.ts';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asNumber, asObject, asString, asStrings, isObject } from '../shared/json.ts';
import { generateSecretString, randomPassword } from './random-password.ts';

/** An error in the words of an AWS service, to be sent to the caller. */
export class ServiceError extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export type Secrets = {
  /** The secret of a name or ARN; for permissions and rotation. */
  find(id: string): SecretModel | undefined;
  /** Answers one Secrets Manager action. Throws ServiceError. */
  call(action: string, body: JsonObject): JsonObject;
  /** Prepares a rotation as RotateSecret does and answers the token of the version to come. */
  beginRotation(secret: SecretModel): string;
  currentVersion(secret: SecretModel): string | undefined;
};

type Version = { id: string; secretString?: string; secretBinary?: string; stages: string[]; createdAt: number };
type Store = Record<string, Version[]>;

/** Secrets Manager for the template's secrets, kept in one file that is replaced in one step. */
export function openSecrets(models: readonly SecretModel[], file: string): Secrets {
  const store = readStore(file);
  const save = () => writeAtomically(file, `${JSON.stringify(store, null, 2)}\n`, { durable: true });
  let added = false;
  for (const model of models) {
    if (store[model.arn] !== undefined) continue;
    const secretString = model.secretString ?? generateSecretString(model.generate ?? {});
    store[model.arn] = [{ id: randomUUID(), secretString, stages: ['AWSCURRENT'], createdAt: seconds() }];
    added = true;
  }
  if (added) save();

  const find = (id: string) =>
    models.find(
      ({ arn, name, logicalId }) =>
        id === arn || id === name || id === logicalId || id === arn.replace(/-[^-]{6}$/, ''),
    );

  function locate(body: JsonObject): { model: SecretModel; versions: Version[] } {
    const model = find(asString(body.SecretId) ?? '');
    if (model === undefined)
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    const versions = store[model.arn] ?? [];
    store[model.arn] = versions;
    return { model, versions };
  }

  function getSecretValue(body: JsonObject): JsonObject {
    const { model, versions } = locate(body);
    const id = asString(body.VersionId);
    const stage = asString(body.VersionStage) ?? (id === undefined ? 'AWSCURRENT' : undefined);
    const version = versions.find(
      (one) =>
        (id === undefined || one.id === id) && (stage === undefined || one.stages.includes(stage)) && hasValue(one),
    );
    if (version === undefined) {
      const wanted = id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`;
      throw new ServiceError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${wanted}`,
      );
    }
    return {
      ARN: model.arn,
      Name: model.name,
      VersionId: version.id,
      VersionStages: version.stages,
      CreatedDate: version.createdAt,
      ...(version.secretString === undefined ? {} : { SecretString: version.secretString }),
      ...(version.secretBinary === undefined ? {} : { SecretBinary: version.secretBinary }),
    };
  }

  function describeSecret(body: JsonObject): JsonObject {
    const { model, versions } = locate(body);
    return {
      ARN: model.arn,
      Name: model.name,
      RotationEnabled: model.rotationFunction !== undefined,
      VersionIdsToStages: Object.fromEntries(versions.filter((v) => v.stages.length > 0).map((v) => [v.id, v.stages])),
    };
  }

  function putSecretValue(body: JsonObject): JsonObject {
    const { model, versions } = locate(body);
    const id = asString(body.ClientRequestToken) ?? randomUUID();
    const stages = body.VersionStages === undefined ? ['AWSCURRENT'] : asStrings(body.VersionStages);
    const value = { secretString: asString(body.SecretString), secretBinary: asString(body.SecretBinary) };
    const existing = versions.find((version) => version.id === id);
    if (existing !== undefined && hasValue(existing)) {
      if (existing.secretString !== value.secretString || existing.secretBinary !== value.secretBinary) {
        throw new ServiceError(
          'ResourceExistsException',
          'A version with this ClientRequestToken and another value exists already.',
        );
      }
    }
    const version: Version = existing ?? { id, stages: [], createdAt: seconds() };
    Object.assign(version, value);
    if (existing === undefined) versions.push(version);
    for (const stage of stages) moveStage(versions, stage, version);
    save();
    return { ARN: model.arn, Name: model.name, VersionId: id, VersionStages: version.stages };
  }

  function updateSecretVersionStage(body: JsonObject): JsonObject {
    const { model, versions } = locate(body);
    const stage = asString(body.VersionStage) ?? '';
    const holder = versions.find((version) => version.stages.includes(stage));
    const from = asString(body.RemoveFromVersionId);
    const to = asString(body.MoveToVersionId);
    const target = versions.find((version) => version.id === to);
    if (to !== undefined && target === undefined) {
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret version.");
    }
    if (holder !== undefined && holder !== target && holder.id !== from) {
      throw new ServiceError(
        'InvalidParameterException',
        `The staging label ${stage} is currently attached to version ${holder.id}.`,
      );
    }
    if (target !== undefined) moveStage(versions, stage, target);
    else if (holder !== undefined) holder.stages = holder.stages.filter((one) => one !== stage);
    save();
    return { ARN: model.arn, Name: model.name };
  }

  const actions: Record<string, (body: JsonObject) => JsonObject> = {
    GetSecretValue: getSecretValue,
    DescribeSecret: describeSecret,
    PutSecretValue: putSecretValue,
    UpdateSecretVersionStage: updateSecretVersionStage,
    GetRandomPassword: (body) => ({ RandomPassword: randomPassword(body) }),
  };

  return {
    find,
    call(action, body) {
      const run = actions[action];
      if (run === undefined)
        throw new ServiceError('UnknownOperationException', `The local stack has no secretsmanager:${action}.`);
      return run(body);
    },
    beginRotation(secret) {
      const { versions } = locate({ SecretId: secret.arn });
      const unfinished = versions.find(({ stages }) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'));
      if (unfinished !== undefined) return unfinished.id;
      const version: Version = { id: randomUUID(), stages: [], createdAt: seconds() };
      versions.push(version);
      moveStage(versions, 'AWSPENDING', version);
      save();
      return version.id;
    },
    currentVersion: (secret) => store[secret.arn]?.find(({ stages }) => stages.includes('AWSCURRENT'))?.id,
  };
}

/** Attaches a staging label, which only one version has at a time; whoever was AWSCURRENT becomes AWSPREVIOUS. */
function moveStage(versions: Version[], stage: string, target: Version): void {
  const holder = versions.find((version) => version.stages.includes(stage));
  if (holder === target) return;
  if (holder !== undefined) holder.stages = holder.stages.filter((one) => one !== stage);
  target.stages.push(stage);
  if (stage === 'AWSCURRENT' && holder !== undefined) moveStage(versions, 'AWSPREVIOUS', holder);
}

function hasValue(version: Version): boolean {
  return version.secretString !== undefined || version.secretBinary !== undefined;
}

function readStore(file: string): Store {
  const store: Store = {};
  for (const [arn, versions] of Object.entries(asObject(readJsonIfThere(file)))) {
    store[arn] = (Array.isArray(versions) ? versions : []).filter(isObject).map(readVersion);
  }
  return store;
}

function readVersion(raw: JsonObject): Version {
  const optional = (key: string, value: Json | undefined) =>
    asString(value) === undefined ? {} : { [key]: asString(value) };
  return {
    id: asString(raw.id) ?? randomUUID(),
    stages: asStrings(raw.stages),
    createdAt: asNumber(raw.createdAt) ?? seconds(),
    ...optional('secretString', raw.secretString),
    ...optional('secretBinary', raw.secretBinary),
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

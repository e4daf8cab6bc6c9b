import { readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import type { Statement } from '../endpoint/policies.ts';
import { readStatements } from '../endpoint/policies.ts';
import type { ConfigurationSetModel } from '../ses/captured-mail.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString } from '../shared/json.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { type EventRuleModel, eventRules, type StreamMappingModel, streamMappings } from './events.ts';
import { type ApiModel, readApi } from './http.ts';
import { configurationSets } from './mail.ts';
import { type QueueMappingModel, type QueueModel, queueMappings, queueModels } from './queues.ts';
import { type BucketModel, bucketModels } from './s3.ts';
import { arnOfResource, type Place, partitionOf, type Resource, readTemplate, type Template } from './template.ts';

export type TableModel = {
  name: string;
  arn: string;
  /** The parameters of CreateTable. */
  definition: JsonObject;
  timeToLiveAttribute: string | undefined;
  streamArn: string | undefined;
};

export type FunctionModel = {
  logicalId: string;
  name: string;
  arn: string;
  handler: string;
  assetDirectory: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  reservedConcurrency: number | undefined;
  deadLetterArn: string | undefined;
  /** Retries of a failed asynchronous invocation, and its maximum age. */
  asyncRetries: number;
  asyncMaximumAgeSeconds: number;
  statements: Statement[];
};

export type SecretModel = {
  name: string;
  arn: string;
  /** The rules of `GenerateSecretString`. */
  generate: JsonObject;
};

export type Assembly = {
  place: Place;
  tables: TableModel[];
  functions: FunctionModel[];
  api: ApiModel | undefined;
  streamMappings: StreamMappingModel[];
  queues: QueueModel[];
  queueMappings: QueueMappingModel[];
  eventRules: EventRuleModel[];
  buckets: BucketModel[];
  secrets: SecretModel[];
  mailIdentities: string[];
  configurationSets: ConfigurationSetModel[];
  /** Parts of the template that do not run here, in words. */
  leftOut: string[];
};

/** Reads a cloud assembly (a `cdk.out` folder) into what the local stack runs. `stack` defaults to the first one. */
export function readAssembly(directory: string, stack?: string): Assembly {
  const { template, assets } = openAssembly(resolvePath(directory), stack);
  expectOnlyAlarms(template, assets);
  const leftOut: string[] = [];
  const functions = template
    .ofType('AWS::Lambda::Function')
    .flatMap((resource) => functionModel(template, assets, resource, leftOut));
  const tables = template
    .ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable')
    .map((resource) => tableModel(template, resource));
  const nameByArn = new Map(functions.map((model) => [model.arn, model.name]));
  const queues = queueModels(template);
  return {
    place: template.place,
    tables,
    functions,
    api: readApi(template, nameByArn),
    streamMappings: streamMappings(template, tables, nameByArn, leftOut),
    queues,
    queueMappings: queueMappings(template, queues, functions, nameByArn),
    eventRules: eventRules(template, nameByArn, leftOut),
    buckets: bucketModels(template),
    secrets: template.ofType('AWS::SecretsManager::Secret').map((resource) => secretModel(template, resource)),
    mailIdentities: template
      .ofType('AWS::SES::EmailIdentity')
      .flatMap((r) => asString(template.properties(r).EmailIdentity) ?? []),
    configurationSets: configurationSets(template),
    leftOut,
  };
}

/** Alarms do nothing here, so a nested stack of them is skipped. @throws StartProblem for one with anything else */
function expectOnlyAlarms(template: Template, assets: Assets): void {
  for (const stack of template.ofType('AWS::CloudFormation::Stack')) {
    const url = asString(template.properties(stack).TemplateURL) ?? '';
    const file = assets(url.slice(url.lastIndexOf('/') + 1));
    const resources = file === undefined ? [{}] : Object.values(asObject(readJson(file).Resources));
    if (resources.some((resource) => asObject(resource).Type !== 'AWS::CloudWatch::Alarm'))
      throw new StartProblem(
        `The nested stack ${stack.logicalId} has more than alarms, and the local stack runs only what is in the outer one.`,
      );
  }
}

type Assets = (objectKey: string) => string | undefined;

function openAssembly(directory: string, wanted: string | undefined): { template: Template; assets: Assets } {
  const manifest = readJson(join(directory, 'manifest.json'));
  const stacks = Object.entries(asObject(manifest.artifacts)).filter(
    ([, a]) => asObject(a).type === 'aws:cloudformation:stack',
  );
  const chosen = wanted === undefined ? stacks[0] : stacks.find(([name]) => name === wanted);
  if (chosen === undefined)
    throw new StartProblem(`The cloud assembly has no stack ${wanted ?? ''}.`.replace(' .', '.'));
  const [name, artifact] = chosen;
  const templateFile = asString(asObject(asObject(artifact).properties).templateFile) ?? `${name}.template.json`;
  const [account, region] = (asString(asObject(artifact).environment) ?? '').replace('aws://', '').split('/');
  const known = region === undefined || region.startsWith('unknown') ? 'eu-west-1' : region;
  const place = {
    partition: partitionOf(known),
    region: known,
    account: account === undefined || account === '' || account.startsWith('unknown') ? '000000000000' : account,
    stack: asString(asObject(asObject(artifact).properties).stackName) ?? name,
  };
  const files = asObject(readJson(join(directory, `${name}.assets.json`)).files);
  return {
    template: readTemplate(readJson(join(directory, templateFile)), place),
    assets: assetFinder(directory, files),
  };
}

function readJson(file: string): JsonObject {
  try {
    return asObject(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new StartProblem(`The cloud assembly cannot be read: ${messageOf(error)}.`);
  }
}

/** Finds an asset's folder by the S3 key under which it would be published. */
function assetFinder(directory: string, files: JsonObject): Assets {
  const byKey = new Map<string, string>();
  for (const file of Object.values(files).map(asObject)) {
    const path = asString(asObject(file.source).path);
    for (const destination of Object.values(asObject(file.destinations)).map(asObject)) {
      const key = asString(destination.objectKey);
      if (key !== undefined && path !== undefined) byKey.set(key, resolvePath(directory, path));
    }
  }
  return (key) => byKey.get(key);
}

function functionModel(template: Template, assets: Assets, resource: Resource, leftOut: string[]): FunctionModel[] {
  const properties = template.properties(resource);
  const assetDirectory = assets(asString(asObject(properties.Code).S3Key) ?? '');
  const runtime = asString(properties.Runtime) ?? '';
  if (assetDirectory === undefined || !runtime.startsWith('nodejs')) {
    leftOut.push(
      `function ${resource.logicalId} (runtime ${runtime || 'unknown'}, code not a local asset or not Node.js)`,
    );
    return [];
  }
  const asynchronous = asyncSettings(template, resource);
  const environment: Record<string, string> = {};
  for (const [key, value] of Object.entries(asObject(asObject(properties.Environment).Variables))) {
    environment[key] = asString(value) ?? '';
  }
  return [
    {
      logicalId: resource.logicalId,
      name: asString(template.resolve({ Ref: resource.logicalId })) ?? resource.logicalId,
      arn: arnOfResource(template, resource),
      handler: asString(properties.Handler) ?? 'index.handler',
      assetDirectory,
      environment,
      timeoutSeconds: asNumber(properties.Timeout) ?? 3,
      memoryMegabytes: asNumber(properties.MemorySize) ?? 128,
      reservedConcurrency: asNumber(properties.ReservedConcurrentExecutions),
      deadLetterArn:
        asString(asObject(asObject(asynchronous.DestinationConfig).OnFailure).Destination) ??
        asString(asObject(properties.DeadLetterConfig).TargetArn),
      asyncRetries: asNumber(asynchronous.MaximumRetryAttempts) ?? 2,
      asyncMaximumAgeSeconds: asNumber(asynchronous.MaximumEventAgeInSeconds) ?? 6 * 60 * 60,
      statements: readStatements(template, resource.logicalId, asString(properties.Role) ?? ''),
    },
  ];
}

/** The properties of the function's EventInvokeConfig, if it has one. */
function asyncSettings(template: Template, resource: Resource): JsonObject {
  const name = template.resolve({ Ref: resource.logicalId });
  const configs = template.ofType('AWS::Lambda::EventInvokeConfig').map((config) => template.properties(config));
  return configs.find(({ FunctionName }) => FunctionName === name) ?? {};
}

function tableModel(template: Template, resource: Resource): TableModel {
  const properties = template.properties(resource);
  const stream = asObject(properties.StreamSpecification);
  const viewType = asString(stream.StreamViewType);
  const timeToLive = asObject(properties.TimeToLiveSpecification);
  const definition = tableDefinition(template, resource);
  const timeToLiveAttribute = timeToLive.Enabled === false ? undefined : asString(timeToLive.AttributeName);
  if (timeToLiveAttribute !== undefined && viewType !== 'NEW_AND_OLD_IMAGES')
    throw new StartProblem(
      `The table ${resource.logicalId} has a time to live, for which the local stack needs its stream with new and old images.`,
    );
  return {
    name: asString(definition.TableName) ?? '',
    arn: arnOfResource(template, resource),
    definition,
    timeToLiveAttribute,
    streamArn:
      viewType === undefined
        ? undefined
        : asString(template.resolve({ 'Fn::GetAtt': [resource.logicalId, 'StreamArn'] })),
  };
}

function tableDefinition(template: Template, resource: Resource): JsonObject {
  const properties = template.properties(resource);
  if (properties.LocalSecondaryIndexes !== undefined)
    throw new StartProblem(
      `The table ${resource.logicalId} has local secondary indexes, which the local stack does not support.`,
    );
  return createTableParameters(properties, asString(template.resolve({ Ref: resource.logicalId })) ?? '');
}

/** Turns the properties of a table resource into the parameters of the CreateTable call. */
export function createTableParameters(properties: JsonObject, tableName: string): JsonObject {
  const viewType = asString(asObject(properties.StreamSpecification).StreamViewType);
  const indexes = (list: Json | undefined): Json[] =>
    asList(list).map((index) => {
      const { IndexName, KeySchema, Projection } = asObject(index);
      return { IndexName, KeySchema, Projection };
    });
  return {
    TableName: tableName,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(properties.GlobalSecondaryIndexes
      ? { GlobalSecondaryIndexes: indexes(properties.GlobalSecondaryIndexes) }
      : {}),
    ...(viewType ? { StreamSpecification: { StreamEnabled: true, StreamViewType: viewType } } : {}),
  };
}

function secretModel(template: Template, resource: Resource): SecretModel {
  const properties = template.properties(resource);
  const arn = asString(template.resolve({ Ref: resource.logicalId })) ?? '';
  const rotates = template
    .ofType('AWS::SecretsManager::RotationSchedule')
    .some((schedule) => template.properties(schedule).SecretId === arn);
  if (rotates || properties.GenerateSecretString === undefined)
    throw new StartProblem(
      `The secret ${resource.logicalId} is rotated or not generated; the local stack has only generated secrets that stay.`,
    );
  return {
    name: asString(properties.Name) ?? `${template.place.stack}-${resource.logicalId}`,
    arn,
    generate: asObject(properties.GenerateSecretString),
  };
}

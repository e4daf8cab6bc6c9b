import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../shared/json.ts';
import { asObject, asString, isObject } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

export type Resource = { logicalId: string; type: string; properties: JsonObject };

/** The account and region that the stack is deployed to, in name. */
export type Place = { partition: string; region: string; account: string; stack: string };

export type Template = {
  place: Place;
  resources: ReadonlyMap<string, Resource>;
  /** The resource's properties with every intrinsic function resolved. */
  properties(resource: Resource): JsonObject;
  resolve(value: Json | undefined): Json;
  ofType(...types: string[]): Resource[];
};

/** Reads a synthesized CloudFormation template, and resolves its intrinsic functions for this machine. */
export function readTemplate(document: JsonObject, place: Place): Template {
  const resources = new Map<string, Resource>();
  for (const [logicalId, raw] of Object.entries(asObject(document.Resources))) {
    const body = asObject(raw);
    resources.set(logicalId, { logicalId, type: asString(body.Type) ?? '', properties: asObject(body.Properties) });
  }
  const resolve = resolver(document, resources, place);
  return {
    place,
    resources,
    resolve,
    properties: (resource) => asObject(resolve(resource.properties)),
    ofType: (...types) => [...resources.values()].filter((resource) => types.includes(resource.type)),
  };
}

function resolver(document: JsonObject, resources: ReadonlyMap<string, Resource>, place: Place) {
  const parameters = asObject(document.Parameters);

  function resolve(value: Json | undefined): Json {
    if (Array.isArray(value)) return value.map(resolve).filter((entry) => !isNoValue(entry));
    if (!isObject(value)) return value ?? null;
    const [name, ...others] = Object.keys(value);
    if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
      return intrinsic(name, value[name]);
    }
    const resolved: JsonObject = {};
    for (const [key, entry] of Object.entries(value)) {
      const settled = resolve(entry);
      if (!isNoValue(settled)) resolved[key] = settled;
    }
    return resolved;
  }

  function intrinsic(name: string, argument: Json | undefined): Json {
    const list = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Ref':
        return reference(asString(argument) ?? '');
      case 'Fn::GetAtt':
        return attributeOf(text(list[0]), text(list[1]));
      case 'Fn::Join':
        return strings(list[1]).join(text(list[0]));
      case 'Fn::Sub':
        return substitute(text(argument));
      default:
        throw new StartProblem(`The template uses ${name}, which the local stack does not support.`);
    }
  }

  function text(value: Json | undefined): string {
    return asString(resolve(value)) ?? '';
  }

  function strings(value: Json | undefined): string[] {
    const settled = resolve(value);
    return Array.isArray(settled) ? settled.map((entry) => asString(entry) ?? '') : [];
  }

  function reference(name: string): Json {
    const pseudo = pseudoParameter(name, place);
    if (pseudo !== undefined) return pseudo;
    const resource = resources.get(name);
    if (resource !== undefined) return referenceTo(resource, text, place);
    if (name in parameters) return asObject(parameters[name]).Default ?? '';
    throw new StartProblem(`The template refers to ${name}, which it does not define.`);
  }

  function attributeOf(logicalId: string, attribute: string): Json {
    const resource = resources.get(logicalId);
    if (resource === undefined)
      throw new StartProblem(`The template refers to ${logicalId}, which it does not define.`);
    return attributeValue(resource, attribute, text, place);
  }

  /** `Fn::Sub` of names; those of attributes and variables of its own are not supported. */
  function substitute(pattern: string): string {
    return pattern.replace(/\$\{([^}]+)\}/g, (_whole, name: string) => asString(reference(name)) ?? '');
  }

  return resolve;
}

const noValue = '\u0000AWS::NoValue';

function isNoValue(value: Json): boolean {
  return value === noValue;
}

function pseudoParameter(name: string, place: Place): string | undefined {
  switch (name) {
    case 'AWS::Region':
      return place.region;
    case 'AWS::AccountId':
      return place.account;
    case 'AWS::Partition':
      return place.partition;
    case 'AWS::StackName':
      return place.stack;
    case 'AWS::StackId':
      return `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${place.stack}/local`;
    case 'AWS::URLSuffix':
      return urlSuffix(place);
    case 'AWS::NoValue':
      return noValue;
    default:
      return undefined;
  }
}

type Text = (value: Json | undefined) => string;

/** The property that names a resource; without it CloudFormation generates a name. */
const nameProperties: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::SES::EmailIdentity': 'EmailIdentity',
  'AWS::SES::ConfigurationSet': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
};

function physicalName(resource: Resource, text: Text, place: Place): string {
  const given = text(resource.properties[nameProperties[resource.type] ?? '']);
  if (given !== '') return given;
  const made = `${place.stack}-${resource.logicalId}`;
  return resource.type === 'AWS::S3::Bucket' ? made.toLowerCase() : made;
}

function referenceTo(resource: Resource, text: Text, place: Place): string {
  switch (resource.type) {
    case 'AWS::SecretsManager::Secret':
    case 'AWS::SNS::Topic':
      return arnOf(resource, text, place);
    case 'AWS::SQS::Queue':
      return `${queueHost(place)}/${place.account}/${physicalName(resource, text, place)}`;
    case 'AWS::ApiGatewayV2::Api':
      return shortHash(resource.logicalId);
    case 'AWS::ApiGatewayV2::Integration':
      return resource.logicalId;
    default:
      return physicalName(resource, text, place);
  }
}

function attributeValue(resource: Resource, attribute: string, text: Text, place: Place): string {
  if (attribute === 'Arn' || (attribute === 'Id' && resource.type === 'AWS::SecretsManager::Secret')) {
    return arnOf(resource, text, place);
  }
  if (attribute === 'StreamArn') return `${arnOf(resource, text, place)}/stream/2026-01-01T00:00:00.000`;
  if (attribute === 'ApiEndpoint') return apiEndpoint(shortHash(resource.logicalId), place);
  if (attribute === 'QueueName') return physicalName(resource, text, place);
  if (attribute === 'QueueUrl') return referenceTo(resource, text, place);
  return `${physicalName(resource, text, place)}.${attribute}`;
}

function arnOf(resource: Resource, text: Text, place: Place): string {
  const name = physicalName(resource, text, place);
  const arn = (service: string, rest: string) =>
    `arn:${place.partition}:${service}:${place.region}:${place.account}:${rest}`;
  switch (resource.type) {
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return arn('dynamodb', `table/${name}`);
    case 'AWS::Lambda::Function':
      return arn('lambda', `function:${name}`);
    case 'AWS::IAM::Role':
      return `arn:${place.partition}:iam::${place.account}:role/${name}`;
    case 'AWS::SQS::Queue':
      return arn('sqs', name);
    case 'AWS::SNS::Topic':
      return arn('sns', name);
    case 'AWS::SecretsManager::Secret':
      // AWS appends six characters of its own; a hash keeps them the same from start to start.
      return arn('secretsmanager', `secret:${name}-${shortHash(name).slice(0, 6)}`);
    case 'AWS::Events::Rule':
      return arn('events', `rule/${name}`);
    case 'AWS::S3::Bucket':
      return `arn:${place.partition}:s3:::${name}`;
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${name}:*`);
    default:
      return arn('local', `${resource.type}/${name}`);
  }
}

/** The ARN of one of the template's resources. */
export function arnOfResource(template: Template, { logicalId }: Resource): string {
  return asString(template.resolve({ 'Fn::GetAtt': [logicalId, 'Arn'] })) ?? '';
}

function urlSuffix({ partition }: Place): string {
  return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** The partition of a region: China and GovCloud have their own. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The address of an API on AWS; the local address replaces it in the environment of functions. */
export function apiEndpoint(apiId: string, place: Place): string {
  return `https://${apiId}.execute-api.${place.region}.${urlSuffix(place)}`;
}

/** The host of queue URLs on AWS; the local endpoint replaces it in the environment of functions. */
export function queueHost(place: Place): string {
  return `https://sqs.${place.region}.${urlSuffix(place)}`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

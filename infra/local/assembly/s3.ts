import type { JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { arnOfResource, type Resource, type Template } from './template.ts';

export type BucketCors = {
  origins: string[];
  methods: string[];
  headers: string[];
  exposed: string[];
  maxAgeSeconds: number | undefined;
};

export type BucketModel = {
  name: string;
  arn: string;
  /** Whether its events are published to the default event bus. */
  sendsEvents: boolean;
  cors: BucketCors[];
};

/** Reads the buckets of the template. @throws StartProblem for a bucket without versions */
export function bucketModels(template: Template): BucketModel[] {
  return template.ofType('AWS::S3::Bucket').map((resource) => bucketModel(template, resource));
}

function bucketModel(template: Template, resource: Resource): BucketModel {
  const properties = template.properties(resource);
  if (asObject(properties.VersioningConfiguration).Status !== 'Enabled')
    throw new StartProblem(
      `The bucket ${resource.logicalId} is not versioned; the local stack has only versioned buckets.`,
    );
  const toEventBridge = asObject(asObject(properties.NotificationConfiguration).EventBridgeConfiguration);
  return {
    name: asString(template.resolve({ Ref: resource.logicalId })) ?? '',
    arn: arnOfResource(template, resource),
    sendsEvents: toEventBridge.EventBridgeEnabled === true,
    cors: asList(asObject(properties.CorsConfiguration).CorsRules).map((rule) => corsRule(asObject(rule))),
  };
}

function corsRule(rule: JsonObject): BucketCors {
  return {
    origins: asStrings(rule.AllowedOrigins),
    methods: asStrings(rule.AllowedMethods),
    headers: asStrings(rule.AllowedHeaders).map((name) => name.toLowerCase()),
    exposed: asStrings(rule.ExposedHeaders),
    maxAgeSeconds: asNumber(rule.MaxAge),
  };
}

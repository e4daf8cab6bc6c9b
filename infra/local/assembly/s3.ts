import type { JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../shared/json.ts';
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
  versioned: boolean;
  /** Whether its events go to the default event bus. */
  sendsEvents: boolean;
  cors: BucketCors[];
};

/** Reads the buckets of the template: what of them can be noticed from outside. */
export function bucketModels(template: Template): BucketModel[] {
  return template.ofType('AWS::S3::Bucket').map((resource) => bucketModel(template, resource));
}

function bucketModel(template: Template, resource: Resource): BucketModel {
  const properties = template.properties(resource);
  const toEventBridge = asObject(asObject(properties.NotificationConfiguration).EventBridgeConfiguration);
  return {
    name: asString(template.resolve({ Ref: resource.logicalId })) ?? '',
    arn: arnOfResource(template, resource),
    versioned: asObject(properties.VersioningConfiguration).Status === 'Enabled',
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

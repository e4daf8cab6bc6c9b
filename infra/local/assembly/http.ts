import { parseRouteKey, type RouteKey } from '../gateway/route-match.ts';
import type { JsonObject } from '../shared/json.ts';
import { asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { type FunctionNames, functionBehind } from './function-names.ts';
import { apiEndpoint, type Resource, type Template } from './template.ts';

export type AuthorizerModel = {
  logicalId: string;
  functionName: string;
  identitySources: string[];
  cacheSeconds: number;
};

export type RouteModel = RouteKey & {
  functionName: string;
  timeoutMillis: number;
  authorizer: AuthorizerModel | undefined;
};

export type CorsModel = {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  allowCredentials: boolean;
  maxAge: number | undefined;
};

export type ApiModel = {
  id: string;
  endpoint: string;
  stage: string;
  routes: RouteModel[];
  cors: CorsModel | undefined;
};

/** Reads the stack's HTTP API: routes, authorizers and CORS. */
export function apiModel(template: Template, nameByArn: FunctionNames): ApiModel | undefined {
  const [resource] = template
    .ofType('AWS::ApiGatewayV2::Api')
    .filter((api) => template.properties(api).ProtocolType === 'HTTP');
  if (resource === undefined) return undefined;
  const id = asString(template.resolve({ Ref: resource.logicalId })) ?? '';
  const routes = template.ofType('AWS::ApiGatewayV2::Route').filter((route) => template.properties(route).ApiId === id);
  return {
    id,
    endpoint: apiEndpoint(id, template.place),
    stage: '$default',
    routes: routes.map((route) => routeModel(template, route, nameByArn)),
    cors: corsModel(asObject(template.properties(resource).CorsConfiguration)),
  };
}

function routeModel(template: Template, resource: Resource, nameByArn: FunctionNames): RouteModel {
  const properties = template.properties(resource);
  const key = parseRouteKey(asString(properties.RouteKey) ?? '');
  const integration = template.resources.get((asString(properties.Target) ?? '').replace('integrations/', ''));
  if (integration === undefined) throw new StartProblem(`Route ${key.routeKey} has no integration.`);
  const settings = template.properties(integration);
  return {
    ...key,
    functionName: functionBehind(asString(settings.IntegrationUri), nameByArn, `route ${key.routeKey}`),
    timeoutMillis: asNumber(settings.TimeoutInMillis) ?? 30_000,
    authorizer: authorizerModel(template, key.routeKey, properties, nameByArn),
  };
}

function authorizerModel(
  template: Template,
  routeKey: string,
  route: JsonObject,
  nameByArn: FunctionNames,
): AuthorizerModel | undefined {
  const kind = asString(route.AuthorizationType) ?? 'NONE';
  if (kind === 'NONE') return undefined;
  const resource = template
    .ofType('AWS::ApiGatewayV2::Authorizer')
    .find((authorizer) => template.resolve({ Ref: authorizer.logicalId }) === route.AuthorizerId);
  const properties = resource === undefined ? {} : template.properties(resource);
  const simple = properties.AuthorizerPayloadFormatVersion === '2.0' && properties.EnableSimpleResponses === true;
  if (kind !== 'CUSTOM' || resource === undefined || !simple) {
    throw new StartProblem(
      `Route ${routeKey} is authorized by ${kind}; the local stack knows Lambda authorizers with payload 2.0 and simple responses.`,
    );
  }
  const identitySources = asStrings(properties.IdentitySource);
  return {
    logicalId: resource.logicalId,
    functionName: functionBehind(asString(properties.AuthorizerUri), nameByArn, `the authorizer of ${routeKey}`),
    identitySources,
    cacheSeconds: identitySources.length === 0 ? 0 : (asNumber(properties.AuthorizerResultTtlInSeconds) ?? 300),
  };
}

function corsModel(cors: JsonObject): CorsModel | undefined {
  if (Object.keys(cors).length === 0) return undefined;
  return {
    allowOrigins: asStrings(cors.AllowOrigins),
    allowMethods: asStrings(cors.AllowMethods),
    allowHeaders: asStrings(cors.AllowHeaders),
    exposeHeaders: asStrings(cors.ExposeHeaders),
    allowCredentials: cors.AllowCredentials === true,
    maxAge: asNumber(cors.MaxAge),
  };
}

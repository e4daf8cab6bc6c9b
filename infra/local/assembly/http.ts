import { parseRouteKey, type RouteKey } from '../gateway/route-match.ts';
import type { JsonObject } from '../shared/json.ts';
import { asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { type FunctionNames, resolveFunctionName } from './function-names.ts';
import { apiEndpoint, type Resource, type Template } from './template.ts';

export type RouteModel = RouteKey & { functionName: string; timeoutMillis: number };

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

/** Reads the stack's HTTP API: routes and CORS. @throws StartProblem for a route with an authorizer */
export function readApi(template: Template, nameByArn: FunctionNames): ApiModel | undefined {
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
    routes: routes.map((route) => readRoute(template, route, nameByArn)),
    cors: readCors(asObject(template.properties(resource).CorsConfiguration)),
  };
}

function readRoute(template: Template, resource: Resource, nameByArn: FunctionNames): RouteModel {
  const properties = template.properties(resource);
  const key = parseRouteKey(asString(properties.RouteKey) ?? '');
  const authorization = asString(properties.AuthorizationType) ?? 'NONE';
  if (authorization !== 'NONE')
    throw new StartProblem(
      `Route ${key.routeKey} has an authorizer of type ${authorization}; the local stack has no authorizers.`,
    );
  const integration = template.resources.get((asString(properties.Target) ?? '').replace('integrations/', ''));
  if (integration === undefined) throw new StartProblem(`Route ${key.routeKey} has no integration.`);
  const settings = template.properties(integration);
  return {
    ...key,
    functionName: resolveFunctionName(asString(settings.IntegrationUri), nameByArn, `route ${key.routeKey}`),
    timeoutMillis: asNumber(settings.TimeoutInMillis) ?? 30_000,
  };
}

function readCors(cors: JsonObject): CorsModel | undefined {
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

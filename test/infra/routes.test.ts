import { globSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contracts } from '../../functions/contracts.ts';
import type { Route } from '../../lib/http/contract.ts';
import { folderOf, resources, templateOf } from './synthesized.ts';

const RouteProperties = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.literal('NONE'),
  Target: z.object({
    'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), z.object({ Ref: z.string() })])]),
  }),
});

const Integration = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  PayloadFormatVersion: z.literal('2.0'),
  IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
});
const root = resolve(import.meta.dirname, '../..');
const declared = Object.entries(contracts).flatMap(([folder, contract]) =>
  Object.values<Route>(contract).map(({ method, path }) => ({ key: `${method} ${path}`, folder })),
);

describe('the routes of the API', () => {
  const template = templateOf('dev');
  const routes = Object.values(resources(template, 'AWS::ApiGatewayV2::Route')).map(({ Properties }) =>
    RouteProperties.parse(Properties),
  );
  const integrations = resources(template, 'AWS::ApiGatewayV2::Integration');
  const functions = resources(template, 'AWS::Lambda::Function');

  function folderBehind(integrationId: string): string {
    const { IntegrationUri } = Integration.parse(integrations[integrationId]?.Properties);
    return folderOf(functions[IntegrationUri['Fn::GetAtt'][0]]);
  }

  it('the routes are those of the contracts, each once, and two for preflight requests and everything else', () => {
    const expected = [...declared.map(({ key }) => key), 'OPTIONS /{proxy+}', '$default'];
    expect(declared.length).toBeGreaterThan(0);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(expected.sort());
  });

  it('every contract file stands in the registry', () => {
    const folders = globSync('functions/*/contract.ts', { cwd: root }).map((file) => basename(dirname(file)));
    // The relay's contract is one with its queues.
    expect(Object.keys(contracts).sort()).toEqual(folders.filter((folder) => folder !== 'relay').sort());
  });

  it('no route has an authorizer: callers are resolved inside the functions', () => {
    for (const { RouteKey, AuthorizationType } of routes) expect(AuthorizationType, RouteKey).toBe('NONE');
    expect(resources(template, 'AWS::ApiGatewayV2::Authorizer')).toEqual({});
  });

  it('a route leads to the function of its contract, and everything else to the documentation', () => {
    const folders = new Map([
      ['$default', 'docs'],
      ['OPTIONS /{proxy+}', 'docs'],
      ...declared.map(({ key, folder }): [string, string] => [key, folder]),
    ]);
    for (const { RouteKey, Target } of routes)
      expect(folderBehind(Target['Fn::Join'][1][1].Ref), RouteKey).toBe(folders.get(RouteKey));
  });

  it('browsers may call the API from the origins of the stage, with the headers that it uses', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['http://localhost:3000', 'http://localhost:5173'],
        AllowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        AllowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Act-As'],
        ExposeHeaders: [
          'ETag',
          'Location',
          'Retry-After',
          'Idempotency-Replayed',
          'Idempotency-Not-Kept',
          'x-request-id',
        ],
      },
    });
  });

  it('routes and integrations are deployed five at a time, because API Gateway accepts ten changes a second', () => {
    const all = { ...resources(template, 'AWS::ApiGatewayV2::Route'), ...integrations };
    const waiting = Object.values(all).map(({ DependsOn = [] }) => DependsOn.filter((id) => id in all));
    expect(waiting.filter((others) => others.length === 0)).toHaveLength(5);
    const awaited = waiting.flat();
    expect(awaited).toHaveLength(Object.keys(all).length - 5);
    expect(new Set(awaited).size).toBe(awaited.length);
  });

  it('the log group of the gateway has the prefix that needs no policy of the account, and a name of its own', () => {
    const groups = Object.values(resources(template, 'AWS::Logs::LogGroup'));
    const [api] = Object.keys(resources(template, 'AWS::ApiGatewayV2::Api'));
    expect(groups.flatMap(({ Properties }) => Properties.LogGroupName ?? [])).toEqual([
      { 'Fn::Join': ['', ['/aws/vendedlogs/Clientele-dev/', { Ref: api }]] },
    ]);
  });

  it('requests are throttled, and logged without the address of the caller', () => {
    const [stage] = Object.values(resources(template, 'AWS::ApiGatewayV2::Stage'));
    expect(stage?.Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingBurstLimit: 200, ThrottlingRateLimit: 100 },
    });
    const { Format } = z.object({ Format: z.string() }).parse(stage?.Properties.AccessLogSettings);
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(Format).not.toMatch(/identity|sourceIp|userAgent|\$context\.path/);
  });
});

import { globSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Contract } from '../../lib/http/contract.ts';
import { folderOf, resources, templateOf } from './synthesized.ts';

const root = resolve(import.meta.dirname, '../..');
const Route = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']),
  AuthorizerId: z.object({ Ref: z.string() }).optional(),
  Target: z.object({
    'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), z.object({ Ref: z.string() })])]),
  }),
});

const Integration = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  PayloadFormatVersion: z.literal('2.0'),
  IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
});
const Routes = z.record(z.string(), z.object({ method: z.string(), path: z.string(), access: z.unknown() }));

/** The routes of every contract, found by its file, so that none can be forgotten in the stack. */
async function declaredRoutes() {
  const files = globSync('functions/*/contract.ts', { cwd: root });
  const found = files.map(async (file) => {
    const module: Record<string, unknown> = await import(resolve(root, file));
    return Object.values(module)
      .filter(isContract)
      .flatMap((contract) => Object.values(contract))
      .map(({ method, path, access }) => ({
        key: `${method} ${path}`,
        open: access === 'public',
        folder: basename(dirname(file)),
      }));
  });
  return (await Promise.all(found)).flat();
}

/** A contract file may also export the schemas that its tests use. */
function isContract(exported: unknown): exported is Contract {
  return Routes.safeParse(exported).success;
}

describe('the routes of the API', () => {
  const template = templateOf('dev');
  const routes = Object.values(resources(template, 'AWS::ApiGatewayV2::Route')).map(({ Properties }) =>
    Route.parse(Properties),
  );
  const [authorizerId, authorizer] = Object.entries(resources(template, 'AWS::ApiGatewayV2::Authorizer'))[0] ?? [];
  const integrations = resources(template, 'AWS::ApiGatewayV2::Integration');
  const functions = resources(template, 'AWS::Lambda::Function');
  let declared: Awaited<ReturnType<typeof declaredRoutes>> = [];

  beforeAll(async () => {
    declared = await declaredRoutes();
  });

  function folderBehind(integrationId: string): string {
    const { IntegrationUri } = Integration.parse(integrations[integrationId]?.Properties);
    return folderOf(functions[IntegrationUri['Fn::GetAtt'][0]]);
  }

  it('the routes are those of the contracts, each once, and one for everything else', () => {
    const expected = [...declared.map(({ key }) => key), '$default'];
    expect(declared.length).toBeGreaterThan(0);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(expected.sort());
  });

  it('a route asks the authorizer unless its contract says public', () => {
    const open = new Set(['$default', ...declared.filter((route) => route.open).map(({ key }) => key)]);
    for (const route of routes) {
      const expected = open.has(route.RouteKey) ? ['NONE', undefined] : ['CUSTOM', authorizerId];
      expect([route.AuthorizationType, route.AuthorizerId?.Ref], route.RouteKey).toEqual(expected);
    }
    expect(routes.some(({ AuthorizationType }) => AuthorizationType === 'CUSTOM')).toBe(true);
  });

  it('a route leads to the function of its contract, and everything else to the documentation', () => {
    const folders = new Map([
      ['$default', 'docs'],
      ...declared.map(({ key, folder }): [string, string] => [key, folder]),
    ]);
    for (const { RouteKey, Target } of routes)
      expect(folderBehind(Target['Fn::Join'][1][1].Ref), RouteKey).toBe(folders.get(RouteKey));
  });

  it('the authorizer is asked every time and never cached', () => {
    expect(authorizer?.Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
    });
    expect(authorizer?.Properties.IdentitySource ?? []).toEqual([]);
  });

  it('browsers may call the API from the origins of the stage, with the headers that it uses', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['http://localhost:3000', 'http://localhost:5173'],
        AllowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        AllowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Act-As'],
        ExposeHeaders: ['ETag', 'Location', 'Retry-After', 'Idempotency-Replayed', 'x-request-id'],
      },
    });
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

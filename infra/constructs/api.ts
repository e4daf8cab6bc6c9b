import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnIntegration,
  CfnRoute,
  CorsHttpMethod,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Contract } from '../../lib/http/contract.ts';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';
import type { Feature } from './feature.ts';

/** The source address is left out, because it is personal data and operating the API does not need it. */
const accessLog = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    routeKey: '$context.routeKey',
    status: '$context.status',
    latency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** Why routes that are not public have no authorizer in API Gateway. */
const AUTHORIZED_IN_FUNCTION =
  'The function resolves the bearer token itself and denies by default. An authorizer would be a second invocation.';

/**
 * API Gateway accepts ten changes a second of its routes and integrations. Each takes about a second, so this many at a
 * time stay below that, and CloudFormation is not throttled.
 */
const lanes = 5;

/** The HTTP API. The function of a route decides who may call it, by its contract. */
export class Api extends Construct {
  readonly http: HttpApi;
  /** Routes and integrations, in the order in which they are deployed. */
  private readonly deployed: CfnResource[] = [];

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.http = new HttpApi(this, 'Http', {
      apiName: stage.stackName,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...stage.allowedOrigins],
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.POST,
          CorsHttpMethod.PUT,
          CorsHttpMethod.PATCH,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Act-As'],
        exposeHeaders: [
          'ETag',
          'Location',
          'Retry-After',
          'Idempotency-Replayed',
          'Idempotency-Not-Kept',
          'x-request-id',
        ],
        maxAge: Duration.hours(2),
      },
    });
    const logs = new LogGroup(this, 'AccessLogs', {
      // Without this prefix each API adds itself to a policy of the account, which holds a few dozen. The id makes the
      // name unique: a stack that was destroyed leaves its log group behind.
      logGroupName: `/aws/vendedlogs/${stage.stackName}/${this.http.apiId}`,
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: stage.throttle.rate, burstLimit: stage.throttle.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: accessLog },
    });
  }

  get url(): string {
    return this.http.apiEndpoint;
  }

  /** Routes every operation of the contract to the feature. */
  serve(feature: Feature, contract: Contract): void {
    for (const { method, path, access } of Object.values(contract))
      this.route(
        feature,
        `${method} ${path}`,
        access === 'public' ? 'The contract declares the route public.' : AUTHORIZED_IN_FUNCTION,
      );
  }

  /**
   * Routes what is in no contract to the feature: all other paths, and preflight requests. Without a route of their own
   * `$default` would catch these too. The gateway adds the CORS headers to what the feature answers.
   */
  serveRest(feature: Feature): void {
    this.route(feature, '$default', 'It answers 404 to everybody and reads nothing.');
    this.route(feature, 'OPTIONS /{proxy+}', 'Browsers send preflight requests without credentials.');
  }

  private route(feature: Feature, routeKey: string, whyNoAuthorizer: string): void {
    const route = new CfnRoute(this, routeKey, {
      apiId: this.http.apiId,
      routeKey,
      target: this.integrate(feature),
      authorizationType: 'NONE',
    });
    acknowledge(route, 'AwsSolutions-APIG4', whyNoAuthorizer);
    this.deployInTurn(route);
  }

  /** Deploys the resource after the one that is `lanes` before it. */
  private deployInTurn(resource: CfnResource): void {
    const before = this.deployed.at(-lanes);
    if (before) resource.addResourceDependency(before);
    this.deployed.push(resource);
  }

  /** The integration of the feature, shared by all its routes. */
  private integrate(feature: Feature): string {
    const existing = feature.node.tryFindChild('Integration');
    if (existing instanceof CfnIntegration) return `integrations/${existing.ref}`;
    const integration = new CfnIntegration(feature, 'Integration', {
      apiId: this.http.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: feature.function.functionArn,
      payloadFormatVersion: '2.0',
    });
    this.deployInTurn(integration);
    // One permission for all routes: one for each would exceed the 20 KB that the policy of a function may have.
    feature.function.addPermission('Api', {
      scope: feature,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.http.apiId,
        resourceName: '*/*',
      }),
    });
    return `integrations/${integration.ref}`;
  }
}

import { Duration, Stack } from 'aws-cdk-lib';
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

/** The source address is left out: it is personal data and nobody needs it to operate the API. */
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

/** Why routes that are not public have no authorizer of the gateway. */
const RESOLVED_INSIDE =
  'The frame inside the function resolves the bearer and denies by default: an authorizer would be a second invocation.';

/** The HTTP API. Who may call a route is decided inside its function, by its contract. */
export class Api extends Construct {
  readonly http: HttpApi;

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
        exposeHeaders: ['ETag', 'Location', 'Retry-After', 'Idempotency-Replayed', 'x-request-id'],
        maxAge: Duration.hours(2),
      },
    });
    const logs = new LogGroup(this, 'AccessLogs', {
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

  /** Every route of the contract goes to the feature. */
  serve(feature: Feature, contract: Contract): void {
    for (const { method, path, access } of Object.values(contract))
      this.route(feature, `${method} ${path}`, access === 'public' ? 'Public by its contract.' : RESOLVED_INSIDE);
  }

  /** Every path that no contract has goes to the feature, which answers in its own words. */
  serveTheRest(feature: Feature): void {
    this.route(feature, '$default', 'Answers 404 to everybody and reads nothing.');
  }

  private route(feature: Feature, routeKey: string, whyNoAuthorizer: string): void {
    const route = new CfnRoute(this, routeKey, {
      apiId: this.http.apiId,
      routeKey,
      target: this.integrate(feature),
      authorizationType: 'NONE',
    });
    acknowledge(route, 'AwsSolutions-APIG4', whyNoAuthorizer);
  }

  /** The integration of the feature, which all its routes share. */
  private integrate(feature: Feature): string {
    const known = feature.node.tryFindChild('Integration');
    if (known instanceof CfnIntegration) return `integrations/${known.ref}`;
    const integration = new CfnIntegration(feature, 'Integration', {
      apiId: this.http.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: feature.function.functionArn,
      payloadFormatVersion: '2.0',
    });
    // One permission for all its routes: one for each would outgrow the 20 KB that a function's own policy may have.
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

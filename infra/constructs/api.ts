import { Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnAuthorizer,
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
    authorizerError: '$context.authorizer.error',
  }),
);

/** The HTTP API. A route asks the authorizer unless its contract says that it is public. */
export class Api extends Construct {
  readonly http: HttpApi;
  private authorizer: CfnAuthorizer | undefined;

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

  /**
   * Has the feature say who calls, before every route that is not public. Without identity sources the gateway asks it
   * even where the header is missing, so that each refusal is problem+json of ours; without a cache a changed role
   * counts from the next request on.
   */
  authorizeWith(feature: Feature): void {
    this.authorizer = new CfnAuthorizer(this, 'Authorizer', {
      apiId: this.http.apiId,
      name: 'Authorizer',
      authorizerType: 'REQUEST',
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      authorizerResultTtlInSeconds: 0,
      authorizerUri: invocationUri(feature),
    });
    this.mayInvoke(feature, `authorizers/${this.authorizer.ref}`);
  }

  /** Every route of the contract goes to the feature. */
  serve(feature: Feature, contract: Contract): void {
    const target = this.integrate(feature);
    for (const { method, path, access } of Object.values(contract)) {
      const routeKey = `${method} ${path}`;
      if (access === 'public') this.openRoute(routeKey, target, 'Public by its contract.');
      else this.closedRoute(routeKey, target);
    }
  }

  /** What no contract knows goes to the feature, which answers in its own words. */
  serveTheRest(feature: Feature): void {
    this.openRoute('$default', this.integrate(feature), 'Answers 404 to everybody and reads nothing.');
  }

  private closedRoute(routeKey: string, target: string): void {
    if (!this.authorizer)
      throw new Error(`${routeKey} is not public, and nothing says who calls: authorizeWith comes first.`);
    const authorizerId = this.authorizer.ref;
    new CfnRoute(this, routeKey, {
      apiId: this.http.apiId,
      routeKey,
      target,
      authorizationType: 'CUSTOM',
      authorizerId,
    });
  }

  private openRoute(routeKey: string, target: string, reason: string): void {
    const apiId = this.http.apiId;
    const route = new CfnRoute(this, routeKey, { apiId, routeKey, target, authorizationType: 'NONE' });
    acknowledge(route, 'AwsSolutions-APIG4', reason);
  }

  /** The way to the feature, once: all its routes share it. */
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
    this.mayInvoke(feature, '*/*');
    return `integrations/${integration.ref}`;
  }

  private mayInvoke(feature: Feature, caller: string): void {
    const { apiId } = this.http;
    feature.function.addPermission('Api', {
      scope: feature,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'execute-api', resource: apiId, resourceName: caller }),
    });
  }
}

function invocationUri(feature: Feature): string {
  const { partition, region } = Stack.of(feature);
  return `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${feature.function.functionArn}/invocations`;
}

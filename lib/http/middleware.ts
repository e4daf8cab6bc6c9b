import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { HttpEvent, HttpResult } from './event.ts';

/**
 * Adds the request's id to every log line and to the response, and ends each request with a log line and metrics of status
 * and duration.
 */
export function requestTrace(
  logger: Logger,
  metrics: Metrics,
  operationOf: (routeKey: string) => string | undefined,
): MiddlewareObj<HttpEvent, HttpResult> {
  const started = new WeakMap<HttpEvent, number>();

  function close(event: HttpEvent, response: HttpResult | undefined): void {
    if (response)
      response.headers = {
        'cache-control': 'no-store',
        ...response.headers,
        'x-request-id': event.requestContext.requestId,
      };
    const durationMs = Math.round(performance.now() - (started.get(event) ?? performance.now()));
    const status = response?.statusCode ?? 500;
    logger.info('answered', { status, durationMs });
    // A property of the line, not a dimension: with one, CloudWatch would bill three metrics for each operation.
    metrics.addMetadata('operation', operationOf(event.routeKey) ?? 'none');
    metrics.addMetric('Duration', MetricUnit.Milliseconds, durationMs);
    metrics.addMetric('Refused', MetricUnit.Count, status >= 400 && status < 500 ? 1 : 0);
    metrics.addMetric('Failed', MetricUnit.Count, status >= 500 ? 1 : 0);
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }

  return {
    before({ event }) {
      started.set(event, performance.now());
      logger.appendKeys({
        requestId: event.requestContext.requestId,
        operation: operationOf(event.routeKey) ?? 'none',
      });
    },
    after: ({ event, response }) => close(event, response ?? undefined),
    onError: ({ event, response }) => close(event, response ?? undefined),
  };
}

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Security headers for browsers. We set them ourselves because middy's http-security-headers cannot leave out its defaults for
 * pages (sandbox, upgrade-insecure-requests, …), which break the reference page on a laptop.
 */
export function securityHeaders(contentSecurityPolicy = API_POLICY): MiddlewareObj<HttpEvent, HttpResult> {
  function add({ response }: { response: HttpResult | null | undefined }): void {
    if (!response) return;
    response.headers = {
      'content-security-policy': contentSecurityPolicy,
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...response.headers,
    };
  }
  return { after: add, onError: add };
}

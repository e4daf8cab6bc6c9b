import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { expect, it, vi } from 'vitest';
import type { HttpEvent, HttpResult } from '../../lib/http/event.ts';
import { requestTrace } from '../../lib/http/middleware.ts';
import { requestWith } from '../support/http-event.ts';

it('metrics are billed per function: the operation is a property, and no dimension', async () => {
  const metrics = new Metrics({ namespace: 'Test', serviceName: 'clients' });
  const lines: unknown[] = [];
  vi.spyOn(metrics, 'publishStoredMetrics').mockImplementation(() => {
    lines.push(metrics.serializeMetrics());
    metrics.clearMetrics();
    metrics.clearMetadata();
    return metrics;
  });
  const handler = middy<HttpEvent, HttpResult>()
    .use(requestTrace(new Logger({ logLevel: 'SILENT' }), metrics, () => 'listClients'))
    .handler(async () => ({ statusCode: 404, headers: {} }));

  for (let calls = 0; calls < 2; calls++) await handler(requestWith({ body: '' }), {} as Context);

  expect(lines).toEqual(
    [1, 2].map(() =>
      expect.objectContaining({
        _aws: expect.objectContaining({
          CloudWatchMetrics: [expect.objectContaining({ Namespace: 'Test', Dimensions: [['service']] })],
        }),
        service: 'clients',
        operation: 'listClients',
        Refused: 1,
        Failed: 0,
      }),
    ),
  );
});

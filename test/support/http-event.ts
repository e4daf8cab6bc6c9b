import type { HttpEvent } from '../../lib/http/event.ts';

interface RequestParts {
  body: string;
  contentType?: string;
  query?: Record<string, string>;
}

/** The event of a POST request, as API Gateway sends it to a function. */
export function requestWith({ body, contentType = 'application/json', query = {} }: RequestParts): HttpEvent {
  return {
    version: '2.0',
    routeKey: 'POST /',
    rawPath: '/',
    rawQueryString: '',
    queryStringParameters: query,
    headers: { 'content-type': contentType },
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '',
      domainPrefix: '',
      requestId: 'request',
      routeKey: 'POST /',
      stage: '$default',
      time: '',
      timeEpoch: 0,
      http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
    },
    body,
    isBase64Encoded: false,
  };
}

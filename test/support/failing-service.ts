import { once } from 'node:events';
import { createServer } from 'node:http';

/** What happens to one request: an answer, a connection that breaks, or silence. */
export type Answer = { status: number; body?: string } | 'broken' | 'silent';

export interface FailingService {
  url: string;
  /** The method of each request so far. */
  requests: string[];
  /** Connections opened so far. */
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A service whose requests are answered as given, one after the other; those after the last are left without an answer. For
 * the faults that the local services cannot produce: the real client reads them, retries them and times out.
 */
export async function failingService(...answers: Answer[]): Promise<FailingService> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request.method ?? '');
    const answer = answers.shift() ?? 'silent';
    if (answer === 'silent') return;
    if (answer === 'broken') return void request.socket.destroy();
    request.resume().once('end', () => response.writeHead(answer.status).end(answer.body));
  });
  server.on('connection', () => {
    connections++;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lets clients that are opened from now on find the service, as functions do: through the environment. */
export function useService(
  variable: `AWS_ENDPOINT_URL_${'DYNAMODB' | 'S3' | 'SECRETS_MANAGER' | 'SES' | 'SQS'}` | 'AWS_ENDPOINT_URL',
  url: string,
) {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    [variable]: url,
  });
}
